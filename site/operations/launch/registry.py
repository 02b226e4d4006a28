"""The launch checks and a run of them: GO while none of its findings is red.

Each is a Django system check with the tag `launch`. A module per subject registers its own, apps above this one add
theirs in a module `launch_checks`. Django's `check` runs them only when a database is named, like its own checks of a
database, because they ask other machines: `manage.py check --deploy --tag launch --database default`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from operator import attrgetter

from django.core.checks import ERROR, INFO, WARNING, CheckMessage, register
from django.core.checks.registry import registry
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from operations.enums import Colour, Urgency
from operations.launch.facts import Facts
from operations.launch.network import TooSlow

logger = logging.getLogger(__name__)

TAG = "launch"
SUBJECTS = (
    "operations.launch.checks.environment",
    "operations.launch.checks.money",
    "operations.launch.checks.database",
    "operations.launch.checks.background_work",
    "operations.launch.checks.mail",
    "operations.launch.checks.web_responses",
    "operations.launch.checks.access",
    "operations.launch.checks.legal",
    "operations.launch.checks.backups",
    "operations.launch.checks.manual",
)
WORST_FIRST = [Colour.RED, Colour.AMBER, Colour.GREEN]
LEVELS = {Colour.GREEN: INFO, Colour.AMBER: WARNING, Colour.RED: ERROR}


class UnknownCheck(Exception):
    """No check has this name."""


@dataclass(frozen=True)
class Finding:
    """A colour, what was found, and what to do about it. Never a secret, a person or a trace."""

    colour: Colour
    words: str
    todo: str = ""


@dataclass(eq=False)
class Check:
    """`run(facts)` returns a `Finding`; it reads and never writes."""

    do_not_call_in_templates = True

    name: str
    title: str
    urgency: Urgency
    run: Callable
    order: int = 0
    is_slow: bool = False

    def __call__(self, app_configs, databases=None, **kwargs):
        if not databases:
            return []
        finding = run_check(self, _facts_of_process()).finding
        words = f"{self.title}: {finding.words}"
        return [CheckMessage(LEVELS[finding.colour], words, hint=finding.todo or None, id=f"{TAG}.{self.name}")]


@dataclass(frozen=True)
class CheckResult:
    """`age`: of a finding that was kept, how old it is in words."""

    check: Check
    finding: Finding
    age: str = ""

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


def register_check(name, title, *, urgency=Urgency.MUST, is_slow=False):
    """Registers a function that takes `Facts` and returns a `Finding`. Raises ValueError for a name that is taken.

    `is_slow`: it reads more the more was sold, or asks another machine. A page shows what the worker found
    (`kept_findings`); so such a check depends on rows and on the settings named there, not on this process.
    """

    def register_function(function):
        known = _registered_checks()
        if name in known:
            raise ValueError(f"There are two checks named {name}.")
        register(Check(name, title, urgency, function, len(known), is_slow), TAG, deploy=True)
        return function

    return register_function


def green(words):
    return Finding(Colour.GREEN, str(words))


def amber(words, todo=""):
    return Finding(Colour.AMBER, str(words), str(todo))


def red(words, todo=""):
    return Finding(Colour.RED, str(words), str(todo))


def load_checks():
    """{name: Check} of every subject and of every app's `launch_checks`."""
    for module in SUBJECTS:
        import_module(module)
    autodiscover_modules("launch_checks")
    return _registered_checks()


def run_checks(only=(), facts=None):
    """The `LaunchReport` of all checks, or of those named. Raises `UnknownCheck`."""
    known, facts = load_checks(), facts or Facts()
    if unknown := [name for name in only if name not in known]:
        raise UnknownCheck(unknown[0])
    if not only:
        facts.begin()
    return LaunchReport([run_check(known[name], facts) for name in only or known])


def run_check(check, facts):
    """One check's `CheckResult`. Trouble inside is a finding too; what is only due soon never stops a launch."""
    try:
        finding = check.run(facts)
    except TooSlow:
        finding = red(_("There was no answer in time, so this is not known."), _("Run the check again."))
    except Exception as error:  # noqa: BLE001 - a check that fails must not hide the others
        logger.warning("launch.check_failed check=%s error=%s", check.name, type(error).__name__)
        finding = red(_("This could not be found out (%(error)s).") % {"error": type(error).__name__})
    return make_result(check, finding)


def make_result(check, finding, age=""):
    if check.urgency == Urgency.SHOULD and finding.colour == Colour.RED:
        finding = replace(finding, colour=Colour.AMBER)
    return CheckResult(check, finding, age)


def _registered_checks():
    found = [each for each in registry.deployment_checks if isinstance(each, Check)]
    return {each.name: each for each in sorted(found, key=attrgetter("order"))}


@cache
def _facts_of_process():
    """One visit for all checks of a `manage.py check`."""
    return Facts()
