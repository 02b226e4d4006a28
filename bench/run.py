"""`make bench`: every figure in order, then a summary. ARGS="pdf event_page" runs only those.

A missed aim is said, not punished: the exit code is 0 unless a script could not run at all.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.world import run_services, temporary_folder
from tests.services import raise_on_signals

ROOT = Path(__file__).resolve().parents[1]
FIGURES = [
    "purchases",
    "hot_sale",
    "event_page",
    "payment_to_mail",
    "watching",
    "due_payments",
    "pdf",
    "worker",
    "every_penny",
    "restarts",
    "bystanders",
    "scale",
    "search",
    "dates",
    "migrate_dates",
    "drill",
]


def main(names):
    raise_on_signals()
    if unknown := set(names) - set(FIGURES):
        sys.exit(f"There is no figure {', '.join(sorted(unknown))}; there are: {', '.join(FIGURES)}.")
    environment = dict(os.environ)
    with temporary_folder() as folder, run_services(folder) as addresses:
        results = {name: run(name, environment | {"BENCH_SERVICES": " ".join(addresses)}) for name in names or FIGURES}
    summarise(results)
    return 1 if None in results.values() else 0


def run(name, environment):
    """What the script's line of JSON says; None when it came to no result."""
    result = None
    script = subprocess.Popen(
        [sys.executable, "-m", f"bench.{name}"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in script.stdout:
            print(line, end="", flush=True)
            result = json.loads(line) if line.startswith('{"figure"') else result
    finally:
        script.terminate()
        script.wait()
    return result


def summarise(results):
    print("\nSummary")
    for name, result in results.items():
        verdict = "FAILED" if result is None else "met" if result["met"] else f"MISSED: {', '.join(result['missed'])}"
        print(f"  {name:<16}{verdict}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
