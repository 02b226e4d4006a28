import json
from shutil import get_terminal_size
from textwrap import fill

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from common.text.typed_dates import Unreadable, read_date
from common.text.typed_text import tidy_line
from operations.enums import Colour, ManualCheck
from operations.launch import registry
from operations.launch.checks import manual
from operations.launch.facts import Facts

STYLES = {Colour.GREEN: "SUCCESS", Colour.AMBER: "WARNING", Colour.RED: "ERROR"}
SIGNS = {Colour.GREEN: "ok    ", Colour.AMBER: "look  ", Colour.RED: "WRONG "}
NAMES = 16
INDENT = 2 + 6 + NAMES + 1


class Command(BaseCommand):
    help = "Looks at everything that must be right before launch, and says GO or NO-GO. Exit code 1 on any red."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="for machines")
        parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this check alone; repeatable")
        parser.add_argument("--tick", choices=ManualCheck.values, help="keep that a person did this; with --who")
        parser.add_argument("--untick", choices=ManualCheck.values, help="withdraw that tick")
        parser.add_argument("--who", default="", help="who did it")
        parser.add_argument("--on", default="", metavar="DATE", help="when; today if nothing is said")
        parser.add_argument("--note", default="", help="which order, how many buyers, where it reports")
        parser.add_argument("--send-mail", action="store_true", help="send a real test e-mail to ALERTS_EMAIL")

    def handle(self, **options):
        if deed := options["tick"] or options["untick"]:
            self.tick(deed, options)
            return
        try:
            found = registry.run_checks(options["only"], Facts(send_mail=options["send_mail"]))
        except registry.UnknownCheck as error:
            raise CommandError(f"No check {error}. There are: {', '.join(sorted(registry.load_checks()))}.") from None
        if options["json"]:
            self.stdout.write(json.dumps(build_document(found), indent=2, ensure_ascii=False))
        else:
            self.tell(found)
        if not found.go:
            raise SystemExit(1)

    def tick(self, deed, options):
        if options["untick"]:
            manual.withdraw_tick(deed)
        elif not options["who"].strip():
            raise CommandError("Say who did it: --who NAME.")
        else:
            who, note = tidy_line(options["who"])[:120], tidy_line(options["note"])[:240]
            manual.record_tick(deed, who=who, done_on=read_day(options["on"]), note=note)
        self.tell_one(registry.run_checks([deed]).results[0])

    def tell(self, found):
        for urgency, results in found.groups():
            self.stdout.write(f"\n{urgency.label.upper()}")
            for result in results:
                self.tell_one(result)
        verdict = self.style.SUCCESS("GO") if found.go else self.style.ERROR("NO-GO")
        counts = ", ".join(f"{found.count(colour)} {colour.value}" for colour in Colour)
        self.stdout.write(f"\n{verdict} ({counts})")

    def tell_one(self, result):
        sign = getattr(self.style, STYLES[result.colour])(SIGNS[result.colour])
        self.stdout.write(f"  {sign}{result.check.name:{NAMES}} {self.wrapped(result.finding.words)}")
        if result.finding.todo:
            self.stdout.write(f"{'':{INDENT}}→ {self.wrapped(result.finding.todo, more=2)}")

    def wrapped(self, words, more=0):
        if not self.stdout.isatty():
            return words
        indent = " " * (INDENT + more)
        width = max(60, get_terminal_size().columns - 1)
        return fill(words, width, initial_indent=indent, subsequent_indent=indent).lstrip()


def read_day(text):
    today = timezone.localdate()
    try:
        day = read_date(text) if text else today
    except Unreadable as error:
        raise CommandError(str(error)) from None
    if day > today:
        raise CommandError("That day is still to come.")
    return day


def build_document(found):
    checks = [
        {
            "name": result.check.name,
            "title": str(result.check.title),
            "urgency": result.check.urgency.value,
            "colour": result.colour.value,
            "words": result.finding.words,
            "todo": result.finding.todo,
        }
        for result in found.results
    ]
    return {"go": found.go, "checks": checks}
