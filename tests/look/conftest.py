import pytest

from tests import chromium as chromium_for_tests


@pytest.fixture(scope="module")
def chromium():
    with chromium_for_tests.running(patience=15_000) as browser:  # two cores may be busy
        yield browser
