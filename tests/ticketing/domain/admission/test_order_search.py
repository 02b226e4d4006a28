"""Staff find orders, tickets and scans by anything that a caller would say, and only among their own."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events_pages.dates import edits
from events_pages.models import Venue
from payments.enums import PaymentState
from payments.models import Payment
from tests.factories import (
    make_event,
    make_merchant,
    make_order,
    make_order_line,
    make_pass,
    make_performance,
    make_sale,
    make_type,
    make_venue,
)
from tests.ticketing.admin.test_viewsets import make_organiser_of
from ticketing import tasks
from ticketing.admin import permissions
from ticketing.domain.admission import order_search, ticket_codes
from ticketing.domain.messages import address_correction
from ticketing.domain.privacy import erasure
from ticketing.enums import CheckInResult
from ticketing.models import CheckIn, Order, OrderLine, Ticket

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")
THURSDAY, TUESDAY = datetime(2029, 8, 9, 14, tzinfo=JERSEY), datetime(2029, 6, 26, 9, tzinfo=JERSEY)
LISTS = ("orders", "tickets", "check_ins")


@pytest.fixture
def order():
    with time_machine.travel(TUESDAY):
        kind = make_type(make_sale(make_event("Battle of Flowers", starts_at=THURSDAY)), name="Arena", price="24.50")
        order = make_order(kind, buyer_name="Zoë d’Authreau-Le Brocq", buyer_email="Zoe.LeBrocq@Bücher.example.je")
        make_order(buyer_name="Ann Other", buyer_email="other@example.com")
    CheckIn.objects.create(
        ticket=Ticket.objects.filter(line__order=order).first(),
        performance=kind.sale.performance,
        result=CheckInResult.ACCEPTED,
    )
    Payment.objects.create(
        subject=order.reference,
        reference=f"{order.reference}-A1",
        merchant=make_merchant(),
        amount=Decimal("49.00"),
        currency="GBP",
        description="Tickets",
        redirect_url="https://example.je/",
        deadline=timezone.now(),
        state=PaymentState.PAID,
        checkout_id="0f8f1b0e-5a0c-4c5f-9d5e-1d1f5a5b0c0d",
        transaction_id="7d0c4b52-aaaa-4c5f-9d5e-1d1f5a5b0c0d",
        transaction_code="TEENSK4W2K",
    )
    return order


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("staff", "staff@example.je", "x"))
    return client


def listed(client, name, typed, **filters):
    response = client.get(reverse(f"{name}:index"), {"q": typed, **filters})
    return list(response.context["page_obj"].object_list)


def test_an_order_is_found_by_what_a_caller_says(staff, order):
    ticket = Ticket.objects.filter(line__order=order).first()
    said = [
        "authreau",
        "D'AUTHREAU",
        "zoe flowers",
        "flower brocq",
        "le brocq battle",
        "lebrocq",
        "zoe.lebrocq@xn--bcher-kva.example.je",
        "zoe lebroq",
        "batle of flowrs",
        "arena 9 august",
        "£49.00",
        "the two tickets for Battle of Flowers, name Le Brocq, bought Tuesday",
        order.reference.lower(),
        order.reference.replace("-", " "),
        f" {order.reference[3:7]} {order.reference[7:]} ",
        "teensk4w2k",
        "TEEN-SK4W-2K",
        "7D0C4B52-AAAA-4C5F-9D5E-1D1F5A5B0C0D",
        "0f8f1b0e-5a0c-4c5f-9d5e-1d1f5a5b0c0d",
        f"{order.reference}-a1",
        ticket_codes.format_ticket_code(ticket.code),
        ticket.code.lower(),
        ticket_codes.sign_ticket_code(ticket.code),
    ]
    missed = [text for text in said if listed(staff, "orders", text) != [order]]
    assert missed == []
    for name in LISTS:
        assert {getattr(row, "line", None) or row for row in listed(staff, name, "zoe flowers")}
        assert listed(staff, name, "zoe nobody") == []


def test_a_ticket_is_found_by_its_code_read_aloud(staff, order):
    ticket = Ticket.objects.filter(line__order=order).last()
    Ticket.objects.filter(pk=ticket.pk).update(code="ABCD0123EFGH1110")
    for said in ("abcd o123 efgh lilo", "ABCD-0123-EFGH-1110"):
        assert [row.pk for row in listed(staff, "tickets", said)] == [ticket.pk]


def test_odd_questions_find_nothing_and_break_nothing(staff, order):
    for text in ("***", "’", "x" * 5000, "word " * 500, "' | & ! :*", "٣٤", "-- ;", "%", "😀"):
        for name in LISTS:
            assert listed(staff, name, text) == [], text


def test_whole_words_come_first_unless_an_order_is_chosen(staff):
    whole, longer = make_order(buyer_name="Ana Corb"), make_order(buyer_name="Ana Corbel")
    assert listed(staff, "orders", "corb ana") == [whole, longer]
    assert listed(staff, "orders", "corb ana", ordering="-buyer_name") == [longer, whole]
    assert listed(staff, "orders", "ana", state="failed") == []


def test_nobody_finds_others_orders_nor_what_was_bought_elsewhere(client, order):
    own = make_order_line(order, make_type(make_sale(make_event("Sea Shanties"))))
    make_order(buyer_name="Zoë Stranger")
    client.force_login(make_organiser_of(own.sale.page, "ana"))
    assert listed(client, "orders", "zoe") == [order]
    assert listed(client, "orders", "zoe shanties") == [order]
    for hidden in ("stranger", "strangr", "zoe flowers", "flowrs", "august arena"):
        assert listed(client, "orders", hidden) == [], hidden
    assert {ticket.line_id for ticket in listed(client, "tickets", "zoe")} == {own.pk}


def test_an_erased_person_is_not_found(order):
    Ticket.objects.filter(line__order=order).update(state="used")
    for text in ("zoe", "authreau", "bucher", "lebrocq"):
        assert order_search.find_order_lines(OrderLine.objects.all(), text).ids
    with time_machine.travel(THURSDAY + timedelta(days=30)):
        erasure.erase_person(order.buyer_email)
    for text in ("zoe", "authreau", "bucher", "lebrocq"):
        assert not order_search.find_order_lines(OrderLine.objects.all(), text).ids
    assert order_search.find_order_lines(OrderLine.objects.all(), "flowers", column="order_id").ids == (order.pk,)


def test_a_corrected_address_is_found_and_the_former_is_not(order):
    address_correction.correct_address(
        order, "somebody@elsewhere.je", by=User.objects.create_user("desk"), reason="She rang."
    )
    assert order_search.find_order_lines(OrderLine.objects.all(), "elsewhere").ids
    assert not order_search.find_order_lines(OrderLine.objects.all(), "bucher").ids


def test_lines_that_older_code_wrote_are_folded_and_once(order):
    OrderLine.objects.update(search_words="")
    assert not order_search.find_order_lines(OrderLine.objects.all(), "zoe").ids
    tasks.fold_new_lines.call_local()
    assert order_search.find_order_lines(OrderLine.objects.all(), "zoe").ids
    with CaptureQueriesContext(connection) as asked:
        assert order_search.write_missing_search_words() == 0
    assert len(asked) == 1


def test_a_word_that_everybody_has_finds_the_newest(order, monkeypatch):
    monkeypatch.setattr(order_search, "MOST_FOUND", 2)
    newest = [make_order(buyer_name=f"Buyer {number}") for number in range(3)][:0:-1]
    found = order_search.find_order_lines(OrderLine.objects.all(), "je", column="order_id").ids
    assert found == tuple(order.pk for order in newest)
    assert Order.objects.count() == 5


def test_payments_are_found_by_who_paid_for_what(staff, order):
    (payment,) = Payment.objects.all()
    for said in ("zoe flowers", "lebroq", "TEEN SK4W 2K", order.reference.lower(), order.reference[3:]):
        assert listed(staff, "payment_records", said) == [payment], said
    assert listed(staff, "payment_records", "nobody") == []


def test_whoever_may_see_payments_alone_finds_none_by_name(client, order):
    user = make_organiser_of(order.lines.get().sale.page, "treasurer")
    user.groups.get().permissions.remove(*Permission.objects.filter(codename="view_order"))
    assert not permissions.find_order_references(user, "zoe")
    assert permissions.find_order_references(User.objects.create_superuser("staff"), "zoe")


def test_the_other_lists_are_found_so_too(staff, order):
    make_merchant("MDEMO002", name="Théâtre de l’Île")
    lists = {
        "wagtailsnippets_ticketing_eventsale:list": ("flower", "flowrs", "battle"),
        "wagtailsnippets_ticketing_tickettype:list": ("arena flowers", "flowrs arena"),
        "wagtailsnippets_events_pages_venue:list": ("operá", "opera", "opera hou"),
        "merchants:index": ("theatre", "theatre ile", "MDEMO002", "théatr"),
    }
    Venue.objects.filter(name="Opera House").first().save()
    for address, said in lists.items():
        for text in said:
            response = staff.get(reverse(address), {"q": text})
            assert len(response.context["page_obj"].object_list) == 1, (address, text)
        assert not staff.get(reverse(address), {"q": "zzzz"}).context["page_obj"].object_list


def test_staff_find_pages_and_venues_without_accents(staff):
    page = make_event("La Fête d’O’Brien", venue=make_venue("Théâtre"))
    for text in ("fete", "obrien", "fête"):
        assert page.title in staff.get(reverse("wagtailadmin_pages:search"), {"q": text}).content.decode(), text
    response = staff.get(reverse("wagtailsnippets_events_pages_venue:list"), {"q": "theatre"})
    assert [venue.name for venue in response.context["page_obj"].object_list] == ["Théâtre"]


def test_a_moved_date_is_found_by_the_old_day_and_the_new(order):
    edits.change_performance(order.lines.get().sale.performance, starts_at=THURSDAY + timedelta(days=31))
    tasks.fold_lines_of_date.call_local(order.lines.get().sale.performance_id)
    for day in ("9 August 2029", "9 September 2029", "flowers thursday", "flowers sunday"):
        found = order_search.find_order_lines(OrderLine.objects.all(), day, column="order__reference")
        assert found.ids == (order.reference,), day


def test_a_date_that_moves_has_its_lines_folded(order, django_capture_on_commit_callbacks):
    date = order.lines.get().sale.performance
    with django_capture_on_commit_callbacks(execute=True):
        edits.change_performance(date, starts_at=THURSDAY + timedelta(days=31))
    woken = [task.args for task in tasks.fold_lines_of_date.huey.pending() if task.name == "fold_lines_of_date"]
    assert (date.pk,) in woken


def test_a_pass_is_found_by_each_of_its_days():
    page = make_event("Folk", starts_at=THURSDAY)
    make_performance(page, starts_at=THURSDAY + timedelta(days=31))
    order = make_order(make_type(make_pass(page)))
    for day in ("9 August 2029", "9 September 2029", "festival pass"):
        found = order_search.find_order_lines(OrderLine.objects.all(), day, column="order__reference")
        assert found.ids == (order.reference,), day


def test_a_date_that_is_gone_meanwhile_folds_nothing():
    tasks.fold_lines_of_date.call_local(99)


@pytest.mark.parametrize("passes", [1, 4])
def test_folding_costs_the_same_for_any_number_of_lines(passes, django_assert_num_queries):
    kind = make_type(make_pass(make_event(starts_at=THURSDAY)))
    for _ in range(passes):
        make_order(kind)
    with django_assert_num_queries(4):
        order_search.write_search_words(OrderLine.objects.all())


@pytest.mark.parametrize("newest", [0, 1, 10_000])
def test_of_words_that_many_share_the_newest_are_found(monkeypatch, newest):
    """In the newest lines where enough are among them, else by the index."""
    monkeypatch.setattr(order_search, "MOST_FOUND", 2)
    monkeypatch.setattr(order_search, "NEWEST", newest)
    lines = [make_order(buyer_name="Ana Le Brocq").lines.get().pk for _ in range(3)]
    found = order_search.find_order_lines(OrderLine.objects.all(), "ana brocq")
    assert found.ids == (lines[2], lines[1])
