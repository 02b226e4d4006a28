"""A platform's probe comes without TLS and by a host that is not ours."""

import pytest
from django.test import override_settings

AS_IN_PRODUCTION = {
    "ALLOWED_HOSTS": [".tickets.example.je"],
    "SECURE_SSL_REDIRECT": True,
    "SECURE_REDIRECT_EXEMPT": [r"^health/"],
}


@pytest.fixture(autouse=True)
def _as_in_production():
    with override_settings(**AS_IN_PRODUCTION):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.244.7.31:8080", "healthcheck.railway.app", "tickets.example.je"])
def test_health_answers_a_probe_by_any_host_without_tls(client, host):
    answer = client.get("/health/", headers={"host": host, "x-forwarded-host": "evil.example"})
    assert answer.status_code in (200, 503)
    assert "json" in answer["Content-Type"]


def test_everything_else_stays_bound_to_the_hosts_of_the_site(client):
    assert client.get("/healthy/", headers={"host": "10.244.7.31:8080"}).status_code == 400
    assert client.get("/tickets/find/", headers={"host": "healthcheck.railway.app"}, secure=True).status_code == 400


def test_everything_else_is_sent_to_tls(client):
    answer = client.get("/tickets/find/", headers={"host": "tickets.example.je"})
    assert (answer.status_code, answer["Location"]) == (301, "https://tickets.example.je/tickets/find/")
