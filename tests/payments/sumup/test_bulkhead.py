"""Few places for requests about one merchant, over all processes; none while its SumUp keeps silent."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import time_machine

from payments import time_limits
from payments.provider import Hung, NotAsked
from payments.sumup import bulkhead
from payments.sumup.bulkhead import ALL_PLACES, PLACES, PLACES_HERE, Places
from tests.payments.factories import make_bulkhead, make_client, no_place_left, places_of

HOLD = """
import sys, time
from pathlib import Path
from payments.sumup.bulkhead import PLACES, Places
held = [Places(Path(sys.argv[1]), sys.argv[2], PLACES, PLACES).take() for _ in range(PLACES)]
print(all(held), flush=True)
time.sleep(60)
"""


@pytest.fixture
def silent(simulator, monkeypatch):
    """A client of a SumUp that does not answer; half a second is a request's time."""
    monkeypatch.setattr(time_limits, "REQUEST_SECONDS", 0.3)
    simulator.fault("hang", times=None)
    yield make_client(url=simulator.url, key=simulator.api_key)
    simulator.clear_faults()


def look(client):
    with time_limits.request_limit():
        return client.checkouts("JE-1")


def places(folder, key="one"):
    return Places(folder, key, PLACES, PLACES)


def test_places_are_few_and_come_back(tmp_path):
    held = [places(tmp_path).take() for _ in range(PLACES)]
    assert all(held)
    assert places(tmp_path).take() is None
    assert places(tmp_path, "another").take() is not None
    held[0].close()
    assert places(tmp_path).take() is not None


def test_one_process_may_not_have_all_of_them(tmp_path):
    """Who keeps a connection open to it has no other thread to turn to."""
    few = Places(tmp_path, "one", PLACES, PLACES_HERE)
    assert all(few.take() for _ in range(PLACES_HERE))
    assert few.take() is None


def test_the_places_of_a_killed_process_are_free(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path, "one"], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert process.stdout.readline() == "True\n"
        assert places(tmp_path).take() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert places(tmp_path).take() is not None


def test_without_a_folder_each_process_counts_for_itself(tmp_path):
    nowhere = tmp_path / "file"
    nowhere.write_text("not a folder")
    held = [places(nowhere).take() for _ in range(PLACES)]
    assert all(held)
    assert places(nowhere).take() is None
    held[0].close()
    assert places(nowhere).take() is not None


def test_requests_past_the_places_are_not_asked(simulator):
    client = make_client(url=simulator.url, key=simulator.api_key)
    with no_place_left():
        began = time.monotonic()
        with pytest.raises(NotAsked):
            look(client)
        assert time.monotonic() - began < 0.1
        assert client.checkouts("JE-1") == []  # a worker is never refused
    assert simulator.requests() == {"GET /v0.1/checkouts": 1}
    assert look(client) == []


def test_a_place_that_is_free_in_a_moment_is_waited_for(simulator):
    client = make_client(url=simulator.url, key=simulator.api_key)
    held = [places_of().take() for _ in range(PLACES)]
    for place in held:
        threading.Timer(0.1, place.close).start()
    assert look(client) == []


def test_all_merchants_together_leave_threads_for_pages(simulator):
    client = make_client(url=simulator.url, key=simulator.api_key)
    everybody = places_of("all", most=ALL_PLACES, most_here=ALL_PLACES)
    with no_place_left(everybody), pytest.raises(NotAsked):
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
        with no_place_left(places_of(most=1)), pytest.raises(NotAsked):
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
    threads = [threading.Thread(target=lambda: pytest.raises(Hung, look, silent)) for _ in range(PLACES_HERE)]
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


def test_an_answer_is_an_answer_where_nothing_can_be_written_any_more(tmp_path):
    own = bulkhead.Bulkhead(tmp_path, "one")
    own._file.mkdir()
    own._note_hang()
    assert own.is_strained
    own._note_answer()
    assert not own.is_strained
