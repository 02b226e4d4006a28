"""Open sessions: seen by their owner and by administrators, and ended."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from protection.enums import SignInOutcome
from protection.models import SignIn, StaffSession
from protection.sign_in import sessions
from protection.visitors import user_agents
from tests.protection.people import CHROME, FIREFOX, PASSWORD, code_of, give_app, make_ana, make_ben, sign_in

pytestmark = pytest.mark.django_db
LISTING = "/admin/account/sessions/"


@pytest.fixture
def ana():
    return make_ana()


def another(name="ana", agent=FIREFOX, address="198.51.100.7"):
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    sign_in(client, name)
    return client


def row_of(client):
    return StaffSession.objects.get(session_key=client.session.session_key)


def test_signing_in_opens_a_row_and_signing_out_takes_it_away(client, ana):
    sign_in(client)
    assert row_of(client).user == ana
    client.post(reverse("wagtailadmin_logout"))
    assert not StaffSession.objects.exists()


def test_the_list_names_each_browser_and_which_one_looks(client, ana):
    another()
    make_ben()
    another("ben", agent=CHROME)
    sign_in(client, headers={"user-agent": CHROME})
    text = client.get(LISTING).content.decode()
    assert "Firefox on Android" in text
    assert "198.51.100.7" in text
    assert text.count("Chrome on Windows") == 1
    assert text.count(">this one<") == 1


def test_ending_one_signs_it_out_at_once(client, ana):
    phone = another()
    sign_in(client)
    assert client.post(f"{LISTING}{row_of(phone).pk}/end/").status_code == 302
    assert phone.get("/admin/").url.startswith("/admin/login/")
    assert client.get("/admin/").status_code == 200
    assert SignIn.objects.filter(user=ana, outcome=SignInOutcome.ENDED).count() == 1


def test_nobody_ends_anothers_session(client, ana):
    make_ben()
    phone = another()
    sign_in(client, "ben")
    assert client.post(f"{LISTING}{row_of(phone).pk}/end/").status_code == 404
    assert client.post(reverse("sign_in_end_sessions", args=[ana.pk])).status_code in (302, 403)
    assert phone.get("/admin/").status_code == 200


def test_ending_all_others_keeps_this_one(client, ana):
    phones = [another(), another()]
    sign_in(client)
    client.post(f"{LISTING}end-others/")
    assert [phone.get("/admin/").status_code for phone in phones] == [302, 302]
    assert client.get("/admin/").status_code == 200


def test_administrators_end_anybodys(admin_client, admin_user, ana):
    phone, tablet = another(), another()
    page = admin_client.get(reverse("sign_in_person", args=[ana.pk])).content.decode()
    assert page.count("Firefox on Android") >= 2
    admin_client.post(reverse("sign_in_end_session", args=[ana.pk, row_of(phone).pk]))
    assert phone.get("/admin/").status_code == 302
    admin_client.post(reverse("sign_in_end_sessions", args=[ana.pk]))
    assert tablet.get("/admin/").status_code == 302
    assert set(SignIn.objects.filter(outcome=SignInOutcome.ENDED).values_list("by", flat=True)) == {admin_user.pk}


def test_a_changed_password_ends_the_others_and_keeps_its_own_row(client, ana):
    phone = another()
    sign_in(client)
    form = {
        "password-old_password": PASSWORD,
        "password-new_password1": "granite-and-sea-1",
        "password-new_password2": "granite-and-sea-1",
        "name_email-first_name": "Ana",
        "name_email-last_name": "Le Brocq",
        "name_email-email": "ana@example.je",
        "notifications-submitted_notifications": "on",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "theme-keyboard_shortcuts": "on",
    }
    assert client.post(reverse("wagtailadmin_account"), form).status_code == 302
    assert phone.get("/admin/").status_code == 302
    client.get("/admin/")
    ana.refresh_from_db()
    assert [row.session_key for row in sessions.list_open_sessions(ana)] == [client.session.session_key]


def test_somebody_set_inactive_is_out_and_off_the_list(ana):
    phone = another()
    ana.is_active = False
    ana.save()
    assert phone.get("/admin/").status_code == 302
    assert sessions.list_open_sessions(ana) == []


def test_last_seen_moves_every_five_minutes_and_not_between(client, ana):
    with time_machine.travel("2026-06-01 10:00:00+00:00", tick=False) as clock:
        sign_in(client)
        seen = row_of(client).seen_at
        clock.shift(240)
        client.get(LISTING)
        assert row_of(client).seen_at == seen
        clock.shift(120)
        client.get(LISTING)
        assert row_of(client).seen_at == seen + timedelta(minutes=6)


def test_a_session_lasts_twelve_hours_from_its_last_use(client, ana, settings):
    settings.STAFF_SESSION_AGE = timedelta(hours=24)
    with time_machine.travel("2026-06-01 10:00:00+00:00", tick=False) as clock:
        sign_in(client)
        clock.shift(11 * 3600)
        assert client.get("/admin/").status_code == 200
        clock.shift(12 * 3600 + 1)
        assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("address", ["/admin/", "/tickets/scan/", LISTING])
def test_a_session_ends_twelve_hours_after_signing_in_however_busy_it_is(client, ana, address):
    with time_machine.travel("2026-06-01 10:00:00+00:00", tick=False) as clock:
        sign_in(client)
        for _hour in range(11):
            clock.shift(3600)
            assert client.get(address).status_code == 200
        clock.shift(3601)
        assert client.get(address).url.startswith("/admin/login/")
        assert not StaffSession.objects.exists()
        assert not Session.objects.exists()


def test_a_new_key_or_password_does_not_put_the_end_off(client, ana):
    with time_machine.travel("2026-06-01 10:00:00+00:00", tick=False) as clock:
        device, _codes = give_app(ana)
        sign_in(client)
        clock.shift(11 * 3600)
        client.post("/admin/verify/", {"code": code_of(device)})
        assert client.get("/admin/").status_code == 200
        clock.shift(3601)
        assert client.get("/admin/").url.startswith("/admin/login/")


def test_signing_in_again_begins_anew(client, ana):
    with time_machine.travel("2026-06-01 10:00:00+00:00", tick=False) as clock:
        sign_in(client)
        clock.shift(11 * 3600)
        sign_in(client)
        clock.shift(11 * 3600)
        assert client.get("/admin/").status_code == 200


def test_a_session_that_does_not_say_when_it_began_is_over(client, ana):
    sign_in(client)
    session = client.session
    del session[sessions.BEGAN]
    session.save()
    assert sessions.list_open_sessions(ana) == []
    assert client.get("/admin/").status_code == 302


def test_a_visitors_session_has_no_absolute_end(client, home):
    with time_machine.travel("2026-06-01 10:00:00+00:00", tick=False) as clock:
        session = client.session
        session["passed_page_view_restrictions"] = [1]
        session.set_expiry(7 * 24 * 3600)
        session.save()
        client.cookies["sessionid"] = session.session_key
        clock.shift(24 * 3600)
        client.get("/admin/")
        assert client.session["passed_page_view_restrictions"] == [1]


def test_the_end_costs_no_query(client, ana, django_assert_num_queries):
    sign_in(client)
    client.get(LISTING)
    request = RequestFactory().get("/")
    request.session = client.session
    request.session.get(sessions.BEGAN)
    with django_assert_num_queries(0):
        assert sessions.user_unless_session_over(request, ana) is ana


def test_a_session_from_before_gets_its_row_with_the_next_page(client, ana):
    sign_in(client)
    StaffSession.objects.all().delete()
    session = client.session
    del session[sessions.MARK]
    session.save()
    client.get("/admin/")
    assert row_of(client).user == ana


def test_rows_go_with_their_sessions_at_night(client, ana):
    sign_in(client)
    another()
    Session.objects.exclude(session_key=client.session.session_key).update(
        expire_date=timezone.now() - timedelta(days=1)
    )
    StaffSession.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    assert sessions.prune_sessions() == 1
    assert [row.session_key for row in sessions.list_open_sessions(ana)] == [client.session.session_key]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Android"),
        (CHROME, "Chrome on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Mac"),
        ("curl/8.0", "Unknown browser"),
        ("", "Unknown browser"),
        ("<script>", "Unknown browser"),
    ],
)
def test_a_browser_in_words(agent, words):
    assert user_agents.describe_browser(agent) == words
