from functools import partial

from django import template
from wagtail.models import Site

from events_pages import page_cache
from events_pages.enums import LegalKind
from events_pages.models import LegalPage, SiteSettings

register = template.Library()


@register.simple_tag(takes_context=True)
def site_facts(context):
    """What the foot of every page says; the database is asked once after each edit. Nothing without a request."""
    request = context.get("request")
    return page_cache.remember(f"facts:{request.get_host()}", partial(read_facts, request)) if request else {}


def read_facts(request):
    site = Site.find_for_request(request)
    if site is None:
        return {}
    own = SiteSettings.for_site(site)
    pages = [*site.root_page.get_children().live().public().in_menu(), *filter(None, map(LegalPage.current, LegalKind))]
    return {
        "organisation": own.organisation_name,
        "text": own.footer_text,
        "email": own.contact_email,
        "elsewhere": [link for link in (("Instagram", own.instagram_url), ("Facebook", own.facebook_url)) if link[1]],
        "links": [(page.title, page.get_url(request)) for page in pages],
    }
