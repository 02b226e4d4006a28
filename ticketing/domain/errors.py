"""Refusals of ticketing, each in words fit for a buyer."""


class TicketingError(Exception):
    """Root of all refusals; `str()` of it is shown to the buyer."""

    def __init__(self, message):
        super().__init__(message)
        self.message = message

    def __str__(self):
        return str(self.message)


class SoldOut(TicketingError):
    """No room left for what was asked."""


class NotOnSale(TicketingError):
    """Sales have not opened, have closed, or were stopped."""


class LimitExceeded(TicketingError):
    """More, or fewer, than one order may hold."""


class HoldExpired(TicketingError):
    """The seats went back on sale before the order was placed."""


class NothingToOrder(TicketingError):
    """The basket is empty."""


class CannotExtend(TicketingError):
    """The hold was extended as often as is fair to others."""


class NotCancellable(TicketingError):
    """The order is paid, or may still be paid."""


class TryLater(TicketingError):
    """Asked again too soon."""
