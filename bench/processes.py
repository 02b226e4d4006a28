"""What the processes of a run cost, and what PostgreSQL was asked."""

import os
import time
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

TICK = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """Fields of /proc/<pid>/stat from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def family(pid):
    """A process and all that descend from it and live."""
    found, parents = {pid}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(stat(entry.name)[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu_of(pid):
    """CPU seconds of a process and its descendants; those that died count with whoever waited for them."""
    total = 0
    for member in family(pid):
        try:
            total += sum(map(int, stat(member)[11:15]))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / TICK


def memory_of(pid):
    """Resident megabytes of a process and its descendants."""
    pages = sum(int(Path(f"/proc/{member}/statm").read_text().split()[1]) for member in family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def largest_of(pid):
    """Resident megabytes of the largest of a process and its descendants."""
    sizes = [int(Path(f"/proc/{member}/statm").read_text().split()[1]) for member in family(pid)]
    return max(sizes) * os.sysconf("SC_PAGE_SIZE") / 1e6


def database_pid():
    """The server that our own session's process descends from."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(stat(cursor.fetchone()[0])[1])


def tasks_of(pid):
    """{task: CPU seconds, to the microsecond} of the threads of a process and its descendants that live."""
    found = {}
    for member in family(pid):
        for task in Path(f"/proc/{member}/task").glob("*/schedstat"):
            try:
                found[task.parent.name] = int(task.read_text().split()[0]) / 1e9
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


class Meter:
    """`with Meter(web=pid, database=pid) as meter:` then `meter.spent["web"]` in CPU seconds; `client` is ourselves."""

    def __init__(self, **pids):
        self.pids = pids

    def read(self):
        return {name: (cpu_of(pid), tasks_of(pid)) for name, pid in self.pids.items()}

    def __enter__(self):
        self.before, self.own = self.read(), time.process_time()
        return self

    def __exit__(self, *_):
        own, after = time.process_time() - self.own, self.read()
        self.spent = {name: spent_between(self.before[name], after[name]) for name in self.pids} | {"client": own}


def spent_between(before, after):
    """Exact while all live; what died between is in hundredths alone."""
    (total_before, tasks_before), (total_after, tasks_after) = before, after
    if set(tasks_before) - set(tasks_after):
        return total_after - total_before
    return sum(spent - tasks_before.get(task, 0) for task, spent in tasks_after.items())


@contextmanager
def statements():
    """Yields a list that holds, afterwards, every statement others sent to PostgreSQL meanwhile, as its log tells."""
    found = []
    with connection.cursor() as cursor:
        switch_log(cursor, "all")
        cursor.execute(f"SELECT length({LOG})")
        began = cursor.fetchone()[0]
        try:
            yield found
        finally:
            cursor.execute(f"SELECT pg_backend_pid(), substr({LOG}, %s)", [began + 1])
            ours, text = cursor.fetchone()
            switch_log(cursor, "none")
    for line in text.splitlines():
        pid, is_statement, statement = line.partition("LOG:  statement: ")
        if is_statement and pid.split()[0] != str(ours):
            found.append(statement.strip() or "(on several lines)")


def count_statements(deed, times=3):
    """What `deed()` sends to PostgreSQL when all is warm, BEGIN and COMMIT included: the least of so many, for what a
    process asks once in a while falls on one of them."""
    found = []
    for _ in range(times):
        with statements() as sent:
            deed()
        found.append(sent)
    least = min(found, key=len)
    if os.environ.get("BENCH_VERBOSE"):
        print("\n".join(least))
    return len(least), sum(each.startswith(("BEGIN", "COMMIT")) for each in least)


LOG = "pg_read_file(current_setting('data_directory') || '/../log')"


def switch_log(cursor, what):
    cursor.execute(f"ALTER SYSTEM SET log_statement = '{what}'")
    cursor.execute("ALTER SYSTEM SET log_line_prefix = '%p '")
    cursor.execute("SELECT pg_reload_conf(), pg_sleep(0.5)")
