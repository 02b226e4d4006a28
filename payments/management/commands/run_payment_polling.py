from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from payments.domain.verification import polling, polling_pause
from payments.money import format_money


class Command(BaseCommand):
    help = "Asks SumUp about every payment that is due, once, and settles what it says. Safe to run at any time."

    def add_arguments(self, parser):
        parser.add_argument("--verbose", action="store_true", help="print a line per payment")
        parser.add_argument("--minutes", type=int, default=10, help="stop after this long (default 10)")

    def handle(self, *args, **options):
        if pause := polling_pause.get_current_pause():
            raise CommandError(
                _("Polling is paused: %(reason)s It goes on in the admin, under Polling.") % {"reason": pause.reason}
            )
        until = timezone.now() + timedelta(minutes=options["minutes"])
        summary = polling.run_cycle(until=until, on_result=self.report if options["verbose"] else None)
        self.summarise(summary)

    def report(self, result):
        payment = result.payment
        moved = result.before if payment.state == result.before else f"{result.before} -> {payment.state}"
        looks = _("next look in %(time)s") if payment.next_check_at else _("no further look")
        parts = [
            payment.reference,
            format_money(payment.amount),
            moved,
            _("SumUp says: %(answer)s") % {"answer": result.answer.summary},
            looks % {"time": timeuntil(payment.next_check_at)} if payment.next_check_at else looks,
        ]
        self.stdout.write("  ".join(parts + ([payment.problem] if payment.problem else [])))

    def summarise(self, summary):
        moved = ", ".join(f"{count} {state}" for state, count in sorted(summary.moved.items()))
        self.stdout.write(
            _("%(payments)s payments looked at, %(moved)s; %(unanswered)s unanswered.")
            % {
                "payments": summary.payments,
                "moved": moved or _("none changed"),
                "unanswered": summary.unanswered,
            }
        )
        self.stdout.write(
            _("%(calls)s questions to SumUp in %(seconds)s s, %(rate)s a second.")
            % {
                "calls": summary.calls,
                "seconds": f"{summary.seconds:.1f}",
                "rate": f"{summary.rate:.1f}",
            }
        )
