"""Errors of selling, in words fit for a buyer."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.text.direction import isolate_text


class TicketingError(Exception):
    """`message` is translated and may be shown as it is."""

    default = _("That did not work. Please try again.")

    def __init__(self, message=None):
        self.message = message or self.default
        super().__init__(str(self.message))


class SoldOut(TicketingError):
    """`remaining` is how many seats are left of what is named in the message."""

    def __init__(self, name="", *, remaining=0):
        self.name = name
        self.remaining = remaining
        super().__init__(self._words(name, remaining))

    @staticmethod
    def _words(name, remaining):
        if remaining <= 0:
            return _("%(name)s is sold out.") % {"name": isolate_text(name)} if name else _("Sold out.")
        left = ngettext("Only %(count)d ticket is left", "Only %(count)d tickets are left", remaining)
        left = left % {"count": remaining}
        return _("%(left)s for %(name)s.") % {"left": left, "name": isolate_text(name)} if name else f"{left}."


class NotOnSale(TicketingError):
    default = _("These tickets are not on sale.")


class DateChanged(TicketingError):
    default = _("A date has changed since you last looked. See what is new, then order if you still want to come.")


class NotInvited(TicketingError):
    default = _("Tickets are sold by invitation for now. Type the code of your invitation.")


class LimitExceeded(TicketingError):
    default = _("That is more than one order may have.")


class NotAName(TicketingError):
    default = _("This is no name of a person.")


class HoldExpired(TicketingError):
    default = _("Your hold has ended. Take the same seats again if they are still free.")


class NothingToOrder(TicketingError):
    default = _("There is nothing in your basket.")


class CannotExtend(TicketingError):
    default = _("Your hold cannot be extended any further.")


class NotCancellable(TicketingError):
    default = _("This order can no longer be cancelled.")


class TryLater(TicketingError):
    default = _("Please wait a moment and try again.")


class NotProven(TicketingError):
    """A person is asked to show that they are one; nothing is wrong with what they typed."""

    default = _("One more step before we go on: we check that you are a person.")

    def __init__(self, reason):
        self.reason = reason  # a `ProofReason`
        super().__init__()


class TooManyFromHere(TryLater):
    """`minutes` until the first of what is held comes back."""

    def __init__(self, *, minutes):
        self.minutes = minutes
        words = ngettext(
            "Many tickets are being held from your network just now. Please pay for those, try again in %(minutes)d "
            "minute, or use another connection.",
            "Many tickets are being held from your network just now. Please pay for those, try again in %(minutes)d "
            "minutes, or use another connection.",
            minutes,
        )
        super().__init__(words % {"minutes": minutes})


class TooManyUnpaid(TryLater):
    default = _(
        "Orders of this e-mail address for this event are not paid yet. Please pay for those or cancel them first."
    )


class TooManyAtOnce(LimitExceeded):
    """One basket alone is more than a place may have unpaid."""

    def __init__(self, most):
        words = ngettext(
            "Some seats stay free for others until you have paid. Take up to %(count)d ticket now, pay for it, then "
            "take the others.",
            "Some seats stay free for others until you have paid. Take up to %(count)d tickets now, pay for them, then "
            "take the others.",
            most,
        )
        super().__init__(words % {"count": most})


class EnoughOrdered(LimitExceeded):
    default = _("With this e-mail address enough tickets were ordered for this event already.")


class NoTickets(TicketingError):
    default = _("There are no tickets for this order.")


class NotRefundable(TicketingError):
    default = _("This cannot be refunded.")


class NotAcceptable(TicketingError):
    default = _("This order cannot be accepted as it is.")


class NotSettled(TicketingError):
    default = _("This order cannot be settled by hand: it is free, it has ended otherwise, or its payment is known.")


class NothingHeld(TicketingError):
    default = _("We hold nothing about this address.")


class AddressStands(TicketingError):
    default = _("The tickets are on their way to the address of this order. Nothing has come back.")


class PersonErased(TicketingError):
    default = _("This person was erased: there is nobody to write to.")
