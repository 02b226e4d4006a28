"""Few places for requests about one merchant, over all processes; none while its SumUp keeps silent."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import time_machine

from payments.sumup import bulkhead, time_limits
from payments.sumup.bulkhead import ALL_PLACES, PLACES, take
from payments.sumup.errors import Hung, NotAsked
from tests.payments.factories import make_bulkhead, make_client, no_place_left

HOLD = """
import sys, time
from pathlib import Path
from payments.sumup.bulkhead import PLACES, take
held = [take(Path(sys.argv[1]), sys.argv[2], PLACES) for _ in range(PLACES)]
print(all(held), flush=True)
time.sleep(60)
"""


@pytest.fixture
def silent(simulator, monkeypatch):
    """A client of a SumUp that does not answer; half a second is a request's time."""
    monkeypatch.setattr(time_limits, "IN_REQUEST", 0.3)
    simulator.fault("hang", times=None)
    yield make_client(url=simulator.url, key=simulator.api_key)
    simulator.clear_faults()


def look(client):
    with time_limits.in_request():
        return client.checkouts("JE-1")


def test_places_are_few_and_come_back(tmp_path):
    held = [take(tmp_path, "one", PLACES) for _ in range(PLACES)]
    assert all(held)
    assert take(tmp_path, "one", PLACES) is None
    assert take(tmp_path, "another", PLACES) is not None
    held[0].close()
    assert take(tmp_path, "one", PLACES) is not None


def test_the_places_of_a_killed_process_are_free(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path, "one"], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert process.stdout.readline() == "True\n"
        assert take(tmp_path, "one", PLACES) is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert take(tmp_path, "one", PLACES) is not None


def test_without_a_folder_each_process_counts_for_itself(tmp_path):
    nowhere = tmp_path / "file"
    nowhere.write_text("not a folder")
    held = [take(nowhere, "one", PLACES) for _ in range(PLACES)]
    assert all(held)
    assert take(nowhere, "one", PLACES) is None
    held[0].close()
    assert take(nowhere, "one", PLACES) is not None
    bulkhead.forget(tmp_path)


def test_requests_past_the_places_are_not_asked(simulator):
    client = make_client(url=simulator.url, key=simulator.api_key)
    with no_place_left():
        began = time.monotonic()
        with pytest.raises(NotAsked):
            look(client)
        assert time.monotonic() - began < 0.8
        assert client.checkouts("JE-1") == []  # a worker is never refused
    assert simulator.requests() == {"GET /v0.1/checkouts": 1}
    assert look(client) == []


def test_a_place_that_is_free_in_a_moment_is_waited_for(simulator):
    client, own = make_client(url=simulator.url, key=simulator.api_key), make_bulkhead()
    held = [take(own.folder, own.key, PLACES) for _ in range(PLACES)]
    threading.Timer(0.1, held[0].close).start()
    assert look(client) == []


def test_all_merchants_together_leave_threads_for_pages(simulator):
    client = make_client(url=simulator.url, key=simulator.api_key)
    with no_place_left("all", ALL_PLACES), pytest.raises(NotAsked):
        look(client)


def test_after_a_hang_requests_are_refused_at_once(silent, simulator):
    with pytest.raises(Hung):
        look(silent)
    began = time.monotonic()
    for _ in range(50):
        with pytest.raises(NotAsked):
            look(silent)
    assert time.monotonic() - began < 0.2
    assert simulator.requests() == {"GET /v0.1/checkouts": 1}


def test_the_other_merchants_go_on(silent, simulator):
    with pytest.raises(Hung):
        look(silent)
    assert make_bulkhead().is_strained
    assert not make_bulkhead("MDEMO002").is_strained


def test_after_a_rest_one_request_tries(silent):
    with pytest.raises(Hung):
        look(silent)
    with time_machine.travel(time.time() + bulkhead.FIRST_REST + 1):
        with no_place_left(places=1), pytest.raises(NotAsked):
            look(silent)
        with pytest.raises(Hung):
            look(silent)
        with pytest.raises(NotAsked):
            look(silent)


def test_rests_grow_while_nothing_answers(silent):
    rests, now = [], time.time()
    for _ in range(5):
        with time_machine.travel(now, tick=True):
            with pytest.raises(Hung):
                look(silent)
            rests.append(round(make_bulkhead()._strain().until - time.time()))
        now += rests[-1] + 2
    assert rests[0] <= bulkhead.FIRST_REST < rests[1] < rests[-1] <= bulkhead.LONGEST_REST


def test_hangs_side_by_side_count_once(silent):
    threads = [threading.Thread(target=lambda: pytest.raises(Hung, look, silent)) for _ in range(PLACES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert make_bulkhead()._strain().hangs == 1


def test_a_worker_s_answer_ends_the_rest(silent, simulator):
    with pytest.raises(Hung):
        look(silent)
    simulator.clear_faults()
    assert silent.checkouts("JE-1") == []
    assert look(silent) == []


def test_a_clock_that_was_turned_back_does_not_keep_a_merchant_away(silent, simulator):
    with pytest.raises(Hung):
        look(silent)
    simulator.clear_faults()
    with time_machine.travel(time.time() - 3600, tick=True):
        assert look(silent) == []


def test_rubbish_in_the_file_is_no_rest(simulator):
    own = make_bulkhead()
    own.folder.mkdir(parents=True, exist_ok=True)
    own._file.write_text("what?")
    assert look(make_client(url=simulator.url, key=simulator.api_key)) == []
