"""Times and dates of SumUp's JSON; the other readers are held by the documents they read."""

from datetime import UTC, date, datetime

import pytest

from payments.provider import Unreadable
from payments.sumup.answers import read_date, read_time

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["2026-03-14T12:00:00Z", "2026-03-14T13:00:00.000+01:00", "2026-03-14T12:00:00", "2026-03-14T12:00Z"]
)
def test_moment_is_aware_however_it_is_written(written):
    assert read_time({"at": written}, "at") == NOON


@pytest.mark.parametrize("written", ["2026-03-14", "2026-03-14T12:00:00Z"])
def test_day_leaves_the_time_out(written):
    assert read_date({"on": written}, "on") == date(2026, 3, 14)


@pytest.mark.parametrize("value", [None, "", 7, "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", []])
@pytest.mark.parametrize("read", [read_time, read_date])
def test_nonsense_is_unreadable_unless_nobody_needs_it(read, value):
    assert read({"at": value}, "at", optional=True) is None
    with pytest.raises(Unreadable, match="at is not a date"):
        read({"at": value}, "at")
