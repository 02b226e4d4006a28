"""Runs the checks and says GO or NO-GO."""

import logging
from dataclasses import dataclass, replace
from importlib import import_module

from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from operations.enums import Colour, Urgency
from operations.launch.background_call import TooSlow
from operations.launch.facts import Facts
from operations.launch.registry import CHECKS, Check, Finding, red

logger = logging.getLogger(__name__)

SUBJECTS = (
    "settings",
    "money",
    "stock",
    "database",
    "worker",
    "mail",
    "serving",
    "visiting",
    "protection",
    "law",
    "keeping",
    "deeds",
)
WORST_FIRST = [Colour.RED, Colour.AMBER, Colour.GREEN]


class UnknownCheck(Exception):
    """No check has this name."""


@dataclass(frozen=True)
class CheckResult:
    check: Check
    finding: Finding

    @property
    def colour(self):
        return self.finding.colour


@dataclass(frozen=True)
class LaunchReport:
    results: list

    @property
    def go(self):
        return not self.count(Colour.RED)

    def count(self, colour):
        return sum(result.colour == colour for result in self.results)

    def groups(self):
        """[(urgency, its results)], the worst first, otherwise in the order of the subjects."""
        worst_first = sorted(self.results, key=lambda result: WORST_FIRST.index(result.colour))
        groups = [(urgency, [each for each in worst_first if each.check.urgency == urgency]) for urgency in Urgency]
        return [(urgency, results) for urgency, results in groups if results]


def load_checks():
    """{name: Check}. Apps above this one may add theirs in a module `launch_checks`."""
    for subject in SUBJECTS:
        import_module(f"operations.launch.{subject}")
    autodiscover_modules("launch_checks")
    return CHECKS


def run_checks(only=(), facts=None):
    """The `Report` of all checks, or of those named. Raises `UnknownCheck`."""
    known, facts = load_checks(), facts or Facts()
    if unknown := [name for name in only if name not in known]:
        raise UnknownCheck(unknown[0])
    if not only:
        facts.begin()
    return LaunchReport([run_check(known[name], facts) for name in only or known])


def run_check(check, facts):
    """One check's `Result`. Whatever goes wrong inside is a finding in words; what is due soon never stops a launch."""
    try:
        finding = check.run(facts)
    except TooSlow:
        finding = red(_("There was no answer in time, so this is not known."), _("Run the check again."))
    except Exception as error:  # noqa: BLE001 - a check that fails must not hide the others
        logger.warning("launch.check_failed check=%s error=%s", check.name, type(error).__name__)
        finding = red(_("This could not be found out (%(error)s).") % {"error": type(error).__name__})
    if check.urgency == Urgency.SHOULD and finding.colour == Colour.RED:
        finding = replace(finding, colour=Colour.AMBER)
    return CheckResult(check, finding)
