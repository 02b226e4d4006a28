"""`make run`: simulator, site and worker in one terminal, with the demo's content. Opens no port but on loopback."""

import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "site"), str(ROOT)]

from demo import preparation  # noqa: E402 - needs the path above
from demo.processes import Program, die_with_parent  # noqa: E402 - the same

COLOURS = {"simulator": "35", "web": "36", "worker": "33"}
LOGINS = [("administrator", "admin", "admin-demo"), ("organiser", "organiser", "organiser-demo")]
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main():
    if "MAKELEVEL" in os.environ:
        die_with_parent()
    os.chdir(ROOT)
    port, simulator_port = port_from("PORT", 8000), port_from("SIMULATOR_PORT", 8091)
    refuse_taken("PORT", port)
    refuse_taken("SIMULATOR_PORT", simulator_port)
    if port == simulator_port:
        sys.exit(f"PORT and SIMULATOR_PORT are both {port}: the site and the simulator need one each.")
    write_env_file(ROOT / ".env")
    environment = environment_for(port, simulator_port)
    prepare_site(environment)
    sys.exit(Demo(port, simulator_port, environment).run())


def port_from(name, default):
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        sys.exit(f"{name} must be a whole number from 1 to 65535, not {value!r}.")
    return int(value)


def refuse_taken(name, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(f"Port {port} cannot be used ({error.strerror}). Choose another: make run {name}={port + 100}")


def write_env_file(path):
    """Random keys for this laptop alone, once; what is there is never touched."""
    if path.exists():
        return
    lines = [
        "# Written by `make run` for this machine. .env.example explains every variable.",
        "DJANGO_SETTINGS_MODULE=config.settings.development",
        f"SECRET_KEY={secrets.token_urlsafe(48)}",
        f"TICKET_SIGNING_KEYS=A:{secrets.token_urlsafe(32)}",
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")


def environment_for(port, simulator_port):
    """The addresses follow the ports unless somebody set them on purpose. What goes wrong looks as visitors see it;
    `DEBUG=true make run` shows Django's own pages instead."""
    return {
        "DEBUG": "false",
        "SITE_URL": f"http://localhost:{port}",
        "SUMUP_API_URL": f"http://127.0.0.1:{simulator_port}",
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
    }


def prepare_site(environment):
    if preparation.is_prepared(ROOT, environment):
        return
    code = subprocess.call([sys.executable, "manage.py", "prepare_demo"], env=environment)
    if code:
        sys.exit(code)
    preparation.note_state(ROOT, environment)


def build_commands(port, simulator_port, site_url):
    back = f"{site_url.rstrip('/')}/payments/sumup/connect/return/"
    gunicorn = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8"]
    return {
        "simulator": [
            *("-m", "sumup_simulator", "--port", simulator_port),
            *("--state", "var/simulator.json", "--redirect-uri", back),
        ],
        "web": [*gunicorn, "--log-level", "warning"],
        "worker": ["manage.py", "run_huey", "--quiet"],
    }


class Demo:
    """Starts the children, says when the site is ready, and waits for the first reason to stop."""

    def __init__(self, port, simulator_port, environment):
        self.address = f"http://localhost:{port}"
        self.probe = f"http://127.0.0.1:{port}/health/"
        self.commands = build_commands(port, simulator_port, environment["SITE_URL"])
        self.environment = environment
        self.children = []
        self.seller = None
        self.reasons = queue.SimpleQueue()

    def run(self):
        """The exit code: 0 when somebody stopped it, 1 when a child died."""
        for number in STOPPING:
            signal.signal(number, lambda *_: self.reasons.put(None))
        try:
            for name, command in self.commands.items():
                self.start(name, command)
            threading.Thread(target=self.announce, daemon=True).start()
            return self.wait()
        finally:
            self.stop()

    def start(self, name, command):
        child = Program(name, [sys.executable, *command], env=self.environment)
        child.follow(lambda line: print_line_of(name, line))
        self.children.append(child)

    def announce(self):
        while not is_answering(self.probe):
            time.sleep(0.2)
        lines = ["", f"Jersey Events is ready: {self.address}", f"  for staff: {self.address}/admin/"]
        lines += [f"  {role}: {user} / {password}" for role, user, password in LOGINS]
        lines += ["  mail: var/mail/", "  Ctrl-C stops everything.", ""]
        write_line("\n".join(lines))
        self.sell()

    def sell(self):
        """Makes orders that were paid or refunded, once the simulator can take money; the site is usable meanwhile."""
        self.seller = Program("demo", [sys.executable, "manage.py", "demo_takings"], env=self.environment)
        self.seller.follow(lambda line: print_line_of("worker", line))
        self.seller.process.wait()

    def wait(self):
        """Asks each child again and again instead of waiting for one to end: a signal must get through at once."""
        while True:
            dead = [child for child in self.children if not child.running]
            if dead:
                write_line(
                    f"{dead[0].name} stopped by itself (exit code {dead[0].process.returncode}); stopping the rest."
                )
                return 1
            try:
                self.reasons.get(timeout=0.3)
            except queue.Empty:
                continue
            return 0

    def stop(self):
        """The worker and the site first: they may still speak to the simulator."""
        children = [*filter(None, [self.seller]), *reversed(self.children)]
        stopping = [threading.Thread(target=child.stop) for child in children]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()


def is_answering(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def print_line_of(name, line):
    prefix = f"{name:>9} |"
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        prefix = f"\x1b[{COLOURS[name]}m{prefix}\x1b[0m"
    write_line(f"{prefix} {line}")


def write_line(words):
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
