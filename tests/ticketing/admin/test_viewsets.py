"""Two organisers, Ana and Ben, each with an event of their own; Ana must never see or touch what is Ben's."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission

from tests.factories import make_event, make_index, make_order, make_pass, make_performance, make_sale, make_type
from ticketing.domain.admission import order_search, ticket_codes
from ticketing.enums import CheckInResult
from ticketing.models import CheckIn, EventSale, Order, OrderLine, Ticket, TicketType

VERBS = {EventSale: ["add", "change", "delete", "view"], TicketType: ["add", "change", "delete", "view"]}
READ_ONLY = [Order, Ticket, CheckIn]


def make_organiser_of(page, name):
    group = Group.objects.create(name=name)
    codenames = [f"{verb}_{model._meta.model_name}" for model, verbs in VERBS.items() for verb in verbs]
    codenames += [f"view_{model._meta.model_name}" for model in READ_ONLY]
    group.permissions.set(
        Permission.objects.filter(content_type__app_label="ticketing", codename__in=codenames)
        | Permission.objects.filter(codename="access_admin")
    )
    permission = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=group, page=page, permission=permission)
    user = User.objects.create_user(name, password=name)
    user.groups.add(group)
    return user


def make_sold_event(title):
    """A page with a sale, a type, an order of one ticket and a scan."""
    page = make_event(title)
    kind = make_type(make_sale(page, capacity=50), name=f"Adult {title}")
    order = Order.objects.create(
        reference=f"JE-{title}",
        buyer_name=f"Buyer of {title}",
        buyer_email=f"{title.lower()}@example.je",
        total=kind.price,
        terms_version="1",
        accepted_at=timezone.now(),
        deadline=timezone.now(),
        basket_token=title,
    )
    line = OrderLine.objects.create(
        order=order,
        ticket_type=kind,
        sale=kind.sale,
        quantity=1,
        allocated=1,
        unit_price=kind.price,
        unit_fee=0,
        event_title=title,
        type_name=kind.name,
        starts_at=kind.sale.starts_at,
    )
    EventSale.objects.filter(pk=kind.sale_id).update(allocated=1)
    TicketType.objects.filter(pk=kind.pk).update(allocated=1)
    ticket = Ticket.objects.create(
        line=line, sale=kind.sale, number=1, code=f"CODE{title}", holder_name=f"Guest {title}"
    )
    scan = CheckIn.objects.create(ticket=ticket, performance=kind.sale.performance, result=CheckInResult.ACCEPTED)
    return {"page": page, EventSale: kind.sale, TicketType: kind, Order: order, Ticket: ticket, CheckIn: scan}


@pytest.fixture
def island(client, db):
    ana_has, ben_has = make_sold_event("Ana"), make_sold_event("Ben")
    client.force_login(make_organiser_of(ana_has["page"], "ana"))
    return {"ana": ana_has, "ben": ben_has}


NAMESPACES = {
    EventSale: "wagtailsnippets_ticketing_eventsale",
    TicketType: "wagtailsnippets_ticketing_tickettype",
    Order: "orders",
    Ticket: "tickets",
    CheckIn: "check_ins",
}


def address(model, view, row=None):
    if view == "index" and model in VERBS:
        view = "list"
    return reverse(f"{NAMESPACES[model]}:{view}", args=[row.pk] if row else [])


@pytest.mark.parametrize("model", NAMESPACES)
def test_a_list_shows_own_rows_only(client, island, model):
    text = client.get(address(model, "index")).content.decode()
    assert "Ana" in text
    assert "Ben" not in text.replace("Benchmark", "")


def test_what_was_read_aloud_is_found(admin_client, db):
    code = "7K2M9QXT4HBDW3RP"
    order = make_order()
    make_order()
    Order.objects.filter(pk=order.pk).update(reference="JE-7K2M9QXT")
    Ticket.objects.filter(line__order=order, number=1).update(code=code)

    def found(model, typed):
        return [row.pk for row in admin_client.get(address(model, "index"), {"q": typed}).context["object_list"]]

    for typed in ("Ref: je 7k2m 9qxt.", "“JE--7K2M9QXT”", "7k2m 9qxt", "https://a.je/tickets/orders/JE-7K2M9QXT/x/"):
        assert found(Order, typed) == [order.pk], typed
    ticket = Ticket.objects.get(code=code)
    for typed in ("7k2m 9qxt 4hbd w3rp", ticket_codes.sign_ticket_code(code).lower(), "Ticket: 7K2M-9QXT-4HBD-W3RP."):
        assert found(Ticket, typed) == [ticket.pk], typed


@pytest.mark.parametrize("model", NAMESPACES)
def test_an_export_holds_own_rows_only(client, island, model):
    response = client.get(address(model, "index") + "?export=csv")
    text = b"".join(response).decode()
    assert "Ben" not in text


@pytest.mark.parametrize("model", NAMESPACES)
@pytest.mark.parametrize("view", ["edit", "delete", "inspect", "history", "usage"])
def test_anothers_row_is_refused_on_every_view(client, island, model, view):
    response = client.get(address(model, view, island["ben"][model]))
    assert response.status_code in (302, 403)
    assert client.get(address(model, view, island["ben"][model]), follow=True).request["PATH_INFO"] == "/admin/"


@pytest.mark.parametrize("model", NAMESPACES)
def test_own_rows_open(client, island, model):
    assert client.get(address(model, "inspect", island["ana"][model])).status_code == 200


@pytest.mark.parametrize("model", READ_ONLY)
@pytest.mark.parametrize("view", ["edit", "delete"])
def test_nobody_edits_what_was_bought(admin_client, db, model, view):
    row = make_sold_event("Ana")[model]
    response = admin_client.post(address(model, view, row), {"state": "refunded"})
    assert response.status_code in (302, 403)
    assert model.objects.filter(pk=row.pk).exists()


def sale_form(sale, **changes):
    data = {
        "page": sale.page_id,
        "dates_of": sale.page_id,
        "performance": sale.performance_id or "",
        "name": sale.name,
        "capacity": sale.capacity,
        "max_per_order": 10,
        "is_active": "on",
        "fee_policy": "absorb",
        "booking_fee": "0.00",
    }
    return data | changes


def test_a_sale_saves_and_the_counter_stays(client, island):
    sale = island["ana"][EventSale]
    response = client.post(address(EventSale, "edit", sale), sale_form(sale, capacity=60))
    assert response.status_code == 302
    sale.refresh_from_db()
    assert (sale.capacity, sale.allocated) == (60, 1)


def test_capacity_below_what_is_sold_is_refused_in_words(client, island):
    sale = island["ana"][EventSale]
    EventSale.objects.filter(pk=sale.pk).update(allocated=7)
    response = client.post(address(EventSale, "edit", sale), sale_form(sale, capacity=6))
    assert "7 seats are already sold or being bought" in response.content.decode()
    sale.refresh_from_db()
    assert sale.capacity == 50


def test_a_negative_price_is_refused(client, island):
    kind = island["ana"][TicketType]
    data = {
        "sale": kind.sale_id,
        "name": "Adult",
        "price": "-1",
        "min_per_order": 1,
        "sort_order": 0,
        "is_active": "on",
    }
    response = client.post(address(TicketType, "edit", kind), data)
    assert response.status_code == 200
    assert "greater than or equal to 0" in response.content.decode()


def test_a_window_that_closes_before_it_opens_is_refused(client, island):
    sale = island["ana"][EventSale]
    now = timezone.localtime()
    data = sale_form(
        sale,
        opens_at=(now + timedelta(days=2)).strftime("%Y-%m-%d %H:%M"),
        closes_at=(now + timedelta(days=1)).strftime("%Y-%m-%d %H:%M"),
    )
    assert "Sales must close after they open" in client.post(address(EventSale, "edit", sale), data).content.decode()


def test_nobody_sells_on_anothers_page(client, island):
    data = sale_form(island["ana"][EventSale], page=island["ben"]["page"].pk)
    response = client.post(address(EventSale, "add"), data)
    assert "only sell tickets on pages that you may edit" in response.content.decode()
    assert "Ben" not in response.text
    assert EventSale.objects.count() == 2


def test_nobody_adds_a_type_to_anothers_sale(client, island):
    data = {"sale": island["ben"][EventSale].pk, "name": "Thief", "price": "1", "min_per_order": 1, "sort_order": 0}
    response = client.post(address(TicketType, "add"), data)
    assert "only sell tickets on pages that you may edit" in response.content.decode()
    assert "Ben" not in response.text
    assert not TicketType.objects.filter(name="Thief").exists()


def test_a_sold_type_is_not_deleted(client, island):
    kind = island["ana"][TicketType]
    response = client.post(address(TicketType, "delete", kind), follow=True)
    assert response.status_code == 200
    assert TicketType.objects.filter(pk=kind.pk).exists()


def test_sold_types_are_not_deleted_in_bulk(client, island):
    kind = island["ana"][TicketType]
    url = reverse("wagtail_bulk_action", args=["ticketing", "tickettype", "delete"]) + f"?id={kind.pk}"
    response = client.post(url, follow=True)
    assert "instead of deleting" in response.content.decode()
    assert TicketType.objects.filter(pk=kind.pk).exists()


def test_an_order_never_shows_its_tokens(client, island):
    order = island["ana"][Order]
    text = client.get(address(Order, "inspect", order)).content.decode()
    assert order.token not in text
    assert "Basket token" not in text


def test_the_chooser_offers_own_sales_only(client, island):
    text = client.get(reverse("wagtailsnippetchoosers_ticketing_eventsale:choose")).content.decode()
    assert "Ana" in text
    assert "Ben" not in text


@pytest.mark.parametrize("model", VERBS)
def test_what_was_chosen_is_told_to_its_owner_alone(client, island, model):
    chooser = f"wagtailsnippetchoosers_ticketing_{model._meta.model_name}"
    own, foreign = island["ana"][model], island["ben"][model]
    assert client.get(reverse(f"{chooser}:chosen", args=[foreign.pk])).status_code == 404
    text = client.get(f"{reverse(f'{chooser}:chosen_multiple')}?id={own.pk}&id={foreign.pk}").text
    assert "Ana" in text
    assert "Ben" not in text


@pytest.mark.parametrize("model", VERBS)
def test_what_is_refused_among_many_is_counted_and_not_named(client, island, model):
    path = reverse("wagtail_bulk_action", args=["ticketing", model._meta.model_name, "delete"])
    text = client.get(f"{path}?id={island['ben'][model].pk}&id={island['ana'][model].pk}").text
    assert "1 of those chosen" in text
    assert "Ben" not in text


@pytest.mark.parametrize(("model", "name"), [(EventSale, "page"), (TicketType, "sale")])
def test_a_new_one_is_not_begun_with_what_is_anothers(client, island, model, name):
    foreign = {"page": island["ben"]["page"], "sale": island["ben"][EventSale]}[name]
    assert "Ben" not in client.get(f"{address(model, 'add')}?{name}={foreign.pk}").text


def test_a_new_sale_knows_its_page(client, island):
    text = client.get(address(EventSale, "add") + f"?page={island['ana']['page'].pk}").content.decode()
    assert f'value="{island["ana"]["page"].pk}"' in text


# What a sale is of


def new_sale(page, **changes):
    data = {"page": page.pk, "dates_of": page.pk, "performance": "", "name": "", "capacity": 30, "max_per_order": 10}
    return data | {"is_active": "on", "fee_policy": "absorb", "booking_fee": "0.00"} | changes


def offered_dates(response):
    return {date.pk for date in response.context["form"].fields["performance"].queryset}


def test_a_new_sale_of_a_date_knows_both(client, island):
    date = make_performance(island["ana"]["page"])
    response = client.get(f"{address(EventSale, 'add')}?performance={date.pk}")
    text = response.content.decode()
    assert f'<option value="{date.pk}" selected>' in text
    assert f'value="{date.page_id}"' in text
    assert "takes_date_seats" not in text
    client.post(address(EventSale, "add"), new_sale(date.page, performance=date.pk))
    assert EventSale.objects.get(performance=date).capacity == 30


def test_a_sale_offers_the_dates_of_its_own_page(client, island):
    page = island["ana"]["page"]
    response = client.get(f"{address(EventSale, 'add')}?page={page.pk}")
    assert offered_dates(response) == {date.pk for date in page.performances.all()}
    assert offered_dates(client.get(address(EventSale, "add"))) == set()


def test_dates_of_another_organiser_are_not_offered(client, island):
    page = island["ben"]["page"]
    date = page.performances.get()
    for query in (f"page={page.pk}", f"performance={date.pk}"):
        assert offered_dates(client.get(f"{address(EventSale, 'add')}?{query}")) == set()
    assert offered_dates(client.post(address(EventSale, "add"), new_sale(page, performance=date.pk))) == set()


def test_no_pass_is_made_before_the_dates_were_offered(client, island):
    page = island["ana"]["page"]
    response = client.post(address(EventSale, "add"), new_sale(page, dates_of="", name="Pass"))
    assert "Choose one of its dates" in response.content.decode()
    assert offered_dates(response) == {page.performances.get().pk}
    assert f'name="dates_of" value="{page.pk}"' in response.content.decode()
    client.post(address(EventSale, "add"), new_sale(page, name="Pass"))
    assert EventSale.objects.get(name="Pass").is_pass


def test_what_was_sold_keeps_its_date_and_its_page(client, island):
    sale, other = island["ana"][EventSale], make_performance(island["ana"]["page"])
    client.post(address(EventSale, "edit", sale), sale_form(sale, performance=other.pk))
    sale.refresh_from_db()
    assert sale.performance_id != other.pk
    elsewhere = make_event("Ana too")
    permission = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=Group.objects.get(name="ana"), page=elsewhere, permission=permission)
    response = client.post(address(EventSale, "edit", sale), sale_form(sale, page=elsewhere.pk, dates_of=elsewhere.pk))
    assert "This stays as it is" in response.content.decode()
    sale.refresh_from_db()
    assert sale.page == island["ana"]["page"]


def test_what_nobody_bought_stays_with_its_date_too(client, island):
    """Its counter is that of the date: another date is another sale."""
    page = island["ana"]["page"]
    sale, other = make_sale(page, name="Balcony"), make_performance(page)
    client.post(address(EventSale, "edit", sale), sale_form(sale, performance=other.pk))
    sale.refresh_from_db()
    assert sale.performance != other


def test_only_a_pass_takes_seats_of_dates(client, island):
    page = island["ana"]["page"]
    sale = island["ana"][EventSale]
    assert "takes_date_seats" not in client.get(address(EventSale, "edit", sale)).content.decode()
    date = make_performance(page)
    wrong = new_sale(page, performance=date.pk, takes_date_seats="on")
    assert "Only a pass takes seats on every date" in client.post(address(EventSale, "add"), wrong).content.decode()


def test_a_pass_takes_no_seats_where_a_date_has_several_sales(client, island):
    page = island["ana"]["page"]
    make_sale(page, name="Balcony")
    response = client.post(address(EventSale, "add"), new_sale(page, name="Pass", takes_date_seats="on"))
    assert "has several sales" in response.content.decode()
    assert not EventSale.objects.filter(name="Pass").exists()


def test_a_date_whose_seats_a_pass_takes_gets_no_second_sale(client, island):
    page = island["ana"]["page"]
    make_pass(page, takes_date_seats=True)
    data = new_sale(page, performance=page.performances.get().pk, name="Balcony")
    assert "a pass takes its seats from it" in client.post(address(EventSale, "add"), data).content.decode()
    assert not EventSale.objects.filter(name="Balcony").exists()


@pytest.mark.parametrize("of_parent", [False, True])
def test_a_page_with_sales_is_not_deleted(admin_client, db, of_parent):
    page = make_sold_event("Ana")["page"]
    target = make_index() if of_parent else page
    response = admin_client.post(reverse("wagtailadmin_pages:delete", args=[target.pk]), follow=True)
    assert "cannot be deleted" in response.content.decode()
    assert type(page).objects.filter(pk=page.pk).exists()


@pytest.mark.parametrize("of_parent", [False, True])
def test_pages_with_sales_are_not_deleted_in_bulk(admin_client, db, of_parent):
    page = make_sold_event("Ana")["page"]
    target = make_index() if of_parent else page
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"]) + f"?id={target.pk}"
    response = admin_client.post(url, follow=True)
    assert "cannot be deleted" in response.content.decode() or not of_parent
    assert type(page).objects.filter(pk=page.pk).exists()


@pytest.mark.parametrize("model", NAMESPACES)
def test_lists_cost_the_same_for_one_and_many_rows(admin_client, django_assert_max_num_queries, db, model):
    make_sold_event("One")
    admin_client.get(address(model, "index"))
    counts = []
    for more in (0, 2, 30):
        for number in range(more):
            make_sold_event(f"M{more}x{number}")
        with django_assert_max_num_queries(200) as queries:
            admin_client.get(address(model, "index"))
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]


def test_an_order_is_found_by_every_spelling_of_its_address_and_shown_in_the_readable_one(admin_client, db):
    make_sold_event("Gorse")
    Order.objects.update(buyer_email="Ana@xn--bcher-kva.example")
    order_search.write_search_words(OrderLine.objects.all())
    index = address(Order, "index")
    for typed in (
        "ana@bücher.example",
        "ANA@BÜCHER.example",
        "ana@xn--bcher",
        "Ana <ana@bücher.example>",
        "bücher.example",
    ):
        page = admin_client.get(index, {"q": typed}).text
        assert "Ana@bücher.example" in page, typed
    sheet = b"".join(admin_client.get(index, {"export": "csv"}).streaming_content).decode()
    assert "Ana@bücher.example" in sheet


def test_a_type_is_found_by_a_name_with_signs_between_its_words(client, db):
    client.force_login(User.objects.create_superuser("admin"))
    make_type(name="Quay <b>bold</b> & more")
    make_type(make_sale(make_event("Elsewhere")), name="Quay")
    text = client.get(address(TicketType, "list"), {"q": "Quay <b>bold</b> & more"}).content.decode()
    assert "bold" in text.split("<tbody")[-1]
