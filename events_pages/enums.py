"""Choices of event pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PerformanceStatus(models.TextChoices):
    SCHEDULED = "scheduled", _("Scheduled")
    CANCELLED = "cancelled", _("Called off")
    POSTPONED = "postponed", _("Postponed")
    RESCHEDULED = "rescheduled", _("Moved to another date")
    MOVED_ONLINE = "moved_online", _("Moved online")


NOT_TAKING_PLACE = (PerformanceStatus.CANCELLED, PerformanceStatus.POSTPONED)
"""On its date nobody comes: called off, or waiting for a new date."""


class Entry(models.TextChoices):
    """What a page says of tickets while nothing is sold for it here."""

    NO_TICKET = "", _("No ticket needed")
    TICKETS_LATER = "tickets_later", _("Tickets come later")
    ELSEWHERE = "elsewhere", _("Sold elsewhere")


class Frequency(models.TextChoices):
    """How often a series of dates comes back."""

    DAILY = "daily", _("By days")
    WEEKLY = "weekly", _("By weeks")
    MONTHLY = "monthly", _("By months")


class ClashReason(models.IntegerChoices):
    """Why another event matters to whoever chooses a date, the strongest first."""

    SAME_VENUE = 1, _("At the same venue, at the same time")
    SAME_PARISH = 2, _("In the same parish")
    SAME_CATEGORY = 3, _("Of the same kind, elsewhere in the island")


class Parish(models.TextChoices):
    """The twelve, sorted as an islander would: “St” as “Saint”."""

    GROUVILLE = "grouville", _("Grouville")
    ST_BRELADE = "st_brelade", _("St Brelade")
    ST_CLEMENT = "st_clement", _("St Clement")
    ST_HELIER = "st_helier", _("St Helier")
    ST_JOHN = "st_john", _("St John")
    ST_LAWRENCE = "st_lawrence", _("St Lawrence")
    ST_MARTIN = "st_martin", _("St Martin")
    ST_MARY = "st_mary", _("St Mary")
    ST_OUEN = "st_ouen", _("St Ouen")
    ST_PETER = "st_peter", _("St Peter")
    ST_SAVIOUR = "st_saviour", _("St Saviour")
    TRINITY = "trinity", _("Trinity")


class RefundRule(models.TextChoices):
    CANCELLED_ONLY = "cancelled_only", _("No refunds unless the event is cancelled or moved to another date.")
    DAY_BEFORE = "day_before", _("Refunds until 24 hours before the start.")
    WEEK_BEFORE = "week_before", _("Refunds until seven days before the start.")


class CookieKind(models.TextChoices):
    NECESSARY = "necessary", _("Needed")
    CONSENT = "consent", _("Only if you say yes")


class LegalKind(models.TextChoices):
    TERMS = "terms", _("Terms and conditions")
    PRIVACY = "privacy", _("Privacy")
    REFUNDS = "refunds", _("Refunds")
    COOKIES = "cookies", _("Cookies")
    ACCESSIBILITY = "accessibility", _("Accessibility")


class DateShift(models.TextChoices):
    """How far the dates of a copied event move."""

    SAME_WEEKDAY = "weekday", _("The same weekday next year, 52 weeks later")
    SAME_DAY = "day", _("The same day of the month next year")
    CHOSEN = "chosen", _("The first date on this day, the others as far from it as they were:")
