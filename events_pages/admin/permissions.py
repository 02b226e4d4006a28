"""Permissions for pages, venues and organisers. What is public may be read and chosen by all of the staff; what is not
yet, or no longer, belongs to those who may edit it."""

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q
from wagtail.models import Page, PageLogEntry
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry

from events_pages.models import EventPage, Performance
from protection.admin.row_scopes import ANY_VERB, ScopedPolicy, has_all_rows

TO_ACT = {"change", "publish", "lock", "unlock", "bulk_delete"}
OF_PAGES = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "page_pk")
"""What Wagtail's addresses call the page that they are about, and"""
AS_PARENT = ("new_parent_page", "chooser")
"""what its forms call the page that others go below."""
OF_WAGTAIL = ("wagtailadmin_", "wagtailforms:", "wagtail_bulk_action")


class OwnPagesPolicy(PagePermissionPolicy):
    """Whoever may add pages below a list sees their own drafts there; Wagtail shows everybody's."""

    def explorable_instances(self, user):
        found = super().explorable_instances(user)
        return found if user.is_superuser else found.filter(Q(pk__in=self.own(user)) | Q(pk__in=self.on_the_way(user)))

    def choosable(self, user):
        return without_drafts_of_others(Page.objects.all(), user)

    def own(self, user):
        return self.instances_user_has_any_permission_for(user, TO_ACT).values("pk")

    def on_the_way(self, user):
        way = self.model._default_manager.none()
        for permission in self.get_cached_permissions_for_user(user):
            way |= self.model._default_manager.ancestor_of(permission.page, inclusive=True)
        return way.values("pk")


def explorable_pages(user):
    return policy_registry.get_by_type(Page).explorable_instances(user)


def without_drafts_of_others(pages, user):
    """Also without published pages whose draft has another title, which would be told."""
    if user.is_superuser:
        return pages
    own = policy_registry.get_by_type(Page).instances_user_has_any_permission_for(user, TO_ACT)
    seen = Page.objects.filter(Q(live=True, draft_title=F("title")) | Q(pk__in=own.values("pk")))
    return pages.filter(pk__in=seen.values("pk"))  # a search knows no other filter


def may_open_page(request, match):
    """A question for `wagtail_access`: several of Wagtail's views show a page before they ask whose it is."""
    user, view = request.user, match.view_name
    if user.is_superuser or not view.startswith(OF_WAGTAIL):
        return True
    named = {str(match.kwargs[name]) for name in OF_PAGES if name in match.kwargs}
    chosen = {request.POST[name] for name in AS_PARENT if request.POST.get(name)}
    if view == "wagtailadmin_choose_page_chosen_multiple":
        chosen = set(request.GET.getlist("id"))
    elif view.startswith("wagtailadmin_choose_page"):
        named, chosen = set(), named
    in_public = without_drafts_of_others(Page.objects.all(), user)
    return has_all_rows(explorable_pages(user), named) and has_all_rows(in_public, chosen)


class MadeByPolicy(ScopedPolicy):
    """Changed and deleted by whoever made them; read and chosen by everybody who may see any.

    What nobody is known to have made belongs to those who may edit every event page that uses it. Not what somebody
    made: else using it on a page of one's own, before its maker does, would take it over.
    """

    def __init__(self, model, *, used_as):
        super().__init__(model, verbs=ANY_VERB)
        self.used_as = used_as

    def user_has_any_permission_for_instance(self, user, actions, instance):
        reads = "view" in actions and self.user_has_any_permission(user, ANY_VERB)
        return reads or super().user_has_any_permission_for_instance(user, set(actions) - {"view"}, instance)

    def instances_user_has_any_permission_for(self, user, actions):
        if "view" in actions:
            return self.model._default_manager.all()
        return super().instances_user_has_any_permission_for(user, actions)

    def scope(self, user, queryset):
        if user.is_superuser:
            return queryset
        uses = EventPage.objects.filter(**{self.used_as: OuterRef("pk")})
        own = policy_registry.get_by_type(EventPage).instances_user_has_permission_for(user, "change").values("pk")
        only_own = Exists(uses) & ~Exists(uses.exclude(pk__in=own))
        if self.used_as == "venue":
            only_own &= ~Exists(Performance.objects.filter(venue=OuterRef("pk")).exclude(page__in=own))
        return queryset.filter(Q(made_by=user) | (Q(made_by=None) & only_own))


def owners_of_own_pages(request):
    owners = explorable_pages(request.user).values("owner")
    return get_user_model().objects.filter(pk__in=owners)


def editors_of_own_pages(request):
    edits = PageLogEntry.objects.filter(action="wagtail.edit", page__in=explorable_pages(request.user).values("pk"))
    return get_user_model().objects.filter(pk__in=edits.values("user"))
