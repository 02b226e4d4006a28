"""How a line of the log looks, and where it goes."""

import json
import logging
import logging.config
import sys

import pytest

from config import lines


@pytest.fixture(autouse=True)
def _nowhere():
    """Between two requests."""
    lines.request_id.set("")


@pytest.fixture
def line():
    """What a formatter makes of a message of ours."""

    def line(formatter, message, *values, logger="ticketing.domain.states", error=None):
        record = logging.LogRecord(logger, logging.INFO, "x.py", 1, message, values, error)
        return formatter().format(record)

    return line


@pytest.fixture
def as_json(line):
    return lambda *args, **kwargs: json.loads(line(lines.JsonLineFormatter, *args, **kwargs))


@pytest.fixture
def in_a_request():
    token = lines.request_id.set("abc-12345678")
    yield
    lines.request_id.reset(token)


def test_it_works(as_json, in_a_request):
    found = as_json("order.state order=%s from=%s to=%s reason=%s", "JE-1", "failed", "completed", "late money, seats")
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "INFO",
        "logger": "ticketing.domain.states",
        "message": "order.state order=JE-1 from=failed to=completed reason=late money, seats",
        "event": "order.state",
        "order": "JE-1",
        "from": "failed",
        "to": "completed",
        "reason": "late money, seats",
        "request": "abc-12345678",
    }


def test_a_line_for_people_tells_the_request(line, in_a_request):
    text = line(lines.LineFormatter, "order.placed order=JE-1")
    assert text.endswith("INFO ticketing.domain.states order.placed order=JE-1 request=abc-12345678")


def test_pairs_never_hide_the_fields_of_every_line(as_json):
    found = as_json("alert.sent level=none time=never rows=2")
    assert (found["level"], found["rows"]) == ("INFO", "2")


def test_what_others_log_is_taken_as_it_is(as_json):
    found = as_json("GET /events/?a=b c=d", logger="django.request")
    assert found["message"] == "GET /events/?a=b c=d"
    assert set(found) == {"time", "level", "logger", "message"}


@pytest.mark.parametrize("formatter", [lines.LineFormatter, lines.JsonLineFormatter])
def test_the_words_of_an_error_name_nobody(line, formatter):
    try:
        raise ValueError("ana@example.je with Bearer abcdef123456 at postgres://jersey:hunter2@db/jersey")
    except ValueError:
        error = sys.exc_info()
    text = line(formatter, "settle.failed order=%s to=%s", "JE-1", "bob@example.je", error=error)
    assert "Traceback" in text
    assert "JE-1" in text
    for hidden in ("ana@", "bob@", "abcdef", "hunter2"):
        assert hidden not in text


@pytest.fixture
def logged(tmp_path):
    """The lines that a logger with these files writes; afterwards logging is as it was."""
    handlers = []

    def logged(name, message):
        handler = lines.SharedFileHandler(tmp_path / "payments_audit.log", maxBytes=200, backupCount=2, delay=True)
        handler.addFilter(lines.AuditFilter())
        handlers.append(handler)
        handler.handle(logging.LogRecord(name, logging.INFO, "x.py", 1, message, (), None))
        return handler

    yield logged
    for handler in handlers:
        handler.close()


@pytest.mark.parametrize(
    ("name", "message", "kept"),
    [
        ("payments.domain.states", "payment.state payment=r from=open to=paid", True),
        ("payments.domain.states", "refund.state refund=7 from=sent to=proved", True),
        ("ticketing.domain.states", "order.state order=JE-1 from=a to=b reason=-", True),
        ("ticketing.domain.states", "tickets.void order=JE-1 tickets=2", True),
        ("ticketing.domain.checkin", "checkin.accepted sale=1 ticket=2", False),
        ("payments.domain.polling", "payment.cycle payments=1 calls=1", False),
    ],
)
def test_the_audit_holds_what_became_of_money_and_tickets(logged, tmp_path, name, message, kept):
    logged(name, message)
    path = tmp_path / "payments_audit.log"
    assert (path.exists() and message in path.read_text()) == kept


def test_two_processes_turn_a_full_file_once(logged, tmp_path):
    """Each has its own handler; without a look at the disk the second would turn the new file away too."""
    first, second = (logged("ticketing.x", "order.state order=JE-0") for _ in range(2))
    for number in range(1, 13):
        handler = (first, second)[number % 2]
        handler.handle(
            logging.LogRecord("ticketing.x", logging.INFO, "x", 1, f"order.state order=JE-{number}", (), None)
        )
    files = sorted(path.name for path in tmp_path.glob("*.log*") if not path.name.endswith(".lock"))
    kept = "".join((tmp_path / name).read_text() for name in files)
    assert files == ["payments_audit.log", "payments_audit.log.1"]
    assert [kept.count(f"JE-{number}\n") for number in range(13)] == [2] + [1] * 12


def test_without_a_disk_the_console_has_it_all(tmp_path):
    file = tmp_path / "a-file"
    file.write_text("")
    found = lines.logging_as("json", file / "logs")
    assert found["handlers"]["audit"]["class"] == found["handlers"]["polling"]["class"] == "logging.NullHandler"
    assert lines.logging_as("line", tmp_path / "logs")["handlers"]["audit"]["class"] == "config.lines.SharedFileHandler"
