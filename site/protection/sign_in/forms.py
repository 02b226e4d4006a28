"""Forms with a password or a code: those of one's own account, and Wagtail's, bounded as signing in is."""

from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import PasswordChangeForm
from wagtail.admin.forms.auth import PasswordResetForm as WagtailPasswordResetForm

from common.queue import wake


class CodeForm(forms.Form):
    """The six digits of the app."""

    code = forms.CharField(
        label=_("Code"),
        max_length=16,
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "autocapitalize": "off",
            }
        ),
    )

    use_required_attribute = False


class AnyCodeForm(CodeForm):
    """The app's code, or a recovery code, which has letters: so any keyboard."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("The six digits that the app shows now, or one of your recovery codes.")
        self.fields["code"].widget.attrs["autofocus"] = True


class PasswordForm(forms.Form):
    """One's own password again, before something that a stranger at an open laptop must not do. Wrong ones count for
    the lockout."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    use_required_attribute = False

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self):
        password = self.cleaned_data["password"]
        if not check_own_password(self.request, password):
            raise forms.ValidationError(_("That is not your password."))
        return password


class OwnPasswordForm(PasswordChangeForm):
    """Wagtail's own, but a wrong old password counts for the lockout. The panel sets `request`."""

    def clean_old_password(self):
        password = self.cleaned_data["old_password"]
        if not check_own_password(self.request, password):
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


def check_own_password(request, password):
    """Counts once a request for the lockout, however often the form is validated."""
    if not hasattr(request, "is_own_password"):
        known = authenticate(request, username=request.user.get_username(), password=password)
        request.is_own_password = known is not None and known.pk == request.user.pk
    return request.is_own_password


class PasswordResetForm(WagtailPasswordResetForm):
    """Wagtail's own, but the worker looks for the address and writes, so that every address is answered alike and as
    quickly."""

    def save(self, *args, **kwargs):
        wake("protection.tasks.send_password_reset", self.cleaned_data["email"])
