"""The product as it runs in the world: gunicorn, the worker and the simulator as processes on free loopback ports.

`with Stack(folder, database_url=…, redis_url=…) as stack:` starts them; `stack.web.kill_hard()` is `kill -9`. Logs go
to files in the folder. Whatever happens to the test, every process dies with it.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from uuid import uuid4

import psycopg2
from psycopg2 import sql

from demo.processes import Program, die_with_parent
from tests import crashing
from tests.services import free_port
from tests.simulator import RunningSimulator

ROOT = Path(__file__).resolve().parents[1]
START = 60  # seconds that a process may take until it answers; two cores may be busy


def until(condition, *, seconds=30, every=0.1, what="it"):
    """Waits for `condition()` to be true and returns what it gave."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(every)
    return answer


def server_url():
    """The cluster that `make test` brings up."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        raise AssertionError('This test needs PostgreSQL and Redis: run it by `make test ARGS="…"`.')
    return url


def database_named(name):
    return f"{server_url().rpartition('/')[0]}/{name}"


def administer(statement, *names):
    connection = psycopg2.connect(server_url())
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
    finally:
        connection.close()


def make_template(folder):
    """A migrated database that the tests' own ones are copied from; returns its name."""
    name = f"template_{uuid4().hex[:8]}"
    administer("CREATE DATABASE {}", name)
    assert start_migrating(folder, database_named(name)).wait() == 0
    return name


def start_migrating(folder, url):
    command = [sys.executable, "manage.py", "migrate", "-v", "0"]
    environment = environment_for(folder, DATABASE_URL=url)
    return subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=die_with_parent)


def template():
    """The name of the migrated database that `make test` has made."""
    server_url()
    return os.environ["TEMPLATE_DATABASE"]


def make_database(template):
    name = f"stack_{uuid4().hex[:8]}"
    administer("CREATE DATABASE {} TEMPLATE {}", name, template)
    return name


def drop_database(name):
    administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def environment_for(folder, **variables):
    """None of the developer's own variables: an empty one counts as unset and also hides what .env says."""
    hidden = dict.fromkeys(known_variables(), "")
    ours = {
        "DJANGO_SETTINGS_MODULE": "tests.site_settings",
        "TEST_FOLDER": str(folder),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": f"{ROOT}/site:{ROOT}",
    }
    return os.environ | hidden | ours | variables


def known_variables():
    lines = (ROOT / ".env.example").read_text().splitlines()
    return [line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")]


class Member:
    """One of the stack's programs: can be started, asked to stop, killed, and started again."""

    def __init__(self, name, command, *, folder, environment, ready, by=sys.executable, cwd=ROOT):
        self.name, self.command, self.environment, self.is_ready = name, [by, *command], environment, ready
        self.cwd = cwd
        self.log_path = Path(folder) / f"{name}.log"
        self.program = None

    def start(self, **variables):
        self.launch(**variables)
        return self.wait_until_ready()

    def launch(self, **variables):
        self.began = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.program = Program(self.name, self.command, env=self.environment | variables, output=log, cwd=self.cwd)

    def wait_until_ready(self):
        until(lambda: self.is_ready(self) or not self.program.running, seconds=START, what=f"start of {self.name}")
        assert self.program.running, f"{self.name} did not start:\n{self.log[-3000:]}"
        return self

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def new_log(self):
        """What it wrote since its last start."""
        return self.log_path.read_bytes()[self.began :].decode(errors="replace")

    def stop(self):
        if self.program:
            self.program.stop(patience=15)

    def kill_hard(self):
        """`kill -9` of it and all its children."""
        self.program.kill()

    def kill_children(self):
        """`kill -9` of gunicorn's workers alone: gunicorn starts new ones."""
        children = Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text().split()
        for pid in map(int, children):
            os.kill(pid, signal.SIGKILL)

    def restart(self, **variables):
        self.kill_hard()
        return self.start(**variables)


class Stack:
    """`crashable`: its processes die where `crash_next` says, and the worker is started again at once."""

    def __init__(self, folder, *, database_url, redis_url="", web_workers=2, threads=4, crashable=False, **variables):
        self.folder, self.crashable = Path(folder), crashable
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.simulator_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.simulator = RunningSimulator(self.simulator_port)
        self.environment = environment_for(
            folder,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            SITE_URL=self.url,
            SUMUP_API_URL=self.simulator.url,
            **variables,
        )
        preload = ["--preload"] if crashable else []
        self.web = self.member(
            "web",
            ["-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "-w", web_workers, "--threads", threads, *preload],
            lambda _: answers(f"{self.url}/health/live/"),
        )
        self.worker = self.another_worker("worker")
        memory = ["--state", self.folder / "simulator.json"] if crashable else []
        self.sumup = self.member(
            "simulator",
            ["-m", "sumup_simulator", "--port", self.simulator_port, *memory],
            lambda simulator: "ready" in simulator.new_log,
        )

    def another_worker(self, name):
        command = ["-m", "tests.supervisor"] if self.crashable else ["manage.py", "run_huey"]
        return self.member(name, command, lambda worker: "Huey consumer started" in worker.new_log)

    def member(self, name, command, ready):
        environment = self.environment | ({"CRASHABLE": name} if self.crashable else {})
        return Member(name, command, folder=self.folder, environment=environment, ready=ready)

    def __enter__(self):
        try:
            for member in (self.sumup, self.web, self.worker):
                member.launch()
            for member in (self.sumup, self.web, self.worker):
                member.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """At once: nothing of it is needed any more."""
        for member in (self.worker, self.web, self.sumup):
            if member.program:
                member.kill_hard()

    def manage(self, *words):
        """Runs a management command against the stack's database; returns what it printed."""
        command = [sys.executable, "manage.py", *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}"
        return done.stdout

    def crash_next(self, member, point):
        """The next process of this member that passes the point ("before" or "after" a function) dies there, once."""
        assert point.split()[-1] in crashing.FUNCTIONS, point
        (self.folder / "crash").write_text(f"{member.name} {point}")

    @property
    def crashed(self):
        return not (self.folder / "crash").exists()

    @property
    def mail(self):
        """The messages written so far, oldest first."""
        return sorted((self.folder / "mail").glob("*.eml"))


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
