"""Where Wagtail is changed at start because it has no setting for it: the import of redirects, and its clock."""

from django.conf import settings
from wagtail.contrib.redirects import views
from wagtail.users.models import UserProfile

_create_as_wagtail = views.create_redirects_from_dataset


def install_whole_rows():
    """Wagtail reads a row by its columns, and fails on one that is short without a word."""
    views.create_redirects_from_dataset = create_redirects


def create_redirects(dataset, config):
    """What is missing in a row is empty, so the form of that row refuses it in words."""
    columns = max(config["from_index"], config["to_index"]) + 1
    return _create_as_wagtail([[*row, *[""] * (columns - len(row))] for row in dataset], config)


def keep_jersey_time():
    """Wagtail shows and reads every time of the admin in the zone of a person's profile, without saying which it is.
    WAGTAIL_USER_TIME_ZONES takes the choice out of the form; what a profile has kept no longer counts either."""
    UserProfile.get_current_time_zone = lambda profile: settings.TIME_ZONE
