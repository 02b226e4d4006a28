import pytest
from django.test import override_settings

from operations.launch import registry
from operations.launch.facts import Facts
from payments.sumup import client
from tests.operations.launch import example
from tests.operations.launch.visited import VisitedSite

GIBIBYTE = 1024**3


class Known:
    """Stands for a question to another machine that was answered already."""

    def __init__(self, value=None, error=None):
        self.value, self.error = value, error

    def answer(self):
        if self.error:
            raise self.error
        return self.value


@pytest.fixture(scope="session")
def visited(tmp_path_factory):
    with VisitedSite(tmp_path_factory.mktemp("tls")) as site:
        yield site


@pytest.fixture
def under_production(monkeypatch, simulator, visited):
    """`with under_production(ALERTS_EMAIL="")`: production’s settings, with SumUp’s stand-in for SumUp."""
    monkeypatch.setenv("SSL_CERT_FILE", str(visited.certificate))
    monkeypatch.setattr(client, "LONGEST_PAUSE", 0.01)
    example.live_merchant(simulator)

    def under(**variables):
        found = example.production_settings(monkeypatch, **{"SITE_URL": visited.address} | variables)
        found |= {"SUMUP_LIVE_URL": simulator.url, "SUMUP_API_URL": simulator.url, "SUMUP_SIMULATOR_ALLOWED": True}
        found["WATCHDOG"] = False  # its thread would write into the database of another test
        return override_settings(**found)

    return under


@pytest.fixture
def production(db, under_production, visited, settings, tmp_path):
    """A site that is fit to launch, in every respect that this machine can offer."""
    with under_production():
        example.fill(visited.address)
        example.show(visited)
        example.collected(tmp_path / "static")
        settings.STATIC_ROOT = tmp_path / "static"
        settings.STORAGES = settings.STORAGES | {
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
        }
        yield


@pytest.fixture
def facts():
    """On a machine with room on its disk."""
    found = Facts()
    found.disk = (100 * GIBIBYTE, 50 * GIBIBYTE, 50 * GIBIBYTE)
    return found


@pytest.fixture
def finding(facts):
    """`finding("secret-key")`: what that check says."""
    return lambda name: registry.run_checks([name], facts).results[0].finding
