"""Nothing of the demo may be on a site that takes money: its passwords are known to all."""

from django.contrib.auth import get_user_model
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from demo.content.events import EVENTS
from demo.content.pages import SETTINGS
from demo.people import PASSWORDS
from events_pages.models import EventPage, SiteSettings
from operations.launch.registry import green, red, register_check


@register_check("demo-users", gettext_lazy("No demo password"))
def check_demo_users(facts):
    users = get_user_model().objects.filter(is_active=True, username__in=PASSWORDS)
    if known := [user.username for user in users if user.check_password(PASSWORDS[user.username])]:
        return red(
            _("Anybody can sign in as %(names)s: the demo's password is public.") % {"names": ", ".join(known)},
            _("Change their passwords, or delete them."),
        )
    return green(_("Nobody has a password of the demo."))


@register_check("demo-content", gettext_lazy("No demo content"))
def check_demo_content(facts):
    slugs = [slugify(event.title) for event in EVENTS]
    pages = EventPage.objects.live().filter(slug__in=slugs).count()
    if pages or SiteSettings.objects.filter(contact_email=SETTINGS["contact_email"]).exists():
        return red(
            _("The demo's content is here: %(count)d invented events.") % {"count": pages},
            _("Start with an empty database: the demo is for laptops."),
        )
    return green(_("Nothing invented is published."))
