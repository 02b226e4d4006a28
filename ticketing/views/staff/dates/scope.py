"""An edit of one date that is meant for others too: for which, and what of it, as the form of several dates is told."""

from events_pages.dates.island_clock import to_island_clock
from ticketing.domain.dates.wishes import AS_ON_PAGE
from ticketing.enums import DateScope

CLOCKS = {"starts": "starts_at", "doors": "doors_at", "ends": "said_end"}


def choose_others(date, others, form):
    """Of the dates like this one, before it is changed, those that the form means."""
    scope = form.cleaned_data.get("scope")
    if scope == DateScope.LATER:
        return [each for each in others if each.starts_at > date.starts_at]
    return others if scope == DateScope.ALL else []


def describe_wish(was, date):
    """{field of the form: text} of what changed and may be said of other days: no day, and nothing that went away."""
    wish = {}
    for name, moment in CLOCKS.items():
        clock = read_clock(date, moment)
        if clock and clock != read_clock(was, moment) and not (name == "ends" and date.is_long):
            wish[name] = clock
    if date.name and date.name != was.name:
        wish["name"] = date.name
    if date.venue_id != was.venue_id:
        wish["venue"] = date.venue_id or AS_ON_PAGE
    return wish


def read_clock(date, name):
    moment = getattr(date, name)
    return f"{to_island_clock(moment):%H:%M}" if moment else ""
