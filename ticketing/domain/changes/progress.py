"""Progress of a notice: what became of its e-mails, counted from the rows."""

from dataclasses import dataclass

from django.db.models import Count, Q

from ticketing.domain.changes import audience
from ticketing.domain.messages.outbox import RETURNED_OUTCOMES
from ticketing.enums import DeliveryOutcome, NoticeState
from ticketing.models import Delivery


@dataclass(frozen=True)
class NoticeProgress:
    """Orders. `untold` have no e-mail owed yet; of those `told` each is `owed`, `sent` or `failed`. `delivered` and
    `returned` is what the provider said later of those that are sent."""

    untold: int
    told: int
    owed: int
    sent: int
    failed: int
    delivered: int
    returned: int

    @property
    def total(self):
        return self.untold + self.told

    @property
    def is_under_way(self):
        return bool(self.untold or self.owed)


def count_progress(notice):
    sent, owed = Q(sent_at__isnull=False, next_attempt_at=None), Q(next_attempt_at__isnull=False)
    counts = Delivery.objects.filter(notice=notice).aggregate(
        told=Count("pk"),
        owed=Count("pk", filter=owed),
        sent=Count("pk", filter=sent),
        failed=Count("pk", filter=Q(sent_at=None, next_attempt_at=None)),
        delivered=Count("pk", filter=sent & Q(outcome=DeliveryOutcome.DELIVERED)),
        returned=Count("pk", filter=sent & Q(outcome__in=RETURNED_OUTCOMES)),
    )
    untold = audience.list_untold_orders(notice).count() if notice.state == NoticeState.SENDING else 0
    return NoticeProgress(untold=untold, **counts)
