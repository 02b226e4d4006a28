"""The scanner page: staff only, one answer a scan, with and without JavaScript."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page

from tests import factories
from ticketing.domain.admission import ticket_codes
from ticketing.enums import CheckInResult, TicketState
from ticketing.models import CheckIn, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    factories.make_order(buyer_name="Ana Le Brocq")
    return Ticket.objects.get(number=1)


@pytest.fixture
def steward(ticket):
    """May check tickets, and edit the page of this ticket's event only."""
    group = Group.objects.create(name="Door")
    group.permissions.add(Permission.objects.get(codename="add_checkin"))
    change = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=group, page=Page.objects.get(pk=ticket.sale.page_id), permission=change)
    user = User.objects.create_user("steward")
    user.groups.add(group)
    return user


@pytest.fixture
def door(client, steward, ticket):
    client.force_login(steward)

    def scan(text, **headers):
        return client.post(
            reverse("ticketing:scan-performance", args=[ticket.sale.performance_id]), {"code": text}, headers=headers
        )

    return scan


def test_it_works(door, ticket):
    response = door(ticket_codes.sign_ticket_code(ticket.code))
    assert response.status_code == 200
    for words in ("answer--valid", "Valid ticket", "Adult, 1 of 2", "Ana Le Brocq"):
        assert words in response.text
    assert Ticket.objects.get(pk=ticket.pk).state == TicketState.USED


def test_a_ticket_whose_name_runs_leftwards_keeps_its_number_in_place(door, ticket):
    type(ticket.line).objects.update(type_name="بالغ")
    assert "\u2068بالغ\u2069, 1 of 2" in door(ticket_codes.sign_ticket_code(ticket.code)).text


def test_the_second_scan_is_amber_with_the_time(door, ticket):
    door(ticket_codes.sign_ticket_code(ticket.code))
    response = door(ticket_codes.sign_ticket_code(ticket.code))
    assert "answer--used" in response.text
    assert "Already used at" in response.text


def test_rubbish_is_red_with_a_reason(door):
    response = door("<script>alert(1)</script>")
    assert "answer--refused" in response.text
    assert "We sold no ticket with this code." in response.text
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("result", ["accepted", "refused"])
def test_only_a_green_answer_clears_itself_without_javascript(door, ticket, result):
    text = door(ticket_codes.sign_ticket_code(ticket.code) if result == "accepted" else "nonsense").text
    assert ('http-equiv="refresh"' in text) == (result == "accepted")


def test_a_script_gets_the_answer_alone(door, ticket):
    response = door(ticket_codes.sign_ticket_code(ticket.code), X_Requested_With="fetch")
    assert "answer--valid" in response.text
    assert "<html" not in response.text


def test_who_scanned_is_recorded(door, ticket, steward):
    door(ticket_codes.sign_ticket_code(ticket.code))
    assert CheckIn.objects.get().by == steward


def test_an_empty_scan_changes_nothing_but_the_record(door):
    assert "answer--refused" in door("").text
    assert CheckIn.objects.get().result == CheckInResult.UNKNOWN


def test_strangers_are_sent_to_sign_in(client, ticket):
    address = reverse("ticketing:scan-performance", args=[ticket.sale.performance_id])
    for path in (address, reverse("ticketing:scan")):
        response = client.get(path)
        assert (response.status_code, response.url) == (302, f"{reverse('wagtailadmin_login')}?next={path}")
    client.post(address, {"code": ticket_codes.sign_ticket_code(ticket.code)})
    assert Ticket.objects.get(pk=ticket.pk).state == TicketState.VALID


def test_staff_without_the_permission_are_told_so(client, ticket):
    client.force_login(User.objects.create_user("editor"))
    address = reverse("ticketing:scan-performance", args=[ticket.sale.performance_id])
    response = client.post(address, {"code": ticket_codes.sign_ticket_code(ticket.code)})
    assert response.status_code == 403
    assert "can add check-in" in response.text
    assert not CheckIn.objects.exists()


def test_another_organiser_s_door_does_not_exist(client, steward):
    client.force_login(steward)
    other = factories.make_sale()
    assert client.get(reverse("ticketing:scan-performance", args=[other.performance_id])).status_code == 404
    assert "Which door?" in client.get(reverse("ticketing:scan")).text
    assert (
        reverse("ticketing:scan-performance", args=[other.performance_id])
        not in client.get(reverse("ticketing:scan")).text
    )


def test_forms_of_other_sites_are_refused(client, steward, ticket):
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(steward)
    address = reverse("ticketing:scan-performance", args=[ticket.sale.performance_id])
    response = strict.post(address, {"code": ticket_codes.sign_ticket_code(ticket.code)})
    assert response.status_code == 403
    assert Ticket.objects.get(pk=ticket.pk).state == TicketState.VALID


def test_pages_are_kept_by_nobody(door):
    assert door("x").headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("scans", [1, 3, 300])
def test_the_page_costs_the_same_after_any_number_of_scans(client, steward, ticket, scans, django_assert_num_queries):
    CheckIn.objects.bulk_create(
        CheckIn(performance=ticket.sale.performance, result=CheckInResult.UNKNOWN) for _ in range(scans)
    )
    client.force_login(steward)
    address = reverse("ticketing:scan-performance", args=[ticket.sale.performance_id])
    client.get(address)
    with django_assert_num_queries(9):
        client.get(address)


@pytest.mark.parametrize("sales", [1, 3, 30])
def test_the_list_costs_the_same_for_any_number_of_doors(client, sales, django_assert_num_queries):
    page = factories.make_event()
    for number in range(sales):
        factories.make_sale(page, starts_at=page.performances.first().starts_at + timedelta(days=number))
    client.force_login(User.objects.create_superuser("admin"))
    client.get(reverse("ticketing:scan"))
    with django_assert_num_queries(6):  # session, user, second factor; doors to come, of these days, of festivals
        client.get(reverse("ticketing:scan"))


def test_somebody_without_a_ticket_is_found_and_let_in(door, client, ticket):
    factories.make_order(ticket.line.ticket_type, buyer_name="Zoë Brière")
    factories.make_order(buyer_name="Zoë of another event")
    address = reverse("ticketing:scan-performance", args=[ticket.sale.performance_id])
    for typed in ("briere zoe", "zoe", "Bri\u00e8re", "brere"):
        text = client.post(address, {"find": typed}).text
        assert "2 tickets found" in text, typed
        assert ("Zoë Brière, Adult" in text, "another event" in text) == (True, False)
    assert not CheckIn.objects.exists()
    theirs = Ticket.objects.filter(sale=ticket.sale, holder_name="Zoë Brière").first()
    assert f'value="{theirs.code}"' in text
    assert "Valid ticket" in door(theirs.code).text
    assert "used" in client.post(address, {"find": "zoe"}).text
    assert "0 tickets found" in client.post(address, {"find": "nobody"}).text
