"""What staff fill in: refunds, reviews, settling by hand, corrected addresses."""

import re
from unicodedata import normalize

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from common.text.direction import isolate_text
from payments.money import ZERO, format_money
from ticketing.enums import TicketState
from ticketing.forms import AddressForm
from ticketing.models import Ticket

LONGEST_REASON, LONGEST_CODE = 500, 60
TRANSACTION_CODE = re.compile(r"[A-Z0-9]{6,32}", re.ASCII)
REASON = {
    "label": _("Reason"),
    "help_text": _("Kept in the history of the order. The buyer does not see it."),
    "max_length": LONGEST_REASON,
    "error_messages": {"required": _("Please say why: the next person to look will want to know.")},
}


def reason_field(**options):
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **REASON | options)


class RefundExtent(TextChoices):
    WHOLE = "whole", _("The whole order: all that is left of it")
    TICKETS = "tickets", _("These tickets")
    AMOUNT = "amount", _("An amount; all tickets stay valid")


class TicketChoiceField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, ticket):
        used = _(" (used)") if ticket.state == TicketState.USED else ""
        price = format_money(ticket.line.unit_price)
        title, kind = isolate_text(ticket.line.event_title), isolate_text(ticket.line.type_name)
        name = isolate_text(ticket.holder_name or "–")
        return f"{title}: {kind}, {name}, {price}{used}"


class RefundForm(forms.Form):
    """`scope` limits the choices to what the person may decide about."""

    extent = forms.ChoiceField(label=_("What goes back?"), choices=RefundExtent, widget=forms.RadioSelect)
    tickets = TicketChoiceField(
        label=_("Tickets"), queryset=Ticket.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    amount = forms.DecimalField(
        label=_("Amount in pounds"), min_value=0, max_digits=8, decimal_places=2, required=False, localize=True
    )
    money_back = forms.BooleanField(label=_("Money back?"), help_text=_("To the card it came from."), required=False)
    seats_back = forms.BooleanField(
        label=_("Seats back on sale?"), help_text=_("Those of the tickets that become void."), required=False
    )
    tell_buyer = forms.BooleanField(
        label=_("Tell the buyer?"), help_text=_("By e-mail, once it is done."), required=False
    )
    reason = reason_field()
    expected = forms.DecimalField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, order, scope, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Ticket.objects.filter(line__in=scope.lines, line__order=order).exclude(state=TicketState.VOID)
        self.fields["tickets"].queryset = mine.select_related("line")
        if not scope.is_whole:
            self.fields["extent"].choices = [(RefundExtent.TICKETS, RefundExtent.TICKETS.label)]
        elif order.is_free:
            self.fields["extent"].choices = [(each, each.label) for each in (RefundExtent.WHOLE, RefundExtent.TICKETS)]
        if order.is_free:
            del self.fields["money_back"]
        if order.is_free or not scope.is_whole:
            del self.fields["amount"]

    def clean(self):
        data = super().clean()
        extent = data.get("extent")
        if extent == RefundExtent.TICKETS and not data.get("tickets") and "tickets" not in self.errors:
            self.add_error("tickets", _("Tick at least one ticket."))
        if extent == RefundExtent.AMOUNT and "amount" not in self.errors:
            self.clean_an_amount(data)
        return data

    def clean_an_amount(self, data):
        if not data.get("amount"):
            self.add_error("amount", _("Say how many pounds go back."))
        if not data.get("money_back"):
            self.add_error("money_back", _("An amount is money: tick this, or choose tickets instead."))

    @property
    def what(self):
        """The valid form as arguments of `quote_refund` and `request_order_refund`."""
        data, extent = self.cleaned_data, self.cleaned_data["extent"]
        return {
            "tickets": list(data["tickets"]) if extent == RefundExtent.TICKETS else None,
            "amount": data["amount"] if extent == RefundExtent.AMOUNT else None,
            "money_back": data.get("money_back", False),
        }

    @property
    def effects(self):
        data = self.cleaned_data
        return {
            "seats_back": data["seats_back"] and data["extent"] != RefundExtent.AMOUNT,
            "tell_buyer": data["tell_buyer"],
            "reason": data["reason"],
        }

    def is_about(self, amount):
        return (self.cleaned_data.get("expected") or ZERO) == amount


class AddressChangeForm(AddressForm):
    reason = reason_field()


class ReasonForm(forms.Form):
    reason = reason_field()


class ByHandVerdict(TextChoices):
    """What a person saw in SumUp's dashboard."""

    PAID = "paid", _("Paid: complete the order, with tickets")
    UNPAID = "unpaid", _("Not paid: end it, its seats go back on sale")


class ByHandForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("What does SumUp’s dashboard show?"), choices=ByHandVerdict, widget=forms.RadioSelect
    )
    code = forms.CharField(
        label=_("Transaction code"),
        max_length=LONGEST_CODE,
        required=False,
        help_text=_("As SumUp’s dashboard shows it, for example TDS4X9K2QM. It is compared with SumUp’s list later."),
    )
    reason = reason_field()

    def __init__(self, *args, may_fail, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_fail:
            self.fields["verdict"].choices = [(ByHandVerdict.PAID, ByHandVerdict.PAID.label)]

    def clean_code(self):
        code = "".join(normalize("NFKC", self.cleaned_data["code"]).replace("-", " ").split()).upper()
        if code and not TRANSACTION_CODE.fullmatch(code):
            raise forms.ValidationError(_("A transaction code has 6 to 32 letters and digits, and nothing else."))
        return code

    def clean(self):
        data = super().clean()
        if data.get("verdict") == ByHandVerdict.PAID and not data.get("code") and "code" not in self.errors:
            self.add_error("code", _("Without SumUp’s transaction code nobody can prove it later."))
        return data


class RefundBatchForm(forms.Form):
    seats_back = forms.BooleanField(
        label=_("Seats back on sale?"), help_text=_("For a cancelled event leave it as it is."), required=False
    )
    tell_buyer = forms.BooleanField(
        label=_("Tell the buyers?"),
        help_text=_("Each gets an e-mail once their money is on its way."),
        required=False,
        initial=True,
    )
    reason = reason_field()
