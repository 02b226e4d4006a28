from tests.process_fixtures import make_stack, stack, template_database

__all__ = ["make_stack", "stack", "template_database"]
