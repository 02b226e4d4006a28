"""What the tests of “Dates and tickets” share: rows to begin with, addresses, and what the histories say."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Permission
from django.urls import reverse

from events_pages.dates.island_clock import to_island_clock
from tests import factories
from tests.stories import make_staff

JERSEY = ZoneInfo("Europe/Jersey")
JULY = datetime(2031, 7, 5, 19, 30, tzinfo=JERSEY)
SELLING = [f"{verb}_{model}" for verb in ("add", "change", "delete", "view") for model in ("eventsale", "tickettype")]


def make_run(page, number, **sale):
    """So many more evenings, each on sale."""
    dates = [factories.make_performance(page) for _each in range(number)]
    for date in dates:
        factories.make_type(factories.make_sale(performance=date, **sale))
    return dates


def sign_in_editor(client, page):
    """May edit the page, and do nothing with its sales."""
    editor = make_staff("editor", page)
    editor.groups.get().permissions.set(Permission.objects.filter(codename="access_admin"))
    client.force_login(editor)


def url(name, *args):
    return reverse(f"dates:{name}", args=args)


def local(moment):
    return f"{to_island_clock(moment):%Y-%m-%d %H:%M}"


def history_of(client, page):
    """As Wagtail shows it."""
    return client.get(reverse("wagtailadmin_pages:history", args=[page.pk])).content.decode()


def history_of_sale(client, sale):
    return client.get(reverse("wagtailsnippets_ticketing_eventsale:history", args=[sale.pk])).content.decode()
