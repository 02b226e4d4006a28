"""`make bench`: every quick figure, then a summary and what changed since `bench/figures.json` was written.

ARGS="pages pdf" runs only those, ARGS=long those that take longer than two minutes each, ARGS="--keep" (or "--keep
pages") runs each three times and writes what it found as the figures that the next run is compared with.

A missed aim is said, not punished: the exit code is 0 unless a script could not run at all.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench import comparison
from bench.world import run_services, temporary_folder
from tests.services import raise_on_signals

ROOT = Path(__file__).resolve().parents[1]
QUICK = [
    "plain",
    "purchases",
    "paid",
    "pages",
    "hot_sale",
    "guarded",
    "event_page",
    "steady",
    "pdf",
    "worker",
    "start",
    "against",
    "growing",
]
LONG = [
    "payment_to_mail",
    "watching",
    "due_payments",
    "every_penny",
    "restarts",
    "bystanders",
    "scale",
    "search",
    "dates",
    "migrate_dates",
    "drill",
    "size",
]
KEEP, RUNS = "--keep", 3


def main(words):
    raise_on_signals()
    keeps, names = KEEP in words, choose([word for word in words if word != KEEP])
    with temporary_folder() as folder, run_services(folder) as addresses:
        environment = dict(os.environ, BENCH_SERVICES=" ".join(addresses))
        runs = {name: run_often(name, environment, keeps) for name in names}
    if not keeps:
        tell_changes({name: results[-1] for name, results in runs.items() if results[-1]})
    tell_verdicts({name: results[-1] for name, results in runs.items()})
    return 1 if any(None in results for results in runs.values()) else 0


def choose(words):
    """The scripts that are meant; exits with a sentence when there is no such one."""
    if unknown := set(words) - {*QUICK, *LONG, "long"}:
        sys.exit(
            f"There is no figure {', '.join(sorted(unknown))}. Quick ones: {', '.join(QUICK)}; "
            f"longer than two minutes each, or all by the word long: {', '.join(LONG)}."
        )
    return list(dict.fromkeys(name for word in words for name in (LONG if word == "long" else [word]))) or QUICK


def run_often(name, environment, keeps):
    """What each run gave. When something seems worse the script runs again, and the better of both counts."""
    if keeps:
        results = [run(name, environment) for _ in range(RUNS)]
        if all(results):
            comparison.write_kept({name: comparison.sum_up(results)})
        return results
    first = run(name, environment)
    if not first or not any(change.kind == comparison.WORSE for change in changes_of(name, first)):
        return [first]
    print(f"{name} seems worse than what was kept: once more.", flush=True)
    second = run(name, environment)
    return [comparison.take_better(first, second) if second else first]


def changes_of(name, result):
    return comparison.compare(comparison.read_kept().get(name, {}), result)


def run(name, environment):
    """What the script's last line of JSON says, with all that earlier ones said; None when it came to no result."""
    result = None
    script = subprocess.Popen(
        [sys.executable, "-m", f"bench.{name}"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in script.stdout:
            print(line, end="", flush=True)
            result = add_result(result, json.loads(line)) if line.startswith('{"figure"') else result
    finally:
        script.terminate()
        script.wait()
    return result


def add_result(before, told):
    """Of a script that prints several reports one result is made."""
    if before is None:
        return told
    joined = {key: told[key] | before[key] for key in ("value", "aim", "unit", "noisy")}
    joined |= {key: before[key] + told[key] for key in ("missed", "more is better", "notes")}
    return before | joined


def tell_verdicts(results):
    print("\nAims")
    for name, result in results.items():
        print(f"  {name:<16}{'FAILED: it came to no result' if result is None else describe_aims(result)}")


def describe_aims(result):
    if not result["missed"]:
        return "met" if result["aim"] else "none"
    missed = [f"{name} {result['value'][name]} ({result['aim'][name]})" for name in result["missed"]]
    return f"MISSED: {'; '.join(missed)}"


def tell_changes(results):
    found = [(name, change) for name, result in results.items() for change in changes_of(name, result)]
    print(f"\nSince bench/figures.json was written, more than {comparison.TOLERANCE:.0%} is told")
    for kind in comparison.KINDS:
        for name, change in found:
            if change.kind == kind:
                print(f"  {kind}: {name}, {change.words}")
    if not any(change.kind == comparison.WORSE for _name, change in found):
        print("  nothing got worse")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
