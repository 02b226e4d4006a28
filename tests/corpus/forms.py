"""The forms of an answer as a browser reads them, of a page or of what a modal window of Wagtail's is sent."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from tests.corpus.strings import MARK

BY_TYPE = {"email": "email", "url": "url", "number": "number", "date": "date", "time": "date", "datetime-local": "date"}
BUTTONS = ("submit", "button", "image", "reset")
TICKED = ("checkbox", "radio")
NUMBER = re.compile(r"\d+")
DATED = re.compile(r"_(?:at|on|from|until)$")
ERRORS = "//*[contains(@class, 'error') or contains(@class, 'critical') or @role='alert']"


@dataclass
class Control:
    name: str
    kind: str
    """What is typed into it: text, secret, email, url, number, date, choice, rich, file, hidden."""
    values: list
    options: list = field(default_factory=list)
    longest: int | None = None
    is_refused: bool = False


@dataclass
class Form:
    path: str
    is_posted: bool
    controls: dict = field(default_factory=dict)
    streams: tuple = ()
    """Names of fields that a script fills with blocks."""
    buttons: tuple = ()

    @property
    def signature(self):
        return without_ids(self.path), self.is_posted, tuple(sorted(self.controls))

    def shown_body(self):
        """What a browser would send of it as it is shown."""
        return {each.name: list(each.values) for each in self.controls.values() if each.kind != "file" and each.values}

    @property
    def is_typed(self):
        """Whether a person fills in any of it; whether somebody still edits a page is told by a script."""
        kinds = {each.kind for each in self.controls.values()}
        return bool(kinds - {"file", "hidden"}) and "is_editing" not in self.controls


def without_ids(path):
    return NUMBER.sub("1", path.partition("?")[0])


def forms_of(answer, path):
    tree = answer.tree
    return [] if tree is None else [read_form(tree, element, path) for element in tree.iter("form")]


def read_form(tree, element, path):
    is_posted = (element.get("method") or "get").lower() == "post"
    form = Form(urljoin(path, element.get("action") or path), is_posted)
    form.streams = tuple(each.get("id") for each in element.iterfind(".//*[@data-block]"))
    outside = tree.xpath("//*[@form=$id]", id=element.get("id")) if element.get("id") else []
    inside = [*element.iter("input", "textarea", "select", "button"), *outside]
    for each in inside:
        add_control(form, each)
    form.buttons = tuple(each.get("name") for each in inside if each.tag == "button" and each.get("name"))
    return form


def add_control(form, element):
    name, kind = element.get("name"), (element.get("type") or "text").lower()
    if not name or element.tag == "button" or kind in BUTTONS:
        return
    control = form.controls.setdefault(name, Control(name, kind_of(element, kind), [], longest=longest_of(element)))
    control.is_refused |= element.get("aria-invalid") == "true"
    control.values += values_of(element, kind)
    offered = [each.get("value", "") for each in element.iter("option")] if element.tag == "select" else []
    control.options += offered or ([element.get("value", "on")] if kind in TICKED else [])


def values_of(element, kind):
    if element.tag == "select":
        return [each.get("value", "") for each in element.iter("option") if each.get("selected") is not None]
    if element.tag == "textarea":
        return [element.text or ""]
    if kind in TICKED:
        return [element.get("value", "on")] if element.get("checked") is not None else []
    return [element.get("value", "")]


def longest_of(element):
    longest = element.get("maxlength") or ""
    return int(longest) if longest.isdigit() else None


def kind_of(element, kind):
    if element.get("data-draftail-input") is not None:
        return "rich"
    if kind in ("file", "hidden"):
        return kind
    if kind == "password":
        return "secret"
    if element.tag == "select" or kind in TICKED:
        return "choice"
    return "date" if DATED.search(element.get("name")) else BY_TYPE.get(kind, "text")


def refusals_of(answer):
    """The words that say why something was refused."""
    tree = answer.tree
    words = [each.text_content().strip() for each in tree.xpath(ERRORS)] if tree is not None else []
    return [each for each in words if each]


def queries_of(answer, path):
    """The names of all parameters that links of the page give to the address itself."""
    tree = answer.tree
    own = urlsplit(path).path
    for link in [] if tree is None else tree.xpath("//a/@href"):
        try:
            parts = urlsplit(urljoin(path, link))
        except ValueError:
            continue
        if parts.path == own:
            yield from dict(parse_qsl(parts.query, keep_blank_values=True))


def has_search(answer):
    return any("q" in form.controls for form in forms_of(answer, "/")) and names_in(answer)


def names_in(answer):
    """What the rows of a list are called, of those that hold a text of ours."""
    tree = answer.tree
    links = [] if tree is None else tree.xpath("//tbody//td//a[1]")
    names = (" ".join(each.text_content().split()) for each in links)
    return [name for name in names if MARK in name]
