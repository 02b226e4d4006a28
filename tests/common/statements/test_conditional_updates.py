"""The same as an update and then an insert, on both databases."""

import pytest
from django.contrib.auth.models import Group
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from wagtail.models import ModelLogEntry

from common.log_entries import build_log_entry
from common.statements.conditional_updates import insert_rows, update_and_insert
from events_pages.models import Venue
from tests.factories import make_venue

TYPED = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
TOLD = st.dictionaries(TYPED, TYPED | st.integers(-(10**9), 10**9) | st.booleans() | st.none(), max_size=3)


def update_name(venue, *beside, only="", name="Fort Regent"):
    return update_and_insert(Venue.objects.filter(pk=venue.pk, name=only or venue.name), beside, name=name)


class TestAnyText(TestCase):
    @given(name=TYPED, told=TOLD, label=TYPED)
    def test_what_is_written_is_what_was_meant(self, name, told, label):
        venue = make_venue()
        entry = build_log_entry(venue, "wagtail.edit", data=told)
        entry.label = label
        assert update_name(venue, entry, name=name)
        [written] = ModelLogEntry.objects.all()
        venue.refresh_from_db()
        assert (venue.name, written.label, written.data) == (name, label, told)
        compared = ("content_type_id", "object_id", "action", "timestamp", "uuid", "user_id", "content_changed")
        assert [getattr(written, column) for column in compared] == [getattr(entry, column) for column in compared]


def test_nothing_is_inserted_where_nothing_was_updated(db):
    venue = make_venue()
    assert not update_name(venue, Group(name="Door"), build_log_entry(venue, "wagtail.edit", data={}), only="another")
    assert not Group.objects.filter(name="Door").exists()
    assert not ModelLogEntry.objects.exists()


def test_all_rows_are_written(db):
    venue = make_venue()
    assert update_name(venue, Group(name="Door"), Group(name="Office"), build_log_entry(venue, "wagtail.edit", data={}))
    assert Group.objects.filter(name__in=["Door", "Office"]).count() == 2
    assert ModelLogEntry.objects.get().object_id == str(venue.pk)


@pytest.mark.postgres
def test_it_is_one_statement_on_postgresql(db, django_assert_num_queries):
    venue = make_venue()
    entry = build_log_entry(venue, "wagtail.edit", data={})
    with django_assert_num_queries(1):
        update_name(venue, Group(name="Door"), entry)


def test_rows_of_several_models_are_inserted_at_once(db):
    venue = make_venue()
    entries = [build_log_entry(venue, "wagtail.edit", data={"n": number}) for number in range(3)]
    insert_rows([Group(name="Door"), Group(name="Office"), *entries])
    assert Group.objects.filter(name__in=["Door", "Office"]).count() == 2
    assert [entry.data["n"] for entry in ModelLogEntry.objects.order_by("pk")] == [0, 1, 2]
    insert_rows([Group(name="Bar")])
    assert Group.objects.filter(name="Bar").exists()
