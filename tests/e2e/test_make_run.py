"""`make run` in a copy of the project: what a person who just cloned it sees, and what is left when it ends."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.harness import known_variables, until
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The files that git knows, with the suite's own .venv so that nothing is installed twice."""
    folder = tmp_path_factory.mktemp("clone") / "jersey-events"
    known = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, known.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
    return folder


class Run:
    """`make run`, as a terminal would start it, with its output in a file."""

    def __init__(self, folder, **variables):
        self.port, self.simulator_port = free_port(), free_port()
        self.log = folder / "make-run.log"
        hidden = {*known_variables(), "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL"}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        ports = {"PORT": str(self.port), "SIMULATOR_PORT": str(self.simulator_port)}
        self.began = time.monotonic()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=folder,
                env=environment | ports | variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self):
        return self.log.read_text(errors="replace")

    def wait_until_ready(self, seconds=120):
        until(
            lambda: "Jersey Events is ready" in self.output or self.process.poll() is not None,
            seconds=seconds,
            what="the ready line",
        )
        assert self.process.poll() is None, self.output
        return time.monotonic() - self.began

    def pids(self):
        """Of the launcher and of all that it started."""
        return descendants(self.process.pid)

    def end(self):
        """However a test went, nothing stays: the launcher, then whatever a failure left behind."""
        left = self.pids()
        os.killpg(self.process.pid, signal.SIGKILL) if self.process.poll() is None else None
        self.process.wait()
        time.sleep(0.3)
        for pid in filter(alive, left):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def run(clone):
    started = []

    def start(**variables):
        started.append(Run(clone, **variables))
        return started[-1]

    yield start
    for each in started:
        each.end()


def descendants(pid):
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [each for child in map(int, children) for each in (child, *descendants(child))]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def named(run, name):
    """The pid of one of the three programs."""
    marks = {"web": "gunicorn", "worker": "run_huey", "simulator": "sumup_simulator"}
    for pid in run.pids():
        if marks[name] in Path(f"/proc/{pid}/cmdline").read_text():
            return pid
    raise AssertionError(f"{name} is not running")


def listening_on_all(port):
    """Whether anything listens on that port beyond loopback: 0.0.0.0 answers on 127.0.0.2 too, 127.0.0.1 does not."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.2", port)) == 0


def read_missing_page(port):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"http://localhost:{port}/no-such-page/")
    assert error.value.code == 404
    return error.value.read().decode()


def test_a_fresh_clone_becomes_a_site_and_a_second_start_keeps_it(run):
    first = run()
    first.wait_until_ready()
    assert f"http://localhost:{first.port}" in first.output
    assert "admin / admin-demo" in first.output
    assert "organiser / organiser-demo" in first.output
    assert re.search(r"^ *simulator \| SumUp simulator ready", first.output, re.M)
    with urllib.request.urlopen(f"http://localhost:{first.port}/events/") as answer:
        assert "/events/" in answer.read().decode()
    assert "The tide has taken this page" in read_missing_page(first.port)
    assert not listening_on_all(first.port)
    assert not listening_on_all(first.simulator_port)

    pids = first.pids()
    os.killpg(first.process.pid, signal.SIGINT)  # Ctrl-C in a terminal reaches make and the launcher
    first.process.wait(20)
    assert not any(map(alive, pids))

    second = run()
    assert second.wait_until_ready() < 30
    key = re.search(r"SECRET_KEY=(.+)", (second.log.parent / ".env").read_text())[1]
    assert len(key) > 50


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(run, number):
    running = run()
    running.wait_until_ready()
    pids = running.pids()
    os.kill(pids[0], number)
    running.process.wait(20)
    until(lambda: not any(map(alive, pids)), seconds=5, what="the end of all children")


@pytest.mark.parametrize("name", ["worker"])
def test_when_one_dies_all_stop_and_make_fails(run, name):
    running = run()
    running.wait_until_ready()
    pids = running.pids()
    os.kill(named(running, name), signal.SIGKILL)
    assert running.process.wait(30) != 0
    assert f"{name} stopped by itself" in running.output
    until(lambda: not any(map(alive, pids)), seconds=5, what="the end of all children")


def test_not_even_kill_9_of_the_launcher_leaves_an_orphan(run):
    running = run()
    running.wait_until_ready()
    pids = running.pids()
    os.kill(pids[0], signal.SIGKILL)
    until(lambda: not any(map(alive, pids)), seconds=20, what="the end of all children")


@pytest.mark.parametrize("name", ["PORT", "SIMULATOR_PORT"])
def test_a_taken_port_is_named_with_the_way_out(run, name):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = run(**{name: str(port)})
        assert running.process.wait(60) != 0
    assert f"Port {port} cannot be used" in running.output
    assert f"make run {name}={port + 100}" in running.output


@pytest.mark.parametrize("value", ["abc", "0", "70000", "-1"])
def test_a_senseless_port_is_refused(run, value):
    running = run(PORT=value)
    assert running.process.wait(60) != 0
    assert "PORT must be a whole number from 1 to 65535" in running.output
