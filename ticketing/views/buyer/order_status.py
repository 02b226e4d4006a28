"""What the order page says while a payment is being verified, by how long the buyer has waited."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from payments.enums import TAKEN_FOR_PAID, PaymentState
from ticketing.enums import OrderState

PATIENT = timedelta(seconds=20)
LONG = timedelta(minutes=2)
PENDING_PAGES = {PaymentState.CREATED: "unreached", PaymentState.FAILED: "declined"}


def format_clock(moment):
    return date_format(timezone.localtime(moment), "H:i")


def read_waiting_since(request, now):
    """When the buyer began to wait, as the page that reloads itself says in its address. Anything odd means now."""
    text = request.GET.get("since", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return now
    return min(datetime.fromtimestamp(int(text), UTC), now)


@dataclass
class ProgressStep:
    words: str
    at: datetime | None = None
    mark: str = ""  # done, now, wrong, or what comes next

    @property
    def mark_in_words(self):
        return {"done": _("done"), "now": _("now")}.get(self.mark, "")


@dataclass
class OrderProgress:
    """`payment` is the latest one, None for a free order."""

    order: object
    payment: object
    now: datetime
    since: datetime
    is_paused: bool = False  # nobody asks SumUp just now, by a person's decision

    @property
    def is_pending(self):
        return self.order.state == OrderState.PENDING_VERIFICATION

    @property
    def can_pay(self):
        return self.is_pending and self.now < self.order.deadline and not self.is_paid

    @property
    def pay_url(self):
        return self.payment.hosted_url if self.payment and self.can_pay else ""

    @property
    def is_paid(self):
        return self.payment is not None and self.payment.state in TAKEN_FOR_PAID

    @cached_property
    def page(self):
        """The template, named after the order's state, for a pending order also after the payment's."""
        if not self.is_pending:
            return str(self.order.state)
        name = PENDING_PAGES.get(self.payment.state) if self.payment and self.can_pay else None
        return name or "processing"

    @property
    def view(self):
        """`order.js` fetches the page again when this changes."""
        return f"{self.page}-{self.can_pay:d}-{self.is_paid:d}" + ("-paused" if self.is_paused else "")

    @property
    def waited(self):
        return self.now - self.since

    @property
    def since_epoch(self):
        return int(self.since.timestamp())

    @property
    def reload_after(self):
        """Seconds, for browsers without our script."""
        return 5 if self.waited < PATIENT else 10 if self.waited < LONG else 30

    @property
    def text(self):
        email = {"email": self.order.readable_email}
        if self.is_paid:
            return _("SumUp has confirmed your payment. We are making your tickets: a moment, please.")
        if self.is_paused:
            return _("Your tickets stay reserved until we know whether you have paid.")
        if self.now >= self.order.deadline:
            return _("The time to pay is over. We are asking SumUp one last time before the tickets go back on sale.")
        if self.waited < PATIENT:
            return _(
                "Checking with SumUp that your payment went through. Please keep this page open; nothing more to do."
            )
        if self.waited < LONG:
            return (
                _("Still checking. You can close this page: we will email %(email)s the moment it is confirmed.")
                % email
            )
        return _("Your bank has not answered SumUp yet. Your tickets stay reserved while we wait.")

    @property
    def next_look(self):
        look = self.payment.next_check_at if self.payment else None
        if self.is_paid or self.is_paused or not look or self.waited < LONG:
            return ""
        return _("We look again at %(time)s.") % {"time": format_clock(max(look, self.now))}

    @property
    def steps(self):
        looked = self.payment.checked_at if self.payment else None
        mail = _("Tickets to %(email)s") % {"email": self.order.readable_email}
        ordered = ProgressStep(_("Order placed, tickets reserved"), self.order.created_at, "done")
        if self.is_paid:
            return [
                ordered,
                ProgressStep(_("SumUp confirmed your payment"), self.payment.paid_at, "done"),
                ProgressStep(mail, None, "now"),
            ]
        return [ordered, ProgressStep(_("Checking your payment with SumUp"), looked, "now"), ProgressStep(mail)]
