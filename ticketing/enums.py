"""The words of ticketing. No status text is typed anywhere else."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderState(models.TextChoices):
    PENDING_VERIFICATION = "pending_verification", _("pending verification")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")
    REQUIRES_MANUAL_REVIEW = "requires_manual_review", _("requires manual review")
    REFUNDED = "refunded", _("refunded")


class TicketState(models.TextChoices):
    VALID = "valid", _("valid")
    USED = "used", _("used")
    VOID = "void", _("void")


class FeePolicy(models.TextChoices):
    ABSORB = "absorb", _("included in the ticket price")
    PASS_ON = "pass_on", _("added to the ticket price")


class DeliveryKind(models.TextChoices):
    TICKETS = "tickets", _("tickets")
    FAILURE = "failure", _("payment failed")
    EXPIRY = "expiry", _("order expired")
    LINKS = "links", _("find my tickets")
    REFUND = "refund", _("refund made")
    REFUND_WAITING = "refund_waiting", _("refund on its way")
    LATE_PAYMENT = "late_payment", _("paid too late")  # before there was `REVIEW`; it says the same
    ADDRESS_CHANGED = "address_changed", _("address changed, to the former one")
    PERSONAL_DATA = "personal_data", _("link to one's own data")
    REVIEW = "review", _("the payment needs a person")


class ChangeKind(models.TextChoices):
    """What changed for a date; of several things the first of these."""

    CANCELLED = "cancelled", _("Called off")
    POSTPONED = "postponed", _("Postponed")
    MOVED = "moved", _("Moved to another day")
    ONLINE = "online", _("Moved online")
    RESUMED = "resumed", _("Takes place after all")
    VENUE = "venue", _("Other venue")
    TIMES = "times", _("Other times")
    AGE_LIMIT = "age_limit", _("Other age limit")


class NoticeState(models.TextChoices):
    DRAFT = "draft", _("not sent yet")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DECLINED = "declined", _("nobody was told")


class ReviewCause(models.TextChoices):
    """Why an order waits for a person, as its buyer hears of it. No column: it follows from the payments."""

    LATE = "late", _("paid too late")
    TWICE = "twice", _("paid more than once")
    DIFFERENT = "different", _("other money than asked for")
    UNCERTAIN = "uncertain", _("nobody knows whether it is paid")
    AGAIN = "again", _("paid after it had gone back")
    PART_BACK = "part_back", _("part of it went back")


class ProofReason(models.TextChoices):
    """Why somebody is asked to show that they are a person, in words for them: it accuses nobody and tells no limit."""

    RUSH = "rush", _("Very many people are taking these tickets at this moment.")
    LAPSED = (
        "lapsed",
        _("Seats were held several times from your network, or with this e-mail address, and not bought."),
    )
    MUCH_HELD = "much_held", _("Very many tickets are held from your network at this moment, and not paid yet.")
    SHARE = "share", _("From your network more of these tickets are held than one basket usually has.")
    UNPAID = "unpaid", _("Several orders from your network have not been paid within the last hour.")
    EMAIL = "email", _("With this e-mail address many of these tickets are ordered already, and not paid or free.")


class MoneyBack(models.TextChoices):
    """What becomes of the money of tickets to what is called off, in words for who holds them; what is still to come
    first. No column: it follows from the refunds.
    """

    WAITING = (
        "waiting",
        _(
            "Your money is on its way back: it comes as soon as the organiser has enough at SumUp. There is nothing "
            "you need to do."
        ),
    )
    ASKED = (
        "asked",
        _("We have asked SumUp to return your money. There is nothing you need to do: an e-mail says when it is done."),
    )
    RETURNED = "returned", _("Your money went back to the card you paid with.")
    FREE = "free", _("These tickets were free, so there is no money to give back and nothing you need to do.")
    TOLD_SOON = "told_soon", _("You hear by e-mail what happens with your money. There is nothing you need to do now.")
    NOT_ASKED = "not_asked", _("Your money has not been sent back yet.")


class DeliveryOutcome(models.TextChoices):
    """What the mail provider said later of a message it had taken."""

    DELIVERED = "delivered", _("delivered")
    DELAYED = "delayed", _("not delivered yet")
    BOUNCED = "bounced", _("bounced")
    COMPLAINED = "complained", _("marked as spam")


class DeliveryDoubt(models.TextChoices):
    """An attempt that nobody answered: what we know of it, as the order's page says it."""

    UNANSWERED = "unanswered", _("Nobody answered when it was sent: it may have gone out.")
    FOUND = "found", _("Nobody answered when it was sent. The provider has it, so it was not sent again.")
    MISSING = "missing", _("Nobody answered when it was sent. The provider did not have it, so it was sent again.")
    BLIND = "blind", _("Nobody answered when it was sent, nor can the provider be asked: it may have come twice.")


class ErasureKind(models.TextChoices):
    REQUEST = "request", _("asked for")
    RETENTION = "retention", _("kept long enough")


class BatchState(models.TextChoices):
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")


class CheckInResult(models.TextChoices):
    ACCEPTED = "accepted", _("Valid ticket")
    ALREADY_USED = "already_used", _("Already used")
    VOID = "void", _("Ticket is void")
    WRONG_EVENT = "wrong_event", _("Other event or date")
    CALLED_OFF = "called_off", _("Not on that date")
    UNKNOWN = "unknown", _("Not one of our tickets")


class OfferStatus(models.TextChoices):
    """What the chip on a card or buy box says."""

    ON_SALE = "on_sale", _("On sale")
    LAST_FEW = "last_few", _("Last few")
    OPENS_SOON = "opens_soon", _("On sale soon")
    LATER = "later", _("Tickets come later")
    SOLD_OUT = "sold_out", _("Sold out")
    CLOSED = "closed", _("Sales closed")
    CANCELLED = "cancelled", _("Called off")
    POSTPONED = "postponed", _("Postponed")
    MOVED_ONLINE = "moved_online", _("Moved online")
    ELSEWHERE = "elsewhere", _("Sold elsewhere")
    PAST = "past", _("Past")
    NO_TICKETS = "no_tickets", _("No ticket needed")


class DateScope(models.TextChoices):
    """Which dates an edit of one of them is meant for."""

    ONE = "one", _("This date only")
    LATER = "later", _("This one and the later ones like it")
    ALL = "all", _("This one and all to come like it")
