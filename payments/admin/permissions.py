"""Who may see whose money in the admin: the group that runs a merchant, and administrators.

A group gives the verb, `MerchantAccount.group` the rows; `protection.admin.row_scopes` has the mixins for the views.
"""

from payments.models import MerchantAccount
from protection.admin.own_rows import MOST_KEYS, KeyIndex, OwnRows
from protection.admin.row_scopes import ScopedPolicy


def own_merchants(user):
    if user.is_superuser:
        return MerchantAccount.objects.all()
    return MerchantAccount.objects.filter(group__in=user.groups.all())


class ByMerchantPolicy(ScopedPolicy):
    """Rows of a person's own merchants; administrators have all. `order` is that of a long list's index by merchant."""

    def __init__(self, model, *, merchant="merchant", order=None, verbs=("view",)):
        super().__init__(model, verbs=verbs)
        self.merchant, self.order = merchant, order

    def find_own_rows(self, user):
        if self.order is None or user.is_superuser:
            return None
        keys = own_merchants(user).values_list("pk", flat=True)
        return OwnRows(KeyIndex(self.model, self.merchant, self.order), tuple(keys[:MOST_KEYS]))

    def scope(self, user, queryset):
        return queryset.filter(**{f"{self.merchant}__in": own_merchants(user)})


class MerchantPolicy(ByMerchantPolicy):
    """Accounts are made by connecting one, never by a form; administrators alone rename them and say who runs them.

    Whoever may connect may look, too.
    """

    def user_has_permission(self, user, action):
        if action == "change":
            return user.is_active and user.is_superuser
        return action == "view" and (super().user_has_permission(user, "view") or may_connect_accounts(user))

    def user_has_any_permission(self, user, actions):
        return any(self.user_has_permission(user, action) for action in actions)


def may_connect_accounts(user):
    return user.has_perm("payments.add_merchantaccount")
