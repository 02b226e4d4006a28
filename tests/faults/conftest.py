import pytest

from tests.process_fixtures import make_stack, server, stack

__all__ = ["make_stack", "server", "stack"]


@pytest.fixture(autouse=True)
def _no_fault_stays(request):
    """The stack is shared: whatever a test broke is whole for the next one."""
    yield
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").simulator.clear_faults()
