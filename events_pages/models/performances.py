from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events_pages.dates.wording import EVENING
from events_pages.enums import NOT_TAKING_PLACE, PerformanceStatus
from events_pages.querysets import FOLLOWING, ONE_DAY, PerformanceManager

USUAL_LENGTH = timedelta(hours=3)
"""Of a performance whose end nobody has said."""
EARLIEST_DOORS = timedelta(hours=12)
"""Before the start. What is longer was the hour of another date."""


class Performance(models.Model):
    """One date of an event page: the thing that happens. Edited live, never part of the page's revisions.

    Lists, structured data, calendars, mails, tickets and the door read dates here and nowhere else. All moments are
    aware and in UTC; `events_pages.dates.edits` changes them, with an entry in the history and a higher `sequence`.
    """

    page = models.ForeignKey(
        "events_pages.EventPage", models.CASCADE, related_name="performances", verbose_name=_("event page")
    )
    name = models.CharField(
        _("name"),
        max_length=80,
        blank=True,
        default="",
        help_text=_("Only where it tells dates apart: “Matinee”, “Opening night”."),
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"), blank=True, help_text=_("Empty: about three hours after the start."))
    is_end_estimated = models.BooleanField(_("nobody said the end"), default=False, editable=False)
    doors_at = models.DateTimeField(_("doors open"), null=True, blank=True)
    venue = models.ForeignKey(
        "events_pages.Venue",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="performances",
        verbose_name=_("venue of this date"),
        help_text=_("Empty: the venue of the event page."),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=PerformanceStatus, default=PerformanceStatus.SCHEDULED, editable=False
    )
    status_note = models.CharField(
        _("about the status"),
        max_length=240,
        blank=True,
        default="",
        help_text=_("Why, and what ticket holders should do: “Gale warning. Everybody is refunded by Friday.”"),
    )
    link = models.URLField(
        _("where to watch"), blank=True, default="", help_text=_("The address, when it moved online.")
    )
    former_starts_at = models.DateTimeField(_("start before it was moved"), null=True, blank=True, editable=False)
    former_venue = models.ForeignKey(
        "events_pages.Venue",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("venue before it was moved"),
    )
    sequence = models.PositiveIntegerField(_("changes that calendars must hear of"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    is_long = models.BooleanField(
        default=False, editable=False, help_text=_("Over a day: an index finds what goes on now by it.")
    )
    # Copied from the page and the venues by `PerformanceQuerySet.copy_places`, so that an index finds dates by them
    held_at = models.ForeignKey(
        "events_pages.Venue",
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    parish = models.CharField(max_length=20, default="", db_default="", editable=False)
    has_access_notes = models.BooleanField(default=False, db_default=False, editable=False)

    objects = PerformanceManager()

    class Meta:
        verbose_name = _("date")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="performance_ends_after_start"),
            models.CheckConstraint(
                condition=Q(doors_at__isnull=True) | Q(doors_at__lte=F("starts_at")),
                name="performance_doors_before_start",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="performance_start"),
            models.Index(fields=["ends_at"], name="performance_end"),
            models.Index(fields=["page", "ends_at"], name="performance_of_page"),
            models.Index(fields=["ends_at"], condition=Q(is_long=True), name="performance_long"),
            models.Index(
                fields=["page"], condition=Q(status=PerformanceStatus.POSTPONED), name="performance_postponed"
            ),
            models.Index(fields=["held_at", "starts_at", "id"], name="performance_at_venue"),
            models.Index(fields=["parish", "starts_at", "id"], name="performance_in_parish"),
            models.Index(
                fields=["starts_at", "id"], condition=Q(has_access_notes=True), name="performance_with_access"
            ),
            models.Index(fields=["ends_at"], condition=Q(status__in=NOT_TAKING_PLACE), name="performance_off"),
        ]

    def __str__(self):
        return f"{self.page.title} – {self.name}" if self.name else self.page.title

    def save(self, *args, **kwargs):
        self.complete_times()
        super().save(*args, **kwargs)
        type(self).objects.filter(pk=self.pk).copy_places()

    def clean(self):
        super().clean()
        if self.starts_at and self.ends_at and not self.is_end_estimated and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The end must come after the start.")})
        if self.starts_at and self.doors_at and self.doors_at > self.starts_at:
            raise ValidationError({"doors_at": _("Doors open before the start, not after it.")})

    def complete_times(self):
        """An end is always known; call it before rows are written in bulk."""
        if self.ends_at is None or self.is_end_estimated:
            self.ends_at, self.is_end_estimated = self.starts_at + USUAL_LENGTH, True
        self.is_long = self.ends_at - self.starts_at > ONE_DAY

    def list_next_dates(self):
        """Ids of itself and the following dates of its event, as `with_next_dates` has read them."""
        return [pk for name in FOLLOWING if (pk := getattr(self, name))]

    @property
    def said_end(self):
        """None where nobody said it: a guess is printed nowhere."""
        return None if self.is_end_estimated else self.ends_at

    @property
    def takes_place(self):
        return self.status not in NOT_TAKING_PLACE

    @property
    def is_online(self):
        return self.status == PerformanceStatus.MOVED_ONLINE

    @property
    def has_news(self):
        return bool(self.status != PerformanceStatus.SCHEDULED or self.status_note or self.former_venue_id)

    @property
    def own_venue(self):
        """The Venue where it is: its own, or the page's."""
        return self.venue or self.page.venue

    @property
    def place(self):
        """In words: “Opera House, St Helier”."""
        if self.is_online:
            return str(_("Online"))
        return self.own_venue.place if self.own_venue else ""

    def is_over(self, now):
        """What was postponed waits for a new date, so it is not over."""
        return self.status != PerformanceStatus.POSTPONED and self.ends_at <= now

    def is_tonight(self, now):
        """Takes place this evening in the island: begins at five or later today, or goes on until then."""
        if not self.takes_place or self.is_over(now):
            return False
        evening = timezone.localtime(now).replace(hour=EVENING, minute=0, second=0, microsecond=0)
        return timezone.localdate(self.starts_at) <= timezone.localdate(now) and self.ends_at > evening
