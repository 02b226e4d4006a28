"""Changes to Wagtail made at start, where it has no setting: the import of redirects, and the clock of the admin."""

from django.conf import settings
from wagtail.contrib.redirects import views
from wagtail.users.models import UserProfile

_wagtails_create_redirects = views.create_redirects_from_dataset


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
