from functools import partial

from django import template
from django.utils import timezone
from wagtail.models import Page, Site

from common import sales_mode
from events_pages.legal import cookies
from events_pages.legal.cookies import analytics_of_site
from events_pages.models import LegalPage, SiteSettings
from events_pages.public import page_cache, restrictions

register = template.Library()


@register.simple_tag(takes_context=True)
def site_facts(context):
    """What the foot of every page says; empty without a request. Cached until an edit."""
    request = context.get("request")
    return page_cache.remember_for_host(request, "facts", partial(read_facts, request)) if request else {}


def read_facts(request):
    site = Site.find_for_request(request)
    if site is None:
        return {}
    own = SiteSettings.for_request(request)
    in_menu = restrictions.public_pages(site.root_page.get_children().live().in_menu())
    pages = [*in_menu, *LegalPage.list_in_force(on=timezone.localdate())]
    return {
        "organisation": own.organisation_name,
        "text": own.footer_text,
        "email": own.contact_email,
        "registration": own.data_protection_number,
        "elsewhere": [link for link in (("Instagram", own.instagram_url), ("Facebook", own.facebook_url)) if link[1]],
        "links": [(page.title, page.get_url(request)) for page in pages],
    }


@register.simple_tag
def is_trial_site():
    return sales_mode.is_trial()


@register.simple_tag(takes_context=True)
def consent_question(context):
    """For public pages alone."""
    request, page = context.get("request"), context.get("page")
    if request is None or not isinstance(page, Page) or getattr(request, "is_preview", False):
        return {}
    name, script = analytics_of_site(request)
    return {"name": name, "script": script, "cookie": cookies.CONSENT_COOKIE} if script else {}
