import pytest
from django.db import IntegrityError

from tests.factories import make_sale, make_type
from ticketing.models import EventSale


def test_saving_a_sale_never_turns_the_counter_back(db):
    stale = make_sale(capacity=10)
    EventSale.objects.update(allocated=4)
    stale.name = "Matinee"
    stale.save()
    stale.refresh_from_db()
    assert (stale.name, stale.allocated) == ("Matinee", 4)


def test_the_database_refuses_an_oversale(db):
    make_type(make_sale(capacity=10))
    with pytest.raises(IntegrityError):
        EventSale.objects.update(allocated=11)
