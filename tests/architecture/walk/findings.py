"""What each role asks for at an address, and what of the answers must not be."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core.cache import cache

from tests.architecture.walk.expectations import (
    ADMINISTRATORS,
    BREAKS,
    NOBODY,
    NOT_IN_THE_WORLD,
    OWN,
    PUBLIC,
    STAFF,
)
from tests.architecture.walk.walking import ask, form_of
from tests.architecture.walk.world import QUERY

OUTSIDERS = ("stranger", "owing")
"""Roles that are not of the staff, or have not passed the second step. A buyer is a stranger with an order's link."""
LIMITED = ("door", "treasurer", "organiser")
CURIOUS = ("treasurer", "organiser")
VERBS = dict.fromkeys([*OUTSIDERS, *LIMITED], ("GET", "POST"))
VERBS |= {"stranger": ("GET", "HEAD", "POST", "PUT", "DELETE"), "organiser": ("GET", "POST", "PUT", "DELETE")}
NAMED_IN_FORMS = {name: name for name in ("sale", "merchant", "organiser", "venue", "collection", "user", "owner")}
NAMED_IN_FORMS |= {
    "page": "draft",
    "poster": "image",
    "parent_page": "draft",
    "new_parent_page": "draft",
    "chooser": "draft",
}
SEARCHES = re.compile(r"""name=\\?["']q\\?["']""")


@dataclass
class Findings:
    world: object
    walkers: dict
    tried: int = 0
    shown: int = 0
    """Answers in which an administrator was shown what is Ben's: there was something to find."""
    wrong: list = field(default_factory=list)

    def visit(self, address, expected, *, foreign):
        """Everybody asks with Ben's ids, Ana also with her own; the bodies are those an administrator's browser would
        send, and in hers the ids are changed to Ben's."""
        cache.clear()
        told = self.ask("administrator", "GET", address)
        body = form_of(told)
        if foreign:
            self.visit_as_administrator(address, expected, told, body)
            self.visit_as_everybody(address, expected, body)
        else:
            for verb in ("GET", "POST"):
                self.judge("organiser", verb, address, self.ask("organiser", verb, address, body=body), expected)
        if bent := bend(body, self.world.foreign):
            self.judge("organiser", "POST", address, self.ask("organiser", "POST", address, body=bent), expected)

    def visit_as_everybody(self, address, expected, body):
        for role, verbs in VERBS.items():
            for verb in verbs:
                answer = self.ask(role, verb, address, body=body)
                self.judge(role, verb, address, answer, expected, foreign=True)
                self.look_closer(role, verb, address, answer, expected)

    def visit_as_administrator(self, address, expected, told, body):
        self.shown += bool(told.names_others)
        self.judge("administrator", "GET", address, told, expected, foreign=True)
        self.judge("administrator", "POST", address, self.ask("administrator", "POST", address, body=body), expected)
        missing = told.status == 404 and address.name not in NOT_IN_THE_WORLD
        if expected == OWN and address.has_ids and missing:
            self.report("administrator", "GET", address, told, "nothing is there, so nobody could have been shown it")

    def look_closer(self, role, verb, address, answer, expected):
        """Searches, filters and downloads that the page offers."""
        if role not in CURIOUS or verb != "GET" or answer.status != 200:
            return
        for query in queries(address, answer, self.world.foreign):
            joint = "&" if "?" in address.path else "?"
            closer = type(address)(address.name, f"{address.path}{joint}{query}", address.has_ids)
            self.judge(role, verb, closer, self.ask(role, verb, closer), expected)

    def ask(self, role, verb, address, **given):
        self.tried += 1
        return ask(self.walkers[role], verb, address.path, world=self.world, **given)

    def judge(self, role, verb, address, answer, expected, *, foreign=False):
        if answer.status >= 500 and address.name not in BREAKS:
            self.report(role, verb, address, answer, "broken")
        if role != "administrator" and answer.names_others:
            self.report(role, verb, address, answer, f"shows “{around(answer.names_others)}”")
        if role != "administrator" and answer.touched:
            self.report(role, verb, address, answer, f"changes {answer.touched}")
        if must_refuse(role, expected, address, foreign=foreign) and not answer.is_refusal:
            self.report(role, verb, address, answer, f"is open, but {expected}")

    def report(self, role, verb, address, answer, what):
        self.wrong.append(f"{address.name} {verb} {address.path} as {role}: {answer.status} {answer.place} {what}")


def bend(body, foreign):
    """The same form with the ids of Ben's rows in it; nothing when it has no place for them."""
    named = {name: NAMED_IN_FORMS.get(name.rpartition("-")[2]) for name in body}
    ids = {name: foreign[row].pk for name, row in named.items() if row}
    return body | ids if ids else None


def queries(address, answer, foreign):
    if "search" in address.name or SEARCHES.search(answer.text):
        yield f"q={QUERY}"
    if "export=csv" in answer.text:
        yield from ("export=csv", "export=xlsx", f"export=csv&q={QUERY}")
    if "<select" in answer.text or "drilldown" in answer.text:
        rows = ("page", "sale", "merchant", "user", "owner", "organiser", "venue", "collection")
        yield urlencode({name: foreign[name].pk for name in rows if name in foreign} | {"owner": foreign["user"].pk})


def must_refuse(role, expected, address, *, foreign):
    if role in OUTSIDERS:
        return expected not in ((PUBLIC, STAFF) if role == "owing" else (PUBLIC,))
    if role in LIMITED:
        return expected in (ADMINISTRATORS, NOBODY) or (foreign and expected == OWN and address.has_ids)
    return expected == NOBODY


def around(found):
    text = found.string[max(0, found.start() - 60) : found.end() + 30]
    return " ".join(text.split())
