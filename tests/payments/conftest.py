import pytest

from payments.sumup import client


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    """The same retries with shorter pauses."""
    monkeypatch.setattr(client, "LONGEST_PAUSE", 0.01)
