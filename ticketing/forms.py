"""What buyers fill in: name, e-mail address, terms."""

from difflib import get_close_matches

from django import forms
from django.utils.translation import gettext_lazy as _

from common.text.email_addresses import normalise_email, readable_email
from ticketing.domain.orders import buyer_name

MAIL_HOSTS = (
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "outlook.com",
    "live.co.uk",
    "icloud.com",
    "me.com",
    "yahoo.com",
    "yahoo.co.uk",
    "btinternet.com",
    "jerseymail.co.uk",
    "proton.me",
    "gov.je",
)
ADDRESS_ATTRS = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "off"}
NO_ADDRESS = _("Write the whole address, like ana@example.je.")


def likely_address(email):
    """The address that was probably meant (`ana@gmial.com` → `ana@gmail.com`), "" when it looks right."""
    name, _at, host = email.rpartition("@")
    host = host.lower()
    if not name or host in MAIL_HOSTS:
        return ""
    close = get_close_matches(host, MAIL_HOSTS, n=1, cutoff=0.85)
    return f"{name}@{close[0]}" if close else ""


class HoneypotForm(forms.Form):
    """A field that people do not see and programs fill in. Whoever fills it in is asked again and nothing else."""

    homepage = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def clean_homepage(self):
        if self.cleaned_data["homepage"]:
            raise forms.ValidationError(
                _("We could not take this form: a field was filled in that people do not see. Empty it and send again.")
            )
        return ""


class AddressForm(forms.Form):
    """Where the tickets go. A doubtful address is asked about once; sent again unchanged, it is taken."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        help_text=_("Your tickets go to this address."),
        error_messages={
            "required": _("Tell us where to send your tickets."),
            "invalid": NO_ADDRESS,
        },
        widget=forms.EmailInput(attrs=ADDRESS_ATTRS | {"data-mail-hosts": " ".join(MAIL_HOSTS)}),
    )
    insisted = forms.CharField(required=False, max_length=254, widget=forms.HiddenInput)

    use_required_attribute = False
    likely = ""

    @property
    def insistence(self):
        """Hidden in a form that asks about a doubtful address: sent again, it stands by that address."""
        return forms.HiddenInput().render("insisted", self["email"].value()) if self.likely else ""

    def clean(self):
        cleaned = super().clean()
        email = cleaned.get("email", "")
        self.likely = likely_address(email)
        if self.likely and normalise_email(cleaned.get("insisted", "")) != email:
            self.add_error(
                "email",
                _("Did you mean %(likely)s? Change it, or send the form again to keep %(email)s.")
                % {"likely": self.likely, "email": readable_email(email)},
            )
        return cleaned


def validate_name(text):
    if why := buyer_name.why_not_a_name(text):
        raise forms.ValidationError(why, code="no_name")


class NameField(forms.CharField):
    """The name of a buyer or guest. What would be an advertisement in an e-mail is refused."""

    default_validators = [validate_name]

    def __init__(self, **kwargs):
        super().__init__(max_length=buyer_name.LONGEST_NAME, **kwargs)


class DetailsForm(HoneypotForm, AddressForm):
    name = NameField(
        label=_("Your name"),
        help_text=_("It is printed on the tickets."),
        error_messages={"required": _("Tell us your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    terms = forms.BooleanField(
        label=_("Terms"), error_messages={"required": _("Tick the box to accept the terms before you order.")}
    )

    field_order = ["name", "email", "terms", "insisted"]


class FindForm(HoneypotForm):
    email = forms.EmailField(
        label=_("The e-mail you bought with"),
        max_length=254,
        error_messages={"required": _("Tell us the address you bought with."), "invalid": NO_ADDRESS},
        widget=forms.EmailInput(attrs=ADDRESS_ATTRS),
    )

    use_required_attribute = False
