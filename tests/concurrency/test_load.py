"""`make load` against a running site."""

import json
import os
import subprocess
import sys

import pytest

from bench import load
from tests.concurrency.test_rush import assert_exactly_sold, make_free_sale, shop, stack
from tests.harness import ROOT

__all__ = ["shop", "stack"]


def run_load(**variables):
    environment = {name: value for name, value in os.environ.items() if name not in ("URL", "BUYERS", "CONFIRM")}
    command = [sys.executable, "-m", "bench.load"]
    return subprocess.run(command, cwd=ROOT, env=environment | variables, capture_output=True, text=True)


def figures_of(done):
    [line] = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(line)["value"]


def test_it_buys_and_says_how_fast(stack):
    sale, _ = make_free_sale(capacity=30)
    address = f"{stack.url}{sale.page.relative_url(None)}"
    done = run_load(URL=address, BUYERS="40", AT_ONCE="8")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = figures_of(done)
    assert (figures["bought"], figures["told that it is sold out"], figures["buyers in trouble"]) == (30, 10, 0)
    assert figures["purchases"] > 0
    assert figures["a purchase takes, p50"] <= figures["a purchase takes, p95"] <= figures["a purchase takes, p99"]
    assert_exactly_sold(sale, 30)


def test_trouble_is_counted_and_fails(stack):
    done = run_load(URL=f"{stack.url}/there/is/nothing/", BUYERS="3")
    assert done.returncode == 1
    assert figures_of(done)["buyers in trouble"] == 3


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "staging.example.je", "jersey-staging.herokuapp.com"])
def test_a_rehearsal_needs_no_word(host):
    assert load.read_site({"URL": f"https://{host}/events/free/"}).hostname == host


@pytest.mark.parametrize("host", ["tickets.example.je", "latest.example.je", "contest.je", "8.8.8.8"])
def test_any_other_host_needs_its_name_as_a_confirmation(host):
    address = {"URL": f"https://{host}/events/free/"}
    with pytest.raises(SystemExit, match=f"CONFIRM={host}"):
        load.read_site(address)
    with pytest.raises(SystemExit):
        load.read_site(address | {"CONFIRM": "yes"})
    assert load.read_site(address | {"CONFIRM": host}).hostname == host


@pytest.mark.parametrize("address", ["", "staging.example.je/events/free/", "https://staging.example.je", "ftp://a/b"])
def test_an_address_that_is_no_page_is_refused(address):
    with pytest.raises(SystemExit, match="URL must be"):
        load.read_site({"URL": address})
