"""The site outlives its cache: here Redis is an address where nobody listens."""

import pytest
from django.core.cache import caches

from tests.factories import make_event


@pytest.fixture
def dead_cache(settings):
    gone = {
        "BACKEND": "common.cache.ForgivingRedisCache",
        "LOCATION": "redis://127.0.0.1:1/1",
        "OPTIONS": {"socket_connect_timeout": 1},
    }
    settings.CACHES = {"default": gone, "limits": gone}
    return caches["default"]


def test_pages_are_served_without_a_cache(db, client, dead_cache):
    page = make_event("Sea Shanties")
    assert "Sea Shanties" in client.get(page.url).content.decode()


def test_a_dead_cache_forgets(dead_cache):
    dead_cache.set("key", "value")
    assert dead_cache.get("key", "nothing") == "nothing"
    assert dead_cache.get_many(["key"]) == {}
    assert dead_cache.add("key", "value") is False
    assert dead_cache.delete("key") is False


def test_a_dead_cache_does_not_pretend_to_count(dead_cache):
    with pytest.raises(ValueError, match="key"):
        dead_cache.incr("key")


def test_find_my_tickets_goes_on_when_nothing_can_be_counted(db, client, dead_cache):
    """The row of the message itself still bounds it to one a minute (`deliveries.request_links`)."""
    response = client.post("/tickets/find/", {"email": "ana@example.je"})
    assert response.status_code == 200
