from datetime import date
from functools import partial

from django import template
from django.db.models import F, Q
from django.utils import timezone
from wagtail.models import Page, Site

from common import sales_mode
from events_pages.enums import LegalKind
from events_pages.legal import cookies
from events_pages.legal.cookies import analytics_of_site
from events_pages.models import SiteSettings
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
    pages = list_pages_of_foot(site.root_page)
    return {
        "organisation": own.organisation_name,
        "text": own.footer_text,
        "email": own.contact_email,
        "registration": own.data_protection_number,
        "elsewhere": [link for link in (("Instagram", own.instagram_url), ("Facebook", own.facebook_url)) if link[1]],
        "links": [(page.title, page.get_url(request)) for page in pages],
    }


def list_pages_of_foot(root):
    is_in_force = Q(legalpage__effective_from__lte=timezone.localdate())
    pages = restrictions.public_pages(Page.objects.child_of(root).live()).filter(Q(show_in_menus=True) | is_in_force)
    pages = list(pages.annotate(kind=F("legalpage__kind"), since=F("legalpage__effective_from")))
    legal = {page.kind: page for page in sorted(pages, key=lambda page: (page.since or date.min, page.pk)) if page.kind}
    in_menu = [page for page in pages if page.show_in_menus]
    return [*in_menu, *(legal[kind] for kind in LegalKind.values if kind in legal)]


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
