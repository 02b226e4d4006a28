"""`maintenance on "We are back at ten."`, `maintenance off`, `maintenance status`."""

from django.core.management.base import BaseCommand, CommandError

from protection.visitors import maintenance


class Command(BaseCommand):
    help = "Pauses selling with a sentence that visitors read, and goes on. The site stays up, doors go on scanning."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["on", "off", "status"])
        parser.add_argument("sentence", nargs="?", default="", help="what visitors read (with “on”)")

    def handle(self, *, what, sentence, **options):
        if bool(sentence.strip()) != (what == "on"):
            raise CommandError('Say what visitors shall read: maintenance on "We are back at ten."')
        self.stdout.write(getattr(self, what)(sentence))

    def on(self, sentence):
        row = maintenance.begin_maintenance(sentence)
        return f"Selling is paused. Visitors read: {row.sentence}"

    def off(self, _sentence):
        return "The site sells again." if maintenance.end_maintenance() else "There was no maintenance to end."

    def status(self, _sentence):
        row = maintenance.find_open_maintenance()
        return f"Paused since {row.started_at:%Y-%m-%d %H:%M} UTC: {row.sentence}" if row else "The site sells."
