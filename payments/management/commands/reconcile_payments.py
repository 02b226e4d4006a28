"""Compares SumUp's list with our rows, day by day, and says what differs."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from common.text.typed_dates import Unreadable, read_date
from payments.domain.reconciliation import days, runs
from payments.models import MerchantAccount

LONGEST = 366


class Command(BaseCommand):
    help = (
        "Walks SumUp's own list and compares it with our payments, refunds and orders. Without dates: yesterday. "
        "The exit code is 1 when something is open or a day could not be read to its end."
    )

    def add_arguments(self, parser):
        parser.add_argument("--date", metavar="DAY", help="one day, as Jersey counts it: 2026-03-14 or 14/3/2026")
        parser.add_argument("--from", metavar="DAY", dest="first", help="the first of several days")
        parser.add_argument("--to", metavar="DAY", dest="last", help="the last of them, today if left out")
        parser.add_argument("--merchant", metavar="CODE", help="one merchant, by SumUp's code")

    def handle(self, *, date, first, last, merchant, **options):
        wanted = _days(date, first, last)
        runs = [self._reconcile(each, day) for each in _merchants(merchant) for day in wanted]
        if not runs:
            self.stdout.write("No merchant has had a payment yet: there is nothing to compare.")
        if any(run.open_discrepancies or run.finished_at is None for run in runs):
            raise CommandError("Something is open: see Money, Discrepancies in the admin.", returncode=1)

    def _reconcile(self, merchant, day):
        run = runs.reconcile_day(merchant, day)
        self.stdout.write(f"{day} {merchant.merchant_code}: {runs.describe_run(run)}")
        return run


def _days(day, first, last):
    if day and (first or last):
        raise CommandError("Give either --date, or --from and --to.")
    if last and not first:
        raise CommandError("--to needs --from.")
    today = timezone.localdate()
    begin = _parse(day or first) if day or first else today - timedelta(days=1)
    end = _parse(last) if last else today if first else begin
    if end > today:
        raise CommandError(f"{end} is not over yet and has not begun.")
    if begin > end:
        raise CommandError(f"{begin} is after {end}.")
    if (end - begin).days >= LONGEST:
        raise CommandError(f"At most {LONGEST} days at once.")
    return days.days_between(begin, end)


def _parse(text):
    try:
        parsed = read_date(text)
    except Unreadable as wrong:
        raise CommandError(f"{text!r} is no date: {wrong}") from None
    if parsed.year < 2000:
        raise CommandError(f"{parsed} is before SumUp.")
    return parsed


def _merchants(code):
    if code is None:
        return list(runs.list_reconciled_merchants())
    found = list(MerchantAccount.objects.filter(merchant_code=code))
    if not found:
        raise CommandError(f"There is no merchant {code!r}.")
    return found
