"""What each connection to PostgreSQL is told."""

import pytest
from django.db import connections

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def read_cost(**settings):
    ours = connections["default"]
    fresh = type(ours)(ours.settings_dict | settings, "default")
    try:
        with fresh.cursor() as cursor:
            cursor.execute("SHOW random_page_cost")
            return cursor.fetchone()[0]
    finally:
        fresh.close()


@pytest.mark.parametrize(("is_pooled", "cost"), [(False, "1.1"), (True, "4")])
def test_disks_are_taken_for_fast_ones_unless_a_pooler_stands_between(is_pooled, cost):
    if connections["default"].vendor != "postgresql":
        pytest.skip("another database")
    assert read_cost(DISABLE_SERVER_SIDE_CURSORS=is_pooled) == cost
