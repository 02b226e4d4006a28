import pytest

from tests.simulator import RunningSimulator


@pytest.fixture(scope="module")
def running_simulator():
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def simulator(running_simulator):
    running_simulator.reset()
    return running_simulator
