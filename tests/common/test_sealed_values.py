"""Whoever can write to Redis can run nothing here, and learns nothing by it but that we forget."""

import os
import pickle
import signal
import time
from datetime import datetime
from pathlib import Path

import pytest
from django.core.cache import caches
from redis import Redis

from common import cache as shared
from common import sealed_values
from common.queue import RedisQueue, SqliteQueue
from events_pages.public import content_version
from operations.monitoring import health
from tests import factories, services
from tests.ticketing.views.shop import buy

LONG_AGO = datetime(2020, 1, 1)  # noqa: DTZ001 - as Huey keeps it
PURPOSE = {"purpose": "cache"}


class Hostile:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


@pytest.fixture(scope="module")
def server():
    with services.redis_server() as running:
        yield running


@pytest.fixture
def redis(server, settings):
    """A Redis of the test's own; both of the site's caches are on it."""
    shared._asks_again_at.clear()
    location = {"BACKEND": "common.cache.ForgivingRedisCache", "OPTIONS": {"socket_timeout": 1}}
    settings.CACHES = {
        "default": location | {"LOCATION": f"{server.url}/1"},
        "limits": location | {"LOCATION": f"{server.url}/2"},
    }
    client = Redis.from_url(f"{server.url}/1")
    client.flushall()
    yield client
    client.config_set("maxmemory", 0)


@pytest.fixture
def trap(tmp_path):
    return tmp_path / "ran"


@pytest.fixture
def bomb(trap):
    data = pickle.dumps(Hostile(trap))
    pickle.loads(data)
    assert trap.exists(), "the trap is none"
    trap.unlink()
    return data


@pytest.fixture(params=["redis", "sqlite"])
def queue(request, server, tmp_path):
    if request.param == "sqlite":
        return SqliteQueue("tested", filename=str(tmp_path / "queue.sqlite3"), results=False)
    Redis.from_url(f"{server.url}/0").flushdb()
    return RedisQueue("tested", url=f"{server.url}/0", expire_time=60, results=False)


def test_what_was_put_in_comes_out(redis):
    cache = caches["default"]
    for value in (1, -3, 2**62, True, None, "a", b"a", {"a": [1]}, 2.5, "7"):
        cache.set("key", value)
        assert (cache.get("key", "gone"), type(cache.get("key"))) == (value, type(value))
    cache.set("number", 1)
    assert cache.incr("number") == 2
    assert cache.get_many(["key", "number", "none"]) == {"key": "7", "number": 2}


def test_nothing_of_others_is_unpickled(redis, bomb, trap, caplog):
    cache = caches["default"]
    for planted in (bomb, b"x" * 32 + bomb, b"12x", b"", b"\x80", b"9" * 5000):
        redis.set(":1:key", planted)
        redis.set(":1:other", planted)
        assert cache.get("key", "nothing") == "nothing"
        assert cache.get_many(["other"]) == {}
        assert not redis.exists(":1:key", ":1:other")
        assert cache.add("key", "ours")
        assert cache.get("key") == "ours"
        cache.delete("key")
    assert not trap.exists()
    assert "cache.unsealed" in caplog.text


def test_a_page_whose_kept_copy_was_planted_is_made_afresh(db, client, redis, bomb, trap):
    page = factories.make_event("Sea Shanties")
    client.get(page.get_url())
    planted = redis.keys("*")
    assert planted
    for key in planted:
        redis.set(key, bomb)
    assert "Sea Shanties" in client.get(page.get_url()).text
    assert client.get("/events/").status_code == 200
    assert not trap.exists()


def test_what_is_sealed_cannot_be_changed_nor_moved(settings):
    sealed = sealed_values.seal_bytes(b"content", **PURPOSE)
    assert sealed_values.open_sealed(sealed, **PURPOSE) == b"content"
    for wrong in (sealed[:-1] + b"x", b"x" + sealed[1:], b"", sealed[:32]):
        with pytest.raises(sealed_values.Unsealed):
            sealed_values.open_sealed(wrong, **PURPOSE)
    with pytest.raises(sealed_values.Unsealed):
        sealed_values.open_sealed(sealed, purpose="queue")


def test_a_former_key_still_opens(settings):
    settings.SECRET_KEY = "former"
    sealed = sealed_values.seal_bytes(b"content", **PURPOSE)
    settings.SECRET_KEY = "present"
    with pytest.raises(sealed_values.Unsealed):
        sealed_values.open_sealed(sealed, **PURPOSE)
    settings.SECRET_KEY_FALLBACKS = ["former"]
    assert sealed_values.open_sealed(sealed, **PURPOSE) == b"content"


def test_a_kept_page_costs_little_more_to_open():
    data = {"content": b"x" * 60_000, "headers": [("a", "b")] * 15, "version": "1"}
    values, plain = sealed_values.SealedValues(), pickle.dumps(data)

    def seconds(open_it, of, times=200):
        began = time.perf_counter()
        for _ in range(times):
            open_it(of)
        return (time.perf_counter() - began) / times

    sealed = values.dumps(data)
    assert min(seconds(values.loads, sealed) - seconds(pickle.loads, plain) for _ in range(5)) < 0.0003


def test_a_task_goes_through_the_queue(queue):
    done = []

    @queue.task()
    def note(word):
        done.append(word)

    note("a")
    note.schedule(("b",), delay=-1)
    queue.execute(queue.dequeue())
    [queue.execute(task) for task in [queue.dequeue()] if task]
    assert done == ["a", "b"]


def test_nothing_that_others_put_into_the_queue_is_run(queue, bomb, trap, caplog):
    done = []

    @queue.task()
    def note(word):
        done.append(word)

    queue.storage.enqueue(bomb, 100)
    queue.storage.add_to_schedule(bomb, LONG_AGO)
    ours = note.s("scheduled")
    queue.storage.add_to_schedule(queue.serialize_task(ours), LONG_AGO)
    note("queued")
    assert queue.pending()
    assert queue.dequeue() is None
    queue.execute(queue.dequeue())
    assert [task.id for task in queue.read_schedule()] == [ours.id]
    assert done == ["queued"]
    assert not trap.exists()
    assert "queue.thrown_away" in caplog.text


def test_what_others_say_was_revoked_is_not_believed(queue, bomb, trap):
    done = []

    @queue.task()
    def note(word):
        done.append(word)

    note("queued")
    task = queue.dequeue()
    for key in (task.revoke_id, queue._task_key(type(task), "rt")):
        queue.storage.put_data(key, bomb)
    queue.execute(task)
    assert done == ["queued"]
    assert not trap.exists()


def fill(redis):
    """No write is taken any more, as when the server has used up its memory."""
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", 1)


def test_a_full_redis_counts_nothing_and_says_so(db, client, redis, settings):
    assert health.build_health_report().parts["limits"] == ""
    fill(redis)
    assert "counted by each process alone" in health.build_health_report().parts["limits"]
    assert "full" in health.describe_cache_problem() or not health.describe_cache_problem()


PROOF = 422  # the form again, which asks for proof of a person now


@pytest.mark.parametrize("how", ["full", "away"])
@pytest.mark.parametrize(
    ("path", "form", "most", "refusal"),
    [
        ("/admin/login/", lambda n: {"username": f"editor{n}", "password": "wrong"}, 20, 429),
        ("/tickets/find/", lambda n: {"email": f"buyer{n}@example.je"}, 20, PROOF),
        ("/tickets/my-data/", lambda n: {"email": f"buyer{n}@example.je"}, 20, PROOF),
    ],
)
def test_nobody_guesses_without_bound_while_redis_is_full_or_away(
    db, client, redis, settings, time_machine, how, path, form, most, refusal
):
    time_machine.move_to("2027-03-01T12:00:00Z", tick=False)
    if how == "full":
        fill(redis)
    else:
        gone = {"BACKEND": "common.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/1"}
        settings.CACHES = {"default": gone, "limits": gone}
    answers = [client.post(path, form(number)).status_code for number in range(most + 3)]
    assert refusal not in answers[:most]
    assert set(answers[most:]) == {refusal}
    assert client.post(path, form(0), REMOTE_ADDR="10.9.8.7").status_code != refusal


@pytest.mark.parametrize("how", ["full", "away"])
def test_tickets_are_sold_while_redis_is_full_or_away(db, client, redis, settings, how):
    if how == "full":
        fill(redis)
    else:
        gone = {"BACKEND": "common.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/1"}
        settings.CACHES = {"default": gone, "limits": gone}
    content_version.purge_pages()
    assert buy(client, factories.make_type(price="0.00")).reference


def test_a_redis_that_hangs_is_asked_once_a_second(redis, server, settings):
    """Each question may wait for its whole limit, and a request asks several."""
    cache = caches["default"]
    cache.set("key", "value")
    os.kill(server.program.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        for _ in range(20):
            assert cache.get("key") is None
        assert time.monotonic() - began < 3
    finally:
        os.kill(server.program.pid, signal.SIGCONT)
    time.sleep(shared.REST + 0.1)
    assert cache.get("key") == "value"


def test_a_queue_that_hangs_keeps_nobody_waiting_for_long(server):
    queue = RedisQueue("hanging", url=f"{server.url}/0", expire_time=60, results=False)

    @queue.task()
    def note():
        pass

    os.kill(server.program.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        for _ in range(5):
            note()
        assert time.monotonic() - began < 5
    finally:
        os.kill(server.program.pid, signal.SIGCONT)
