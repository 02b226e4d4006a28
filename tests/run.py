"""`make test`: the whole suite on PostgreSQL and Redis, then what must hold on both also on SQLite with no service.

Words after `make test ARGS="…"` go to pytest, and then only the first part runs.
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
from tests.harness import known_variables, make_template  # noqa: E402 - the same

NEEDS_SERVICES = ("postgres", "browser", "processes")
WITHOUT_DATABASE = ["tests/sumup_simulator", "tests/payments/sumup"]
# What speaks to the database itself. Pages are the same on both, and the test of `make run` shows them on SQLite.
ON_SQLITE_TOO = [
    "tests/ticketing/domain",
    "tests/ticketing/models",
    "tests/payments",
    "tests/events_pages/test_listing.py",
    "tests/ticketing/domain/admission/test_order_search.py",
    "tests/operations/backup/test_backup.py",
    "tests/operations/monitoring/test_database_stats.py",
    "tests/operations/backup/test_restore.py",
]
# One more than there are processors: those that start processes mostly wait for them.
WORKERS = ["-n", str(min(4, (os.cpu_count() or 2) + 1))]


def main(arguments):
    services.raise_on_signals()
    started = time.monotonic()
    code = with_services(arguments)
    if not code and not arguments:
        code = on_sqlite()
    services.say(f"{'Failed' if code else 'All is well'} after {time.monotonic() - started:.0f} s.")
    return code


def with_services(arguments):
    browser = services.chromium()
    with services.postgres() as database_url, services.redis() as redis_url:
        services.say("On PostgreSQL and Redis, with a real browser:")
        variables = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "CHROMIUM": browser}
        os.environ |= variables
        with tempfile.TemporaryDirectory(prefix="jersey-template-") as folder:
            variables["TEMPLATE_DATABASE"] = make_template(folder)
        return pytest(arguments or WORKERS, variables)


def on_sqlite():
    services.say("On SQLite, with no service:")
    unmarked = " and ".join(f"not {marker}" for marker in NEEDS_SERVICES)
    folders = [folder for folder in ON_SQLITE_TOO if (ROOT / folder).exists()]
    ignored = [f"--ignore={folder}" for folder in WITHOUT_DATABASE]
    return pytest([*WORKERS, "-m", unmarked, *ignored, *folders], {})


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
