"""Row permissions of the admin: a group gives the verb, the `scope` of a model's policy the rows.

Wagtail's generic views ask for the verb only, so every view of one row or of many takes one of these mixins.
"""

import re

from django.core.exceptions import PermissionDenied
from django.utils.functional import cached_property
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permission_policies.collections import CollectionPermissionLookupMixin
from wagtail.permissions import policy_registry
from wagtail.snippets.views import chooser
from wagtail.snippets.views.chooser import SnippetChooserViewSet

from protection.admin.spreadsheets import StreamedExport

ANY_VERB = ["add", "change", "delete", "view"]
NUMBER = re.compile(r"\d{1,18}", re.ASCII)


class ScopedPolicy(ModelPermissionPolicy):
    """The rows that the subclass's `scope(user, queryset)` leaves to a person.

    `verbs` bounds what anybody may do by a form, administrators included.
    """

    def __init__(self, model, *, verbs):
        super().__init__(model)
        self.verbs = frozenset(verbs)

    def user_has_permission(self, user, action):
        return action in self.verbs and super().user_has_permission(user, action)

    def user_has_permission_for_instance(self, user, action, instance):
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(self, user, actions, instance):
        if not self.user_has_any_permission(user, actions):
            return False
        return self.scope(user, self.model._default_manager.filter(pk=instance.pk)).exists()

    def instances_user_has_any_permission_for(self, user, actions):
        return self.scope(user, super().instances_user_has_any_permission_for(user, actions))

    def find_own_rows(self, user):
        """Those of a long list by the keys that are the person's; None where it is read as it is."""

    def choosable(self, user):
        return self.instances_user_has_any_permission_for(user, ANY_VERB)


class ScopedList(StreamedExport):
    """For lists, their search, filters and exports: a person's own rows only."""

    sorted_by = ("pk",)
    """Sort keys that an index serves. By other columns a long list would be read from end to end."""

    @cached_property
    def columns(self):
        columns = super().columns
        for column in columns:
            column.sort_key = column.sort_key if column.sort_key in self.sorted_by else None
        return columns

    @cached_property
    def own(self):
        return self.permission_policy.find_own_rows(self.request.user)

    def get_base_queryset(self):
        rows = super().get_base_queryset()
        return self.own.narrow(rows) if self.own else self.permission_policy.scope(self.request.user, rows)

    def get_paginator(self, *args, **kwargs):
        paginator = super().get_paginator(*args, **kwargs)
        paginator.own = self.read_by_key
        return paginator

    @property
    def read_by_key(self):
        """None of a search: what it finds is few, and not to be looked for under every key."""
        return None if self.is_searching else self.own


class ScopedObject:
    """For views of one row: another person's row is refused. A subclass may ask for fewer verbs."""

    verbs = ANY_VERB

    def get_object(self, *args, **kwargs):
        found = super().get_object(*args, **kwargs)
        if not self.permission_policy.user_has_any_permission_for_instance(self.request.user, self.verbs, found):
            raise PermissionDenied
        return found


def scope_view(view, *mixins, verbs=ANY_VERB):
    """This view of one row of Wagtail's, for a person's own rows alone."""
    return type(view.__name__, (ScopedObject, *mixins, view), {"verbs": verbs})


class ScopedChoice:
    """For the lists of a chooser."""

    def get_object_list(self):
        return scoped_rows(self.request.user, super().get_object_list())


class ScopedChosen:
    """For the one row that was chosen: another person's is not found."""

    def get_object(self, pk):
        return scoped_rows(self.request.user, self.model_class.objects.all()).get(pk=pk)


class ScopedChosenMultiple:
    def get_objects(self, pks):
        return scoped_rows(self.request.user, super().get_objects(pks))


def choosable_rows(user, model):
    """What a person's choosers offer: all rows where the model's policy has no scope."""
    policy = policy_registry.get_by_type(model)
    if isinstance(policy, CollectionPermissionLookupMixin):
        return policy.instances_user_has_any_permission_for(user, ["choose", "change"])
    return policy.choosable(user) if hasattr(policy, "choosable") else model._default_manager.all()


def has_all_rows(rows, numbers):
    """Whether all rows with these ids are among them. Ids are texts as they were sent: forms take “ 7” and “+7” for 7
    too, so what is not plainly a number is nobody's."""
    if not all(NUMBER.fullmatch(number) for number in numbers):
        return False
    return not numbers or rows.filter(pk__in=numbers).count() == len(numbers)


def scoped_rows(user, rows):
    return policy_registry.get_by_type(rows.model).scope(user, rows)


class ChooserViewSet(SnippetChooserViewSet):
    """Without Wagtail's address for a form in the chooser: there is none, so it would only fail."""

    def get_urlpatterns(self):
        return [each for each in super().get_urlpatterns() if each.name != "create"]


class ScopedChooserViewSet(ChooserViewSet):
    choose_view_class = type("ChooseView", (ScopedChoice, chooser.ChooseView), {})
    choose_results_view_class = type("ChooseResultsView", (ScopedChoice, chooser.ChooseResultsView), {})
    chosen_view_class = type("ChosenView", (ScopedChosen, chooser.SnippetChosenView), {})
    chosen_multiple_view_class = type(
        "ChosenMultipleView", (ScopedChosenMultiple, chooser.SnippetChosenMultipleView), {}
    )
