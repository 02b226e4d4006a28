"""What the pages tell operators to type, open and set exists: a page that lies is worse than none."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from common.logs.log_format import build_logging
from tests.harness import ROOT, known_variables

PAGES = sorted(
    [*(ROOT / "docs" / "deploy").glob("*.md"), *(ROOT / "docs" / "operations").glob("*.md"), ROOT / "README.md"]
)
EVERY_PAGE = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
COMMAND = re.compile(r"(?:manage\.py|^manage|`manage|then `manage) ([a-z_]+)([^`\n]*)", re.MULTILINE)
ADDRESS = re.compile(r"(?<![\w.:/])(/(?:admin|health|tickets|payments|metrics|mail)(?:/[\w.-]*)*)(?=[`\s,;:)])")
VARIABLE = re.compile(r"\b(?!BENCH_)([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])\b")
LINK = re.compile(r"\]\(([^)#]+)")
QUOTED = re.compile(r'"([A-Z][^"\n]{2,60})"')
SAID_BY_PEOPLE = {"I paid and have no ticket"}
OWN_FILE = re.compile(
    r"`((?:docs|deploy|site|tests|bench|templates|static|ticketing|payments|events_pages|\.do)/[^`\s*:]*)(?:::\w+)?`"
)
LOG_FILE = re.compile(r"var/logs/(\w+\.log)")
# Read by gunicorn, by the platforms or by Django's own commands, not by us; or words in capitals that are no variable.
OTHERS = {"WEB_CONCURRENCY", "DJANGO_SETTINGS_MODULE", "SIMULATOR_PORT", "AT_ONCE"}


def by_name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(params=PAGES, ids=by_name)
def document(request):
    return request.param


@pytest.fixture(params=EVERY_PAGE, ids=by_name)
def any_page(request):
    return request.param


def test_every_command_exists_with_its_options(any_page):
    known, wrong = get_commands(), []
    for name, rest in COMMAND.findall(any_page.read_text(encoding="utf-8")):
        if name not in known:
            wrong.append(name)
            continue
        command = known[name] if not isinstance(known[name], str) else load_command_class(known[name], name)
        parser = command.create_parser("manage.py", name)
        wrong += [
            f"{name} {word}" for word in re.findall(r"--[a-z-]+", rest) if word not in parser._option_string_actions
        ]
    assert wrong == []


def test_every_address_is_answered(any_page):
    wrong = [path for path in ADDRESS.findall(any_page.read_text(encoding="utf-8")) if not is_answered(path)]
    assert wrong == []


def is_answered(path):
    """Wagtail takes any path for a page; that is no match."""
    try:
        return resolve(path).url_name not in ("wagtail_serve", None)
    except Resolver404:
        return False


def test_every_variable_is_one_that_the_site_reads(document):
    named = set(VARIABLE.findall(document.read_text(encoding="utf-8")))
    assert named - set(known_variables()) - OTHERS == set()


def test_every_link_leads_to_a_file(any_page):
    links = [link for link in LINK.findall(any_page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (any_page.parent / link).exists()] == []


def prose(document):
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"`[^`]*`", "", text)


@pytest.fixture(scope="module")
def screens():
    """Every word that people see: templates, and texts in code."""
    places = ("site", "templates", "ticketing", "payments", "events_pages")
    files = [
        path for place in places for suffix in ("html", "txt", "py") for path in (ROOT / place).rglob(f"*.{suffix}")
    ]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_button_and_word_that_it_quotes_is_on_a_screen(document, screens):
    quoted = {words.rstrip(".…,") for words in QUOTED.findall(prose(document))} - SAID_BY_PEOPLE
    assert [words for words in quoted if words not in screens] == []


def test_every_file_of_ours_that_it_names_is_there(document):
    named = OWN_FILE.findall(document.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_log_that_it_names_is_written(any_page):
    written = build_logging("line", ROOT / "var" / "logs")["handlers"].values()
    known = {Path(handler["filename"]).name for handler in written if "filename" in handler}
    assert set(LOG_FILE.findall(any_page.read_text(encoding="utf-8"))) <= known


def test_the_runbook_names_both_logs_of_payments():
    runbook = (ROOT / "docs/operations/runbook.md").read_text(encoding="utf-8")
    assert set(LOG_FILE.findall(runbook)) == {"payment_polling.log", "payments_audit.log"}
