"""Changes to Wagtail made at start, where it has no setting: the import of redirects, the clock of the admin, and how
many pages its lists of pages show."""

from django.conf import settings
from django.contrib import messages
from django.utils.translation import gettext as _
from wagtail.admin.views.pages.listing import ExplorableIndexView
from wagtail.contrib.redirects import views
from wagtail.users.models import UserProfile

PAGES_AT_ONCE = 25  # 4 ms of drawing each, whatever the database is asked
MOST_SORTED = 200  # by hand, which needs all of them on one page
_wagtails_create_redirects = views.create_redirects_from_dataset
_wagtails_ordering = ExplorableIndexView.get_ordering


def install_redirect_import():
    """Wagtail reads a row by its columns and fails on one that is too short."""
    views.create_redirects_from_dataset = create_redirects_from_rows


def create_redirects_from_rows(dataset, config):
    """Missing columns are empty, so the form of that row refuses them in words."""
    columns = max(config["from_index"], config["to_index"]) + 1
    return _wagtails_create_redirects([[*row, *[""] * (columns - len(row))] for row in dataset], config)


def keep_jersey_time():
    """Wagtail shows and reads times in the zone of a person's profile without saying which. WAGTAIL_USER_TIME_ZONES
    takes the choice out of the form; this ignores what a profile holds already."""
    UserProfile.get_current_time_zone = lambda profile: settings.TIME_ZONE


def bound_page_lists():
    ExplorableIndexView.paginate_by = PAGES_AT_ONCE
    ExplorableIndexView.get_ordering = find_page_ordering


def find_page_ordering(view):
    """Not by hand where there are thousands: Wagtail would draw them all."""
    if view.request.GET.get("ordering") != view.sort_order_field or view.parent_page.numchild <= MOST_SORTED:
        return _wagtails_ordering(view)
    words = _("More than %(count)d pages are not sorted by hand. Sort by a column, or search.")
    messages.info(view.request, words % {"count": MOST_SORTED})
    return view.default_ordering
