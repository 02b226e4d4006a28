from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ticketing.enums import ChangeKind, NoticeState

LONGEST_SUBJECT, LONGEST_WORDS = 120, 2000


class ChangeNotice(models.Model):
    """What changed for people who hold tickets, and what they are told of it. `ticketing.domain.changes.states` alone
    changes its state; nothing is mailed before a person sends it.

    `was` and `now` are {id of the date as text: its printed facts}, for the dates that people hold tickets for.
    `next_look_at` is the queue: while it is sent, and afterwards for orders that get their tickets late.
    """

    wagtail_reference_index_ignore = True

    page = models.ForeignKey(
        "events_pages.EventPage", models.PROTECT, related_name="change_notices", verbose_name=_("event page")
    )
    performance = models.ForeignKey(
        "events_pages.Performance",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="change_notices",
        verbose_name=_("date"),
        help_text=_("Empty: several dates of the page at once."),
    )
    kind = models.CharField(_("what changed"), max_length=12, choices=ChangeKind)
    was = models.JSONField(_("before"), default=dict)
    now = models.JSONField(_("now"), default=dict)
    subject = models.CharField(_("subject"), max_length=LONGEST_SUBJECT, blank=True)
    words = models.TextField(_("words"), max_length=LONGEST_WORDS, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=NoticeState, default=NoticeState.DRAFT)
    reason = models.CharField(_("why nobody was told"), max_length=500, blank=True)
    refunds_everybody = models.BooleanField(_("everybody gets their money back"), default=False)
    refunds_opened_at = models.DateTimeField(_("refunds asked for"), null=True, blank=True)
    choice_days = models.PositiveSmallIntegerField(_("days to choose one’s money back"), default=0)
    choice_until = models.DateTimeField(_("money back until"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"))
    made_at = models.DateTimeField(_("prepared"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("prepared by"),
    )
    sent_at = models.DateTimeField(_("sending began"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sent by")
    )
    next_look_at = models.DateTimeField(_("next look"), null=True, blank=True)

    class Meta:
        verbose_name = _("change notice")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["performance"], condition=Q(state=NoticeState.DRAFT), name="notice_one_draft_per_date"
            ),
            models.UniqueConstraint(
                fields=["page"],
                condition=Q(state=NoticeState.DRAFT, performance=None),
                name="notice_one_draft_per_page",
            ),
        ]
        indexes = [
            models.Index(fields=["next_look_at"], condition=Q(next_look_at__isnull=False), name="notice_due"),
            models.Index(fields=["page", "-id"], name="notice_of_page"),
        ]

    def __str__(self):
        return f"{self.page.title}: {self.get_kind_display()}"

    @property
    def note(self):
        """What visitors read on the page, as it was when this was prepared."""
        return next((facts["status_note"] for facts in self.now.values() if facts["status_note"]), "")

    @property
    def performance_ids(self):
        return [int(key) for key in self.now]
