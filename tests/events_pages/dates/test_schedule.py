"""The dates of one event together."""

from events_pages.dates.schedule import Schedule
from tests.events_pages.dates.performances import at, on


class Row:
    """A date with a number, as `others_like` asks for it."""

    def __init__(self, pk, date):
        self.pk, self._date = pk, date

    def __getattr__(self, name):
        return getattr(self._date, name)

    def is_over(self, now):
        return self.ends_at <= now


def test_the_rest_of_a_series_is_alike_by_its_clock_and_its_name():
    dates = [
        on("2027-03-20"),
        on("2027-03-27"),
        on("2027-04-03"),  # in summer time: another hour in UTC
        on("2027-04-03", clock="14:00"),
        on("2027-04-10", name="Late"),
        on("2027-04-17"),
    ]
    rows = [Row(number, date) for number, date in enumerate(dates)]
    found = Schedule(tuple(rows)).others_like(rows[2], at("2027-03-21 12:00"))
    assert [row.pk for row in found] == [1, 5]
