from tests.process_fixtures import make_stack, redis_url, stack, stack_database, template_database

__all__ = ["make_stack", "redis_url", "stack", "stack_database", "template_database"]
