"""Every form's dates are read as people write them, and stay in the field when they are not."""

from datetime import UTC, date, datetime, time

import pytest
from django import forms
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import DateField, DateTimeField, TimeField
from django.utils import timezone
from wagtail.admin.forms.models import formfield_for_dbfield
from wagtail.users.models import UserProfile

from events_pages.blocks import MomentBlock
from events_pages.models import EventPage
from tests import factories

FIRST, SECOND = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


class Form(forms.Form):
    day = forms.DateField(required=False)
    at = forms.DateTimeField(required=False, help_text="Jersey time.")
    clock = forms.TimeField(required=False)
    until = forms.DateTimeField(required=False, widget=forms.DateInput)
    own = forms.DateField(required=False, input_formats=["%Y%m%d"])


def test_it_works():
    form = Form({"day": "12th Dec 2026", "at": "12 Dec 2026 7.30pm", "clock": "7.30 p.m.", "until": "12/12/2026"})
    assert form.is_valid()
    assert form.cleaned_data == {
        "day": date(2026, 12, 12),
        "at": datetime(2026, 12, 12, 19, 30, tzinfo=UTC),
        "clock": time(19, 30),
        "until": datetime(2026, 12, 12, tzinfo=UTC),
        "own": None,
    }


def test_what_cannot_be_read_stays_in_the_field_with_words_beside_it():
    typed = dict.fromkeys(("day", "at", "clock", "until"), "next tuesdayish") | {"own": "12/12/2026"}
    form = Form(typed)
    assert set(form.errors) == set(typed)
    for name, text in typed.items():
        assert f'value="{text}"' in str(form[name])
    assert "Write it like 12/12/2026 19:30" in form.errors["at"][0]
    assert form.errors["own"] == ["Enter a valid date."]  # whoever chose formats keeps them


def test_blank_is_empty():
    assert Form({"day": "  ", "at": "\t", "clock": " "}).is_valid()


def test_values_that_are_no_text_are_as_before():
    day = forms.DateField()
    assert day.clean(date(2026, 12, 12)) == day.clean(datetime(2026, 12, 12, 19, 30)) == date(2026, 12, 12)
    assert forms.DateTimeField().clean(date(2026, 12, 12)) == datetime(2026, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize(("moment", "shown"), [(FIRST, "2027-10-31 01:30 BST"), (SECOND, "2027-10-31 01:30 GMT")])
def test_the_hour_that_comes_twice_is_shown_saved_again_and_explained(moment, shown):
    form = Form(initial={"at": moment})
    assert form["at"].value() == shown
    assert form["at"].help_text.startswith("Jersey time. The clocks go back that night")
    again = Form({"at": shown}, initial={"at": moment})
    assert again.is_valid()
    assert again.cleaned_data["at"] == moment
    assert not again.has_changed()
    assert Form(initial={"at": timezone.now()})["at"].help_text == "Jersey time."


def event_form(**typed):
    form_class = EventPage.get_edit_handler().get_form_class()
    page = EventPage()
    return form_class(data=typed | {"body-count": "0"}, instance=page, for_user=User(is_superuser=True))


@pytest.mark.django_db
def test_a_dance_ends_in_the_hour_that_comes_twice():
    for ends, stored in (("31/10/2027 1.30am", FIRST), ("2027-10-31 01:30 GMT", SECOND)):
        form = event_form(starts_at="30 Oct 2027 8pm", ends_at=ends)
        form.is_valid()
        assert "ends_at" not in form.errors
        assert form.cleaned_data["ends_at"] == stored
    never = event_form(starts_at="27 Mar 2027 8pm", ends_at="28 Mar 2027 1.30am")
    assert "01:30 never comes. Write 00:30" in never.errors["ends_at"][0]


@pytest.mark.django_db
def test_an_end_in_the_second_hour_comes_after_a_start_in_the_first():
    late = event_form(starts_at="31 Oct 2027 01:45 BST", ends_at="31 Oct 2027 01:15 GMT")
    assert "ends_at" not in late.errors
    early = event_form(starts_at="31 Oct 2027 01:15 GMT", ends_at="31 Oct 2027 01:45 BST")
    assert "ends_at" in early.errors


def dates_of_models():
    """Found by walking, so that a new one is here by itself."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, DateField | TimeField) and field.editable:
                yield field


def test_every_date_of_every_admin_form_is_read_so():
    found = list(dates_of_models())
    assert {"go_live_at", "expire_at", "starts_at", "closes_at", "gst_from"} <= {field.name for field in found}
    for field in found:
        form_field = formfield_for_dbfield(field)
        assert form_field.clean("12 Dec 2026 7.30pm" if isinstance(field, DateTimeField) else "12th Dec 2026"), field
        with pytest.raises(forms.ValidationError, match="Write it like"):
            form_field.clean("next tuesdayish")


def test_a_time_inside_a_page_is_read_so_too():
    assert MomentBlock().child_blocks["time"].clean(time(19, 30)) == time(19, 30)
    assert MomentBlock().child_blocks["time"].field.clean("7.30pm") == time(19, 30)


@pytest.mark.django_db
def test_nonsense_in_the_address_of_a_list_is_answered_in_words(admin_client, client, home):
    """Each list of the admin that has dates to filter by; what visitors see leaves nonsense out."""
    factories.make_index()
    lists = {
        "/admin/snippets/ticketing/eventsale/": "starts_at",
        "/admin/payments/": "created_at",
        "/admin/reports/sign-ins/": "at",
        "/admin/reports/erasures/": "at",
        "/admin/reports/site-history/": "timestamp",
        "/admin/pages/": "latest_revision_created_at",
    }
    for typed in ("next tuesdayish", "0001-01-01", "31/12/9999", "29 Feb 2027", "9" * 5000, "\x00"):
        for address, name in lists.items():
            found = admin_client.get(address, {f"{name}_from": typed, f"{name}_to": "12 Dec 2026"})
            assert found.status_code == 200, (address, typed)
        for address in ("/events/", "/events/archive/"):
            assert client.get(address, {"month": typed, "date": typed, "when": typed}).status_code == 200
    words = "The year must lie between 1900 and 2199."
    assert words in admin_client.get("/admin/payments/", {"created_at_from": "0001-01-01"}).content.decode()


@pytest.mark.django_db
def test_jersey_time_is_jersey_time_in_every_profile(client):
    user = User.objects.create_superuser("ana", "ana@example.je", "x")
    UserProfile.objects.create(user=user, current_time_zone="Asia/Tokyo")
    client.force_login(user)
    sale = factories.make_sale(starts_at=datetime(2027, 7, 2, 18, 30, tzinfo=UTC))
    page = client.get(f"/admin/dates/date/{sale.performance_id}/").content.decode()
    assert 'value="2027-07-02 19:30"' in page
    listed = client.get("/admin/snippets/ticketing/eventsale/?starts_at_from=2/7/2027&starts_at_to=2+July+2027")
    assert sale.page.title in listed.content.decode()
    assert "Current time zone" not in client.get("/admin/account/").content.decode()
