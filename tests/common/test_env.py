"""Wrong values stop the start with the variable's name and what is wanted."""

import ast
import re
from inspect import isfunction
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from common import env

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "site" / "config" / "settings"
READERS = {f"env.{name}" for name, each in vars(env).items() if isfunction(each) and each.__module__ == env.__name__}
FERNET = "dGVzdC1vbmx5LXRlc3Qtb25seS10ZXN0LW9ubHkta2U="
# Read by Django itself, before any settings module.
BEFORE_SETTINGS = {"DJANGO_SETTINGS_MODULE"}


@pytest.mark.parametrize(
    ("read", "value", "wanted"),
    [
        (lambda: env.read_text("X"), "", "X is not set"),
        (lambda: env.read_boolean("X", default=False), "maybe", "X must be true or false"),
        (lambda: env.read_integer("X", 15, least=1, most=120), "0", "X must be a whole number from 1 to 120"),
        (lambda: env.read_integer("X", 15, least=1, most=120), "121", "X must be a whole number from 1 to 120"),
        (lambda: env.read_integer("X", 15), "-1", "X must be a whole number"),
        (lambda: env.read_integer("X", 15), "1.5", "X must be a whole number"),
        (lambda: env.read_integer("X", 15), "²", "X must be a whole number"),
        (lambda: env.read_choice("X", ("file", "console"), "file"), "pigeon", "X must be one of file, console"),
        (lambda: env.read_public_key("X"), "-----BEGIN PUBLIC KEY-----", "X must be the verification key"),
        (lambda: env.read_url("X"), "", "X is not set"),
        (lambda: env.read_url("X"), "tickets.example.je", "X must be an address that starts with http or https://"),
        (
            lambda: env.read_url("X", schemes=("redis",)),
            "http://localhost",
            "X must be an address that starts with redis",
        ),
        (lambda: env.read_signing_keys("X"), "", "X is not set"),
        (lambda: env.read_signing_keys("X"), "no-id-at-all", "X must look like A:secret,B:secret"),
        (lambda: env.read_signing_keys("X"), "a:long-enough-secret", "'a' is not a key id"),
        (lambda: env.read_signing_keys("X"), "A:short", "X: the secret of key A must have at least 16 characters"),
        (lambda: env.read_fernet_keys("X"), "short", "X: key 1 must be 32 random bytes in URL-safe base64"),
        (lambda: env.read_fernet_keys("X"), f"{FERNET},{FERNET[:-4]}", "X: key 2 must be 32 random bytes"),
        (lambda: env.read_fernet_keys("X"), "ü" * 44, "X: key 1 must be 32 random bytes"),
        (lambda: env.read_folder_address("X", "/static/"), "static/", "X must be a path like /static/ or an address"),
        (lambda: env.read_folder_address("X", "/static/"), "ftp://cdn.example.je/", "X must be a path like /static/"),
        (lambda: env.read_folder_or_bucket("X"), "gs://bucket/backups", "X must be a folder or s3://bucket/prefix"),
        (lambda: env.read_folder_or_bucket("X"), "s3://", "X must be a folder or s3://bucket/prefix"),
        (lambda: env.read_contact("X"), "security@example.je", "X must be mailto:security@your-host or an address"),
        (lambda: env.read_contact("X"), "http://example.je/holes", "X must be mailto:security@your-host or an address"),
        (lambda: env.read_contact("X"), "mailto:", "X must be mailto:security@your-host or an address"),
        (lambda: env.read_contact("X"), "mailto:security", "X must be mailto:security@your-host or an address"),
        (
            lambda: env.read_contact("X"),
            "mailto:a@b.je and more",
            "X must be mailto:security@your-host or an address",
        ),
        (lambda: env.read_contact("X"), "https://", "X must be mailto:security@your-host or an address"),
        (lambda: env.read_contact("X"), "tel:+441534", "X must be mailto:security@your-host or an address"),
        (lambda: env.read_age_recipient("X"), "AGE-SECRET-KEY-1QQQ", "X must be an age public key"),
    ],
)
def test_reader_names_the_variable_and_what_is_wanted(monkeypatch, read, value, wanted):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match=re.escape(wanted)):
        read()


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (lambda: env.read_text("X", default="a"), "  ", "a"),
        (lambda: env.read_boolean("X", default=True), "", True),
        (lambda: env.read_boolean("X", default=True), "Off", False),
        (lambda: env.read_integer("X", 15), " 20 ", 20),
        (lambda: env.read_words("X"), "a, b,,c ", ["a", "b", "c"]),
        (lambda: env.read_url("X"), "https://tickets.example.je/", "https://tickets.example.je"),
        (lambda: env.read_fernet_keys("X"), "", []),
        (lambda: env.read_folder_address("X", "/static/"), "", "/static/"),
        (lambda: env.read_folder_address("X", "/static/"), "https://cdn.example.je", "https://cdn.example.je/"),
        (lambda: env.read_folder_or_bucket("X"), "s3://bucket/prefix/", "s3://bucket/prefix"),
        (lambda: env.read_age_recipient("X"), "", ""),
        (lambda: env.read_contact("X"), "", ""),
        (lambda: env.read_contact("X"), "mailto:security@example.je", "mailto:security@example.je"),
        (lambda: env.read_contact("X"), "https://example.je/holes", "https://example.je/holes"),
        (lambda: env.read_fernet_keys("X"), f"{FERNET}, {FERNET}", [FERNET, FERNET]),
        (
            lambda: env.read_signing_keys("X"),
            "B:second-long-secret,A:first-long-secret-",
            {"B": "second-long-secret", "A": "first-long-secret-"},
        ),
    ],
)
def test_reader_understands(monkeypatch, read, value, expected):
    monkeypatch.setenv("X", value)
    assert read() == expected


def test_keys_keep_their_order_because_the_first_signs(monkeypatch):
    monkeypatch.setenv("X", "B:second-long-secret,A:first-long-secret-")
    assert list(env.read_signing_keys("X")) == ["B", "A"]


def test_dotenv_never_overrides_the_environment(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("# A comment\nX=file\nY='quoted'\n\nnonsense\n", encoding="utf-8")
    monkeypatch.setenv("X", "shell")
    monkeypatch.setenv("Y", "to be removed again")
    monkeypatch.delenv("Y")
    env.load_dotenv(tmp_path / ".env")
    assert (env.read_text("X"), env.read_text("Y")) == ("shell", "quoted")


def asked_for():
    """The names that the settings ask `common.env` for, read from their source."""
    for path in SETTINGS.glob("[!t]*.py"):  # without the suite's own
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in READERS:
                yield node.args[0].value


def test_example_lists_every_variable_with_one_comment_each():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert set(listed) == set(asked_for()) | BEFORE_SETTINGS
    assert len(listed) == len(set(listed))
    uncommented = [name for name in listed if not explained(name, lines)]
    assert uncommented == []


def explained(name, lines):
    """By a comment right above, or above the variable just before it that belongs with it."""
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{name}="))
    return lines[at - 1].startswith("#") or lines[at - 2].startswith("#")


def test_the_environment_is_read_in_one_place():
    """gunicorn's own file reads gunicorn's own variables; the launcher passes its own on; Django wants the module."""
    allowed = {"site/common/env.py", "site/config/wsgi.py", "site/demo/run_demo.py", "site/demo/prepare.py"}
    found = set()
    for folder in ("site", "events_pages", "ticketing", "payments"):
        for path in (ROOT / folder).rglob("*.py"):
            if re.search(r"\bos\.environ|\bgetenv\b", path.read_text(encoding="utf-8")):
                found.add(path.relative_to(ROOT).as_posix())
    assert found <= allowed
