"""Whole purchases against those of another commit, in turn on the same machine: how many times as fast.

BENCH_AGAINST names the commit: unless told otherwise the last one before purchases were made fast. It is taken out of
the clone into a folder and runs there with the packages installed here, on a PostgreSQL and Redis of its own, beside
the site of today. The buyers go to one and then to the other, several times.
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from bench import rush
from bench.processes import Meter, database_pid
from bench.report import Report
from bench.world import world
from demo.processes import Program
from tests import harness

COMMIT = os.environ.get("BENCH_AGAINST") or "38d21cfc08cd"
BUYERS = int(os.environ.get("BENCH_BUYERS", 128))
WARM_UP = 64
ROUNDS = 3
AIM = 2.2
PACKAGES = "requirements.txt"
OTHER = """
import json, signal
from bench.world import world
with world() as here:
    from bench import processes, rows
    page = rows.make_free_event(capacity=100_000)
    with here.running("web") as stack:
        pids = {"web": stack.web.program.pid, "database": processes.database_pid()}
        print(json.dumps({"port": stack.port, "page": page, "pids": pids}), flush=True)
        signal.pause()
"""
numbers = iter(range(10_000_000))


@dataclass
class Side:
    """One of the two sites; what was measured of it, round by round."""

    port: int
    page: str
    pids: dict
    paces: list = field(default_factory=list)
    costs: list = field(default_factory=list)

    def serve(self, buyers):
        with Meter(**self.pids) as meter:
            crowd = rush.run(self.port, self.page, [next(numbers) for _ in range(buyers)])
        if crowd.outcomes != {rush.BOUGHT: buyers}:
            raise AssertionError(f"not everybody could buy: {crowd.outcomes}, {crowd.of(rush.TROUBLE)[:1]}")
        spent = sum(meter.spent[name] for name in self.pids)
        return buyers / crowd.seconds, spent / buyers * 1000

    def measure(self):
        pace, cost = self.serve(BUYERS)
        self.paces.append(pace)
        self.costs.append(cost)


def main():
    report = Report(f"Whole purchases against those of {COMMIT}, {rush.AT_A_TIME} buyers at a time")
    with world() as here:
        tree = here.folder / "other-commit"
        if why := take_out(tree):
            report.note(f"not measured: {why}")
        else:
            compare(report, here, tree)
    report.show()


def take_out(tree):
    """The files of the commit; or says why it cannot be compared with."""
    found = subprocess.run(["git", "archive", COMMIT], cwd=harness.ROOT, capture_output=True)
    if found.returncode:
        return f"this clone has no commit {COMMIT}; BENCH_AGAINST names another"
    tree.mkdir()
    subprocess.run(["tar", "-x"], cwd=tree, input=found.stdout, check=True)
    if (tree / PACKAGES).read_bytes() != (harness.ROOT / PACKAGES).read_bytes():
        return f"{COMMIT} wants other packages than are installed here"
    return ""


def compare(report, here, tree):
    from bench import rows

    page = rows.make_free_event(capacity=100_000)
    with here.running("web") as stack, running_there(tree) as there:
        today = Side(stack.port, page, {"web": stack.web.program.pid, "database": database_pid()})
        for side in (today, there):
            side.serve(WARM_UP)
        for _ in range(ROUNDS):
            today.measure()
            there.measure()
    tell(report, today, there)


@contextmanager
def running_there(tree):
    environment = dict(os.environ, PYTHONPATH=f"{tree}/site:{tree}", BENCH_SERVICES="")
    program = Program("other", [sys.executable, "-c", OTHER], env=environment, cwd=tree)
    said = []
    try:
        for line in program.process.stdout:
            said.append(line.decode(errors="replace"))
            if said[-1].startswith('{"port"'):
                yield Side(**json.loads(said[-1]))
                return
        raise AssertionError(f"{COMMIT} did not start: {''.join(said)[-3000:]}")
    finally:
        program.stop(patience=30)


def tell(report, today, there):
    report.add(f"purchases of {COMMIT}", median(there.paces), "/s")
    report.add("purchases of today", median(today.paces), "/s")
    noisy = "whatever else the machine does meanwhile falls on one side or the other"
    report.add("times the purchases", median(today.paces) / median(there.paces), "x", least=AIM, noisy=noisy)
    report.add(f"CPU of an order of {COMMIT}, web and database", min(there.costs), "ms")
    report.add("CPU of an order of today, web and database", min(today.costs), "ms")
    report.add("times the CPU", min(there.costs) / min(today.costs), "x", least=1)
    report.note(f"{ROUNDS} rounds of {BUYERS} buyers each, in turn: the median pace, the least CPU")


if __name__ == "__main__":
    main()
