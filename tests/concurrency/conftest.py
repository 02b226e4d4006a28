from tests.process_fixtures import make_stacks

__all__ = ["make_stacks"]
