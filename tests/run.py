"""`make test`: the whole suite on PostgreSQL and Redis, then what must hold on both also on SQLite with no service.

Words after `make test ARGS="…"` go to pytest, and then only the first part runs. HYPOTHESIS_PROFILE=nightly tries ten
times as many examples.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "site"), str(ROOT)]

from demo.processes import die_with_parent  # noqa: E402 - needs the path above
from tests import services  # noqa: E402 - the same
from tests.harness import known_variables, make_template, start_migrating  # noqa: E402 - the same

NEEDS_SERVICES = ("postgres", "browser", "processes")
# What speaks SQL of its own: counters, claims, locks, search, copies. The rest is Django's, the same on both, and the
# test of `make run` shows the pages on SQLite.
ON_SQLITE_TOO = [
    "tests/common/statements",
    "tests/ticketing/models",
    "tests/ticketing/domain/stock",
    "tests/ticketing/domain/orders",
    "tests/ticketing/domain/admission",
    "tests/ticketing/domain/messages",
    "tests/ticketing/domain/privacy/test_retention.py",
    "tests/payments/domain/monitoring/test_alerts.py",
    "tests/payments/domain/refunds",
    "tests/payments/domain/verification/test_claims.py",
    "tests/payments/domain/verification/test_polling.py",
    "tests/payments/domain/reconciliation",
    "tests/events_pages/test_listing.py",
    "tests/events_pages/admin/test_scheduled_publication.py",
    "tests/operations/backup/test_backup.py",
    "tests/operations/backup/test_restore.py",
    "tests/operations/monitoring/test_database_stats.py",
]
# One more than there are processors: those that start processes mostly wait for them.
ALL = ["-n", str(min(4, (os.cpu_count() or 2) + 1)), "--durations=10"]


def main(arguments):
    services.raise_on_signals()
    # Hundreds of modules, imported by dozens of processes: compiled once, whatever the shell says.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jersey-templates-") as folder:
        template = Path(folder) / "template.sqlite3"
        migrating = None if arguments else start_migrating(folder, f"sqlite:///{template}")
        code = with_services(arguments, folder)
        services.say(f"{time.monotonic() - began:.0f} s.")
        if migrating and not code:
            code = migrating.wait() or on_sqlite(template)
    services.say(f"{'Failed' if code else 'All is well'} after {time.monotonic() - began:.0f} s.")
    return code


def with_services(arguments, folder):
    browser = services.chromium()
    with services.postgres() as database_url, services.redis() as redis_url:
        services.say("On PostgreSQL and Redis, with a real browser:")
        variables = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "CHROMIUM": browser}
        os.environ |= variables
        return pytest(arguments or ALL, variables | {"TEMPLATE_DATABASE": make_template(folder)})


def on_sqlite(template):
    services.say("On SQLite, with no service:")
    unmarked = " and ".join(f"not {marker}" for marker in NEEDS_SERVICES)
    folders = [folder for folder in ON_SQLITE_TOO if (ROOT / folder).exists()]
    return pytest([*ALL, "-m", unmarked, *folders], {"TEMPLATE_DATABASE": str(template)})


def pytest(arguments, variables):
    """In a process of its own, stopped with us, and without what a developer's shell says to the site."""
    hidden = known_variables()
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | variables
    environment["PYTHONPATH"] = f"{ROOT / 'site'}:{ROOT}"
    command = [sys.executable, "-m", "pytest", *arguments]
    child = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=die_with_parent)
    try:
        return child.wait()
    except BaseException:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
        raise


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
