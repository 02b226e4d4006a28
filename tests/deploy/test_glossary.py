"""Whatever the glossary, the how-to pages, ARCHITECTURE.md and the rooms name is there: a path, a module, a name."""

import ast
import re
from functools import cache

import pytest

from tests.architecture.sources import module_name, parse_file, source_files
from tests.harness import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
PAGES = [GLOSSARY, *sorted((ROOT / "docs" / "how-to").glob("*.md")), ROOT / "ARCHITECTURE.md"]
OTHER_PAGES = sorted({*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")} - set(PAGES))
ROOMS = [path for path in source_files() if path.stem == "__init__" and ast.get_docstring(parse_file(path))]
SPAN = re.compile(r"`([^`]+)`")
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
FILE = re.compile(r"\w[\w.-]*\.(?:py|html|txt|md|toml|json)|[\w.-]+/(?:[\w.-]+/?)*")
TERM = re.compile(r"^\| (?!term |--)([^|]+?) \|.*\| ([^|]+?) \|$", re.MULTILINE)
TO_READ_FIRST = re.compile(r"(?:[Rr]ead|start with) `([\w.]+)`")
MADE_BY_READERS = {
    "_disk_problem",
    "delete_old_ticks",
    "disputed",
    "locale/fr/LC_MESSAGES/django.po",
    "NewsPage",
    "site/config/formats/fr/",
    "tasks.delete_old_ticks.call_local",
    "templates/events_pages/news_page.html",
    "var/mail/",
}
"""What is there once somebody did what a page says."""
OLD_NAMES = {"config.env", "config.queue"}
"""Of which CHANGELOG says what they are called today."""
OTHERS = {"i18n_patterns", "makemigrations", "makemessages"}
"""Django's."""


def by_place(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=by_place)
def test_everything_that_a_page_names_is_there(page):
    assert [name for name in names_in(page.read_text(encoding="utf-8")) if not is_there(name)] == []


@pytest.mark.parametrize("page", OTHER_PAGES, ids=by_place)
def test_what_other_pages_name_of_our_packages_is_there(page):
    """Decisions too: they tell of what was, by names that are."""
    ours = {name.partition(".")[0] for name in modules()}
    named = [
        name
        for name in names_in(page.read_text(encoding="utf-8"))
        if name.endswith(".py") or re.split(r"[./]", name)[0] in ours
    ]
    assert [name for name in named if not is_there(name)] == []


@pytest.mark.parametrize("room", ROOMS, ids=by_place)
def test_everything_that_a_room_names_is_there(room):
    docstring, here = ast.get_docstring(parse_file(room)), room.parent
    wrong = [name for name in names_in(docstring) if not is_in_room(here, name) and not is_there(name)]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS, ids=by_place)
def test_a_room_says_which_of_its_files_to_read_first(room):
    named = TO_READ_FIRST.findall(ast.get_docstring(parse_file(room)))
    assert named or room.parent.name == "formats"
    assert [name for name in named if not is_in_room(room.parent, name)] == []


def test_the_glossary_has_one_line_for_each_of_some_fifty_terms():
    terms = TERM.findall(GLOSSARY.read_text(encoding="utf-8"))
    names = [term for term, _ in terms]
    assert 30 <= len(names) == len(set(names)) <= 60
    assert [term for term, where in terms if not SPAN.findall(where)] == []


def names_in(text):
    """What stands in backticks as one word, without arguments. Commands, patterns and addresses of the site are no
    names."""
    for span in SPAN.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        word = re.split(r"\(|::", span)[0]
        if (NAME.fullmatch(word) or FILE.fullmatch(word)) and "…" not in span:
            yield word


def is_there(word):
    if word in MADE_BY_READERS | OLD_NAMES | OTHERS:
        return True
    if "/" in word:
        return any((ROOT / top / word).exists() for top in ("", "site")) or is_in_module(word.replace("/", "."))
    return word in file_names() or is_in_module(word) or is_said_in_code(word)


def is_in_room(folder, word):
    return any((folder / f"{word}{end}").exists() for end in ("", ".py"))


def is_in_module(dotted):
    """`payments.domain.states`, `payments.models.Refund`; `outbox.owe_delivery` of any module of that name."""
    module, _, name = dotted.rpartition(".")
    return dotted in modules() or any(
        name in names_of(path) for each, path in modules().items() if module and f".{each}".endswith(f".{module}")
    )


def is_said_in_code(word):
    """One word, or a class with one of its members: names and texts, not docstrings, which may name what is gone."""
    return (word[0].isupper() or "." not in word) and set(word.split(".")) <= words_of_code()


@cache
def modules():
    return {module_name(path): path for path in source_files()}


@cache
def names_of(path):
    """Whatever a module defines or imports at its top."""
    found = set()
    for node in parse_file(path).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        else:
            found.add(getattr(node, "name", None))
    return found


@cache
def file_names():
    places = ("bench", "deploy", "docs", "events_pages", "payments", "site", "templates", "tests", "ticketing")
    inside = (path for place in places for path in (ROOT / place).rglob("*"))
    return {path.name for path in (*ROOT.iterdir(), *inside)}


@cache
def words_of_code():
    other = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "templates").rglob("*.*"), *ROOT.glob("*.toml")]
    texts = [path.read_text(encoding="utf-8") for path in other if path.name != "test_glossary.py"]
    texts += [text for path in source_files() for text in texts_of(parse_file(path))]
    return set(re.findall(r"\w+", " ".join(texts)))


def texts_of(tree):
    """Names and texts; a text that stands alone is a docstring."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            yield node.value if isinstance(node.value, str) and id(node) not in alone else ""
        else:
            yield from (value for value in vars(node).values() if isinstance(value, str))
