"""The site's clock is Jersey's, for whoever looks at it and wherever they are."""

from django.conf import settings
from wagtail.users.models import UserProfile


def keep_jersey_time():
    """Wagtail shows and reads every time of the admin in the zone of a person's profile, without saying which it is.
    WAGTAIL_USER_TIME_ZONES takes the choice out of the form; what a profile has kept counts no more, either."""
    UserProfile.get_current_time_zone = lambda profile: settings.TIME_ZONE
