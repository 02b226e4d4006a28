"""`make audit` says clean only of what was looked up."""

import json

import pytest

from tests.audit import CLEAN, ROOT, UNKNOWN, VULNERABLE, locked, verdict

GOOD = {"name": "huey", "version": "3.5.4", "vulns": []}
BAD = {"name": "django", "version": "5.2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["5.2.1"]}]}
SKIPPED = {"name": "redis", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([GOOD], CLEAN, "No known vulnerability in 2 packages"),
        ([GOOD, BAD], VULNERABLE, "django 5.2: PYSEC-1, fixed by 5.2.1"),
        ([GOOD, SKIPPED], UNKNOWN, "Nothing is known of 1 of 2 packages"),
        ([BAD, SKIPPED], VULNERABLE, "PYSEC-1"),
    ],
)
def test_the_verdict_counts_what_was_not_looked_up(packages, code, words):
    found, text = verdict(json.dumps({"dependencies": packages}), 2)
    assert found == code
    assert words in text


@pytest.mark.parametrize("answer", ["", "rubbish", "{}"])
def test_no_answer_is_no_good_news(answer):
    assert verdict(answer, 2)[0] == UNKNOWN


def test_what_the_pins_bring_along_is_looked_up_too():
    found = locked(ROOT / "requirements.txt")
    assert {"django", "willow", "urllib3", "boto3", "cffi"} <= found.keys()
    assert "pytest" not in found
