"""The form after an organiser has connected at SumUp: which account."""

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.domain.merchants import oauth_connect


class ChoiceForm(forms.Form):
    """Which account, and who runs it; what there is no choice about is not asked."""

    merchant_code = forms.ChoiceField(label=_("Account"), widget=forms.RadioSelect)
    group = forms.ModelChoiceField(
        queryset=None,
        label=_("Run by"),
        required=False,
        help_text=_("Who sees it and sells for it, besides administrators."),
    )

    def __init__(self, *args, user, offered, **kwargs):
        super().__init__(*args, **kwargs)
        codes = self.fields["merchant_code"]
        codes.choices = [(each.merchant_code, _label(each)) for each in offered]
        codes.initial = offered[0].merchant_code
        group = self.fields["group"]
        group.queryset = oauth_connect.list_connectable_groups(user)
        group.empty_label = _("Administrators alone") if user.is_superuser else None
        group.required = not user.is_superuser
        if not user.is_superuser:
            group.initial = group.queryset.first()


def _label(offered):
    words = f"{offered.name} ({offered.merchant_code})"
    return _("%(account)s, sandbox: no real money") % {"account": words} if offered.sandbox else words
