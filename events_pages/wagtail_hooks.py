"""Hooks of events_pages into Wagtail's admin."""

from django.contrib import messages
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.admin.views.pages.listing import GenericPageFilterSet, PageFilterSet
from wagtail.contrib.forms.views import FormPageFilterSet
from wagtail.models import Page
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from events_pages.admin import log_actions, permissions  # noqa: F401 - its hooks register when it is imported
from events_pages.admin.date_clashes import DateClashesView
from events_pages.admin.viewsets import ProgrammeViewSetGroup
from events_pages.legal import sample_texts
from events_pages.models import LegalPage, Organiser, Venue
from protection.admin import wagtail_access

register_permission_policy(Page, permissions.OwnPagesPolicy(Page))
register_permission_policy(Venue, permissions.MadeByPolicy(Venue, used_as="venue"))
register_permission_policy(Organiser, permissions.MadeByPolicy(Organiser, used_as="organiser"))
register_snippet(ProgrammeViewSetGroup)
wagtail_access.register_question(permissions.may_open_page)

# Wagtail offers everybody's names here, and no setting for it.
for filters in (PageFilterSet, GenericPageFilterSet, FormPageFilterSet):
    filters.base_filters["owner"].queryset = permissions.owners_of_own_pages
    filters.base_filters["edited_by"].queryset = permissions.editors_of_own_pages


class PagesEndpoint(PagesAdminAPIViewSet):
    """For the menu of pages. Its actions would pass by our hooks before a page is deleted, unpublished or copied, and
    nothing in the admin uses them."""

    actions = {}


@hooks.register("construct_admin_api")
def replace_pages_endpoint(router):
    router.register_endpoint("pages", PagesEndpoint)


@hooks.register("construct_page_chooser_queryset")
def hide_drafts_of_others(pages, request):
    return permissions.without_drafts_of_others(pages, request.user)


@hooks.register("after_publish_page")
def warn_of_blanks(request, page):
    """A legal text with blanks may be published, but nobody should do it without knowing."""
    if isinstance(page, LegalPage) and (blanks := sample_texts.list_blanks(page)):
        words = _("Published, but these blanks are not filled in: %(blanks)s")
        messages.warning(request, words % {"blanks": "; ".join(blanks)})


@hooks.register("before_copy_page")
def copy_legal_pages_as_drafts(request, page):
    """A published copy would have the version of the original, which buyers accepted."""
    if request.method == "POST" and "publish_copies" in request.POST and isinstance(page.specific, LegalPage):
        messages.error(request, _("Copy it as a draft, and give the copy a version of its own before you publish it."))
        return redirect("wagtailadmin_pages:copy", page.pk)
    return None


@hooks.register("register_admin_urls")
def register_clashes_url():
    return [path("date-clashes/", DateClashesView.as_view(), name="date_clashes")]


@hooks.register("insert_editor_js")
def add_clashes_script():
    return format_html('<script src="{}" defer></script>', static("js/admin/date_clashes.js"))
