"""How soon there is a first page after `make run` on a warm machine, and what loading the site costs."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from bench.processes import cpu_of
from bench.report import Report
from bench.world import temporary_folder
from tests import harness, services

TRIES = 3
CHECK = ["manage.py", "check"]
DJANGO = ["-c", "import django.core.management, django.db.models, django.forms, django.template"]


def main():
    services.raise_on_signals()
    report = Report("How soon the site is there")
    with temporary_folder() as folder:
        add_loading(report, folder)
        add_make_run(report, folder / "jersey-events")
    report.show()


def add_loading(report, folder):
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": "sqlite:///:memory:"}
    environment = harness.environment_for(folder, **settings)
    spent = {name: min(seconds_of(words, environment) for _ in range(TRIES)) for name, words in COMMANDS.items()}
    report.add("manage.py check, CPU", spent["check"], "s", most=2.5)
    report.add("  against loading Django alone", spent["check"] / spent["django"], "x")
    report.add("  its memory at most", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000, "MB")


COMMANDS = {"check": CHECK, "django": DJANGO}


def seconds_of(words, environment):
    """CPU seconds of a Python; the files it imports are compiled already, or this was one try of several."""
    before = os.times()
    subprocess.run([sys.executable, *words], cwd=harness.ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def add_make_run(report, clone):
    copy_project(clone)
    ports = services.free_port(), services.free_port()
    first, _ = time_first_page(clone, *ports)
    warm = [time_first_page(clone, *ports) for _ in range(TRIES)]
    report.add("make run to the first page, warm", min(seconds for seconds, _ in warm), "s", most=6)
    report.add("  CPU of all its programs until then", min(spent for _, spent in warm), "s")
    report.add("make run to the first page, demo and database made", first, "s")
    report.note(f"the best of {TRIES}; packages are installed already")


def copy_project(folder):
    """The files that git knows, with this project's own .venv."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=harness.ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(harness.ROOT / name, folder / name)
    (folder / ".venv").symlink_to((harness.ROOT / ".venv").resolve())


def time_first_page(clone, port, simulator_port):
    """Seconds until the list of events is shown, and CPU seconds spent meanwhile."""
    began = time.monotonic()
    with running(clone, PORT=str(port), SIMULATOR_PORT=str(simulator_port)) as process:
        harness.until(
            lambda: is_shown(f"http://127.0.0.1:{port}/events/") or process.poll() is not None,
            seconds=120,
            every=0.05,
            what="the first page",
        )
        assert process.poll() is None, (clone / "make-run.log").read_text()
        return time.monotonic() - began, cpu_of(process.pid)


@contextmanager
def running(clone, **variables):
    hidden = {*harness.known_variables(), "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | variables
    with open(clone / "make-run.log", "wb") as log:
        process = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def is_shown(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    main()
