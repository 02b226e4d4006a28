from tests.process_fixtures import make_stack, stack

__all__ = ["make_stack", "stack"]
