"""Who may see whose money in the admin: the group that runs a merchant, and administrators.

A group gives the verb, `MerchantAccount.group` the rows. Wagtail's generic views ask for the verb only, so every view
of one row or of many takes one of the two mixins.
"""

from django.core.exceptions import PermissionDenied
from wagtail.permission_policies import ModelPermissionPolicy

from payments.models import MerchantAccount

ANY = ["add", "change", "delete", "view"]


def own_merchants(user):
    """The accounts that a person may see, as a queryset."""
    if user.is_superuser:
        return MerchantAccount.objects.all()
    return MerchantAccount.objects.filter(group__in=user.groups.all())


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


class ByMerchantPolicy(ScopedPolicy):
    """Rows of a person's own merchants; administrators have all."""

    def __init__(self, model, *, merchant="merchant", verbs=("view",)):
        super().__init__(model, verbs=verbs)
        self.merchant = merchant

    def scope(self, user, queryset):
        return queryset.filter(**{f"{self.merchant}__in": own_merchants(user)})


class MerchantPolicy(ByMerchantPolicy):
    """Accounts are made by connecting one, never by a form; administrators alone rename them and say who runs them.

    Whoever may connect may look, too.
    """

    def user_has_permission(self, user, action):
        if action == "change":
            return user.is_active and user.is_superuser
        return action == "view" and (super().user_has_permission(user, "view") or may_connect(user))

    def user_has_any_permission(self, user, actions):
        return any(self.user_has_permission(user, action) for action in actions)


def may_connect(user):
    """The verb for connecting, checking and disconnecting; the rows are a person's own."""
    return user.has_perm("payments.add_merchantaccount")


class ScopedList:
    """For lists, their search, filters and exports: shows a person's own rows only."""

    def get_base_queryset(self):
        return self.permission_policy.scope(self.request.user, super().get_base_queryset())


class ScopedObject:
    """For everything that opens one row: another person's row is refused."""

    def get_object(self, *args, **kwargs):
        found = super().get_object(*args, **kwargs)
        if not self.permission_policy.user_has_any_permission_for_instance(self.request.user, ANY, found):
            raise PermissionDenied
        return found
