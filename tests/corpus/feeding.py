"""Every form is shown, filled with the corpus and sent; then every address is asked with it."""

from dataclasses import dataclass, field
from functools import cache
from zlib import crc32

from django.forms import BaseForm
from wagtail.blocks.base import BlockField

from common.text.typed_text import is_readable, tidy_line
from tests.corpus import blocks
from tests.corpus.asking import ask
from tests.corpus.forms import forms_of, has_search, names_in, queries_of, refusals_of, without_ids
from tests.corpus.reading import open_strictly
from tests.corpus.strings import MARK, NUMBERS, OF_KIND, TAME
from tests.corpus.uploads import uploads_for

ROUNDS = 1
"""Of what may be refused; each field gets another one of its kind in each. `fields.py` tries all on all."""
ODD = (*OF_KIND["text"], *NUMBERS, *TAME)
SHORT = 60
SIGN_IN = "/admin/login/"
UNWELL = ("/health/", "/health/sell/")
"""503, as it should, without a worker."""
MOST_FOUND = 3
NOT_FOUND = "/admin/users/"
"""Accounts are found by parts of a name, not by first and last name together where both hold the same word."""
MACHINES = {"csrfmiddlewaretoken", "next", "homepage"}
"""Not typed by anybody: a token, a way back, a trap for programs."""
PLAIN = {
    "slug": "quenvais",
    "hostname": "quenvais.je",
    "username": "quenvais",
    "code": "QUENVAIS",
    "old_path": "/Quenvais",
}
PLAIN |= {"new_slug": "quenvais-2", "postcode": "JE2 3AB", "insisted": "", "amount": "1.00"}
"""Text of a narrow kind: with a name in it the whole form is refused."""
VALID = {
    "date": "12/12/2026 19:30",
    "number": "2",
    "email": "ana@example.je",
    "url": "https://example.je/",
    "text": MARK,
}
DAYS = ("_on", "_from", "_until", "_date")
CHOSEN = {"poster": "image", "image": "image", "venue": "venue", "organiser": "organiser", "sale": "shown_sale"}
PUBLISHED = ("action-publish",)


@dataclass
class Feeding:
    clients: dict
    rows: dict
    fields: set = field(default_factory=set)
    seen: set = field(default_factory=set)
    stored: set = field(default_factory=set)
    opened: dict = field(default_factory=dict)
    """What each address answered before."""
    tried: int = 0
    wrong: list = field(default_factory=list)
    last: str = ""
    signed_out: list = field(default_factory=list)

    def ask(self, role, verb, path, **given):
        answer = ask(self.clients[role], verb, path, **given)
        if answer.place.startswith(SIGN_IN) and role == "administrator":
            self.sign_in_again()
            answer = ask(self.clients[role], verb, path, **given)
        if answer.status >= 500 and path not in UNWELL:
            self.wrong.append(f"{verb} {path[:120]} as {role}: {answer.status} {answer.error}")
        return answer

    def sign_in_again(self):
        """Some of what is stored ends a session, as it should."""
        self.signed_out.append(self.last)
        self.rows["administrator"].refresh_from_db()
        self.clients["administrator"].force_login(self.rows["administrator"])

    def visit(self, role, path):
        """The forms of an address that were not filled in elsewhere yet."""
        answer = self.ask(role, "GET", path)
        self.opened[role, path] = answer.status
        if answer.status != 200:
            return
        for form in forms_of(answer, path):
            if form.is_posted and form.is_typed and form.signature not in self.seen:
                self.seen.add(form.signature)
                self.feed(role, form)

    def feed(self, role, form):
        for number in range(ROUNDS):
            self.send(role, form, lambda control, number=number: hostile(control, number))
        self.send(role, form, tame)

    def send(self, role, form, value_for):
        """Filled in; then with what is valid where it was refused; then with what is valid in all that is empty."""
        typed = {each.name: value for each in form.controls.values() if (value := value_for(each)) is not None}
        typed |= stream_values(form, self.rows, value_for)
        for again in ("as typed", "without what was refused", "with what was empty"):
            answer = self.post(role, form, typed)
            if answer.stored or not same_form(form, answer):
                break
            refused = {name for shown in same_form(form, answer) for name in shown if shown[name].is_refused}
            if again == "as typed":
                self.look_at_refusal(form, typed, answer)
            typed = typed | {name: valid(form.controls[name], self.rows) for name in refused & form.controls.keys()}
            if again != "as typed":
                typed = {name: value for name in form.controls if (value := self.empty(form, name))} | typed
        if answer.stored:
            self.stored.add(form.signature)

    def empty(self, form, name):
        """What is valid for a field that a person would have to fill in."""
        control = form.controls[name]
        return "" if any(control.values) or name in MACHINES else valid(control, self.rows)

    def post(self, role, form, typed):
        self.tried += len(typed)
        self.fields |= {(form.signature[0], name) for name in typed}
        body = form.shown_body() | typed | {name: "" for name in form.buttons if name in PUBLISHED}
        answer = ask(self.clients[role], "POST", form.path, body=body, keeps=True)
        if answer.stored:
            self.last = form.path
        if answer.status >= 500 and not is_closed(answer):
            self.find_culprits(role, form, typed, answer)
        elif answer.status == 200 and not answer.stored and same_form(form, answer) and not refusals_of(answer):
            self.wrong.append(f"{form.path}: refused without a word {quoted(typed)}")
        return answer

    def find_culprits(self, role, form, typed, answer):
        """Each field by itself; all of them together where none breaks alone."""
        for name, value in typed.items():
            alone = ask(self.clients[role], "POST", form.path, body=form.shown_body() | {name: value})
            if alone.status >= 500:
                self.wrong.append(f"{form.path} {name}={value[:SHORT]!a}: {alone.status} {alone.error}")
                return
        self.wrong.append(f"{form.path} {quoted(typed)}: {answer.status} {answer.error}")

    def look_at_refusal(self, form, typed, answer):
        """What was typed stays in the field, so that it can be put right."""
        for again in same_form(form, answer):
            for name, control in again.items():
                value = typed.get(name, "")
                is_lost = control.kind in ("text", "email", "url", "date") and not any(control.values)
                if is_lost and is_readable(value) and tidy_line(value).isprintable() and not is_emptied(form, name):
                    self.wrong.append(f"{form.path} {name}={value[:SHORT]!a}: refused and no longer in its field")

    def read_again(self, role, path):
        """What is shown there now, its tables as files, and the rows of it that a search must find."""
        answer = self.open(role, path)
        if answer.status >= 400 and self.opened.get((role, path)) == 200 and path not in UNWELL:
            self.wrong.append(f"GET {path}: {answer.status} {answer.place} after it was 200")
        if answer.status == 200 and "export=csv" in answer.text:
            for kind in ("csv", "xlsx"):
                self.open(role, path, query={"export": kind})
        if answer.status == 200 and has_search(answer):
            for name in names_in(answer)[:MOST_FOUND]:
                found = self.open(role, path, query={"q": name})
                if name not in names_in(found) and not path.startswith(NOT_FOUND):
                    self.wrong.append(f"{path}: a search for {name[:SHORT]!a} does not find it")

    def open(self, role, path, **given):
        answer = self.ask(role, "GET", path, **given)
        try:
            if answer.status == 200:
                open_strictly(answer)
        except Exception as error:  # each reader has its own
            self.wrong.append(f"GET {path} {given}: does not open: {error!r:.300}")
        return answer

    def upload(self, role, path):
        """Files to each field for files, and on through the second form of an import."""
        answer = self.ask(role, "GET", path)
        for form in forms_of(answer, path) if answer.status == 200 else ():
            names = [each.name for each in form.controls.values() if each.kind == "file"]
            if names and form.is_posted and form.signature not in self.seen:
                self.seen.add(form.signature)
                for file in uploads_for(len(self.seen)):
                    self.upload_to(role, form, names, file)

    def upload_to(self, role, form, names, file):
        self.tried += len(names)
        self.fields |= {(form.signature[0], name) for name in names}
        titles = {name: f"{MARK} {name}" for name in form.controls if name.endswith("title")}
        files = dict.fromkeys(names, file)
        answer = ask(self.clients[role], "POST", form.path, body=form.shown_body() | titles, files=files, keeps=True)
        if answer.status >= 500:
            self.wrong.append(f"{form.path} {file[0]!a} {file[1][:20]}: {answer.status} {answer.error}")
        for second in forms_of(answer, form.path) if answer.status == 200 else ():
            if second.is_posted and second.path != form.path:
                choices = [each for each in second.controls.values() if each.kind == "choice" and each.options]
                picked = {each.name: each.options[number % len(each.options)] for number, each in enumerate(choices, 1)}
                answer = ask(self.clients[role], "POST", second.path, body=second.shown_body() | picked, keeps=True)
                if answer.status >= 500:
                    self.wrong.append(f"{second.path} {picked} {file[0]!a} {file[1][:20]}: {answer.error}")
        if answer.stored:
            self.stored.add(form.signature)

    def question(self, role, path):
        """The address with each parameter that its links and filters have."""
        answer = self.ask(role, "GET", path)
        if answer.status != 200:
            return
        asked = {form.path: set(form.controls) for form in forms_of(answer, path) if not form.is_posted}
        own = asked.setdefault(path, set())
        own |= {"p", "q"} | set(queries_of(answer, path))
        for where, names in asked.items():
            if (kind := (without_ids(where), *sorted(names))) not in self.seen:
                self.seen.add(kind)
                self.question_with(role, where, names)

    def question_with(self, role, path, names):
        query = {name: pick(ODD, f"{without_ids(path)}{name}", 0) for name in sorted(names) if name != "export"}
        answer = ask(self.clients[role], "GET", path, query=query)
        self.tried += len(query)
        self.fields |= {(without_ids(path), name) for name in query}
        if answer.status >= 500:
            alone = {name: ask(self.clients[role], "GET", path, query={name: value}) for name, value in query.items()}
            broken = {name: query[name][:SHORT] for name, each in alone.items() if each.status >= 500} or quoted(query)
            self.wrong.append(f"GET {path} {broken!a}: {answer.status} {answer.error}")


def is_emptied(form, name):
    """At the door the field is for the next ticket; a trap is for programs."""
    return name in MACHINES or "/scan/" in form.path


def is_closed(answer):
    """What is paused or too busy says so, in words."""
    return answer.status == 503 and bool(answer.text)


def same_form(form, answer):
    """The controls of the same form in the answer: it was not taken. Of several alike, that about the same thing. One
    that shows nothing to fill in any more asks whether what was typed is meant."""
    alike = [each for each in forms_of(answer, form.path) if each.signature[2] == form.signature[2] and is_shown(each)]
    same = [each for each in alike if hidden_of(each) == hidden_of(form)]
    return [each.controls for each in same or alike]


def is_shown(form):
    return any(each.kind != "hidden" for each in form.controls.values())


def hidden_of(form):
    hidden = [each for each in form.controls.values() if each.kind == "hidden" and each.name not in MACHINES]
    return {each.name: list(each.values) for each in hidden}


def quoted(typed):
    return ascii({name: value[:SHORT] for name, value in typed.items()})[:1_000]


def valid(control, rows):
    name = control.name.rpartition("-")[2]
    if any(control.values):
        return control.values
    if control.kind == "choice":
        return next((value for value in control.options if value), "")
    if control.kind == "hidden":
        return str(rows[CHOSEN[name]].pk) if name in CHOSEN else ""
    if control.kind == "date" and name.endswith(DAYS):
        return VALID["date"].partition(" ")[0]
    return PLAIN.get(name) or VALID.get(control.kind, "")


def hostile(control, number):
    if control.kind in ("file", "hidden", "secret") or control.name in MACHINES:
        return None
    if control.kind == "rich":
        return blocks.rich(pick(OF_KIND["text"], control.name, number).replace("\ud800", ""))
    return pick(OF_KIND[control.kind], control.name, number)


def tame(control):
    if control.kind not in ("text", "rich") or control.name in MACHINES:
        return None
    if control.kind == "text" and control.name.rpartition("-")[2] in PLAIN:
        return None if any(control.values) else PLAIN[control.name.rpartition("-")[2]]
    text = pick(TAME, control.name, 0)[: control.longest]
    return blocks.rich(text) if control.kind == "rich" else text


def pick(texts, name, number):
    return texts[(crc32(name.encode(errors="replace")) + number * (len(texts) // 2 + 1)) % len(texts)]


def stream_values(form, rows, value_for):
    found = {}
    for name in form.streams:
        if block := stream_block(name):
            for each in blocks.leaves_of(block, name):
                found |= blocks.filled(*each, rows=rows, value_for=value_for)
    return found


def form_classes(below=BaseForm):
    """Every one that was made: pages and snippets have theirs made when they are first asked for."""
    for each in below.__subclasses__():
        yield each
        yield from form_classes(each)


@cache
def stream_block(name):
    fields = (each.base_fields[name] for each in form_classes() if name in getattr(each, "base_fields", {}))
    return next((each.block for each in fields if isinstance(each, BlockField)), None)
