"""Legal pages, data protection and contact addresses."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events_pages.enums import LegalKind
from events_pages.legal.sample_texts import is_sample_text
from events_pages.models import LegalPage, SiteSettings
from operations.enums import Urgency
from operations.launch.checks.environment import is_example_address
from operations.launch.registry import amber, green, red, register_check

LONG_RETENTION = 366  # days


@register_check("legal-pages", gettext_lazy("Legal pages are published"))
def check_legal_pages(facts):
    there = {page.kind for page in pages_in_force()}
    if missing := [str(kind.label) for kind in LegalKind if kind not in there]:
        return red(
            _("Not published: %(names)s.") % {"names": ", ".join(missing)},
            _("`manage.py make_legal_pages` makes drafts; fill them in and publish them."),
        )
    return green(_("All %(count)d are published.") % {"count": len(LegalKind)})


@register_check("legal-texts", gettext_lazy("Legal texts are your own"))
def check_legal_texts(facts):
    pages = pages_in_force()
    if samples := [page.title for page in pages if is_sample_text(page)]:
        return red(
            _("Still the sample text: %(names)s.") % {"names": ", ".join(samples)},
            _("Fill in every [blank], have a lawyer read it, and publish your own version."),
        )
    return green(_("None of them is the sample text.")) if pages else red(_("There are none."), _("Publish them."))


def pages_in_force():
    today = timezone.localdate()
    return [page for kind in LegalKind if (page := LegalPage.in_force(kind, on=today))]


@register_check("privacy-contact", gettext_lazy("Privacy contact"))
def check_privacy_contact(facts):
    address = get_site_settings().privacy_email
    if not address or is_example_address(address):
        return red(
            _("Nobody answers questions about personal data."), _("Name an address under Settings → Site settings.")
        )
    return green(address)


@register_check("retention", gettext_lazy("Personal data ends"))
def check_retention(facts):
    days = get_site_settings().retention_days
    words = _("Names and e-mail addresses go %(count)d days after the event.") % {"count": days}
    if days > LONG_RETENTION:
        return amber(words, _("More than a year needs a good reason."))
    return green(words)


@register_check("registration", gettext_lazy("Data protection registration"), urgency=Urgency.SHOULD)
def check_registration(facts):
    number = get_site_settings().data_protection_number
    if number:
        return green(number)
    return amber(
        _("There is no registration number."), _("Register with the Jersey Office of the Information Commissioner.")
    )


@register_check("contact", gettext_lazy("Contact address"), urgency=Urgency.SHOULD)
def check_contact(facts):
    address = get_site_settings().contact_email
    if not address or is_example_address(address):
        return amber(_("Visitors have no address to write to."), _("Name one under Settings → Site settings."))
    return green(address)


def get_site_settings():
    return SiteSettings.objects.filter(site__is_default_site=True).first() or SiteSettings()
