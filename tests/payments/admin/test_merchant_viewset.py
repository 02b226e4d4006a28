"""Accounts in the admin: whose they are, and that no address leads to another organiser's."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission

from payments.domain.merchants import oauth_connect
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount, Payment
from tests.factories import make_event, make_index, make_sale, make_type
from tests.payments.factories import make_connected, make_payment
from tests.payments.people import make_administrator, make_group, make_organiser

LIST = "/admin/merchants/"


def make_account(code="MOWN0001", group="Players", **fields):
    fields = {"name": f"Account {code}", "kind": MerchantKind.OAUTH, "status_reason": "A reason."} | fields
    return MerchantAccount.objects.create(merchant_code=code, group=make_group(group) if group else None, **fields)


@pytest.fixture
def own(db):
    return make_account()


@pytest.fixture
def foreign(db):
    return make_account("MFOREIGN", "Others")


@pytest.fixture
def organiser(client, db):
    user = make_organiser()
    client.force_login(user)
    return user


def every_address_of(merchant):
    return [
        ("get", reverse("merchants:inspect", args=[merchant.pk])),
        ("get", reverse("merchants:history", args=[merchant.pk])),
        ("get", reverse("merchants:usage", args=[merchant.pk])),
        ("get", reverse("merchants:edit", args=[merchant.pk])),
        ("post", reverse("merchants:edit", args=[merchant.pk])),
        ("get", reverse("merchants:delete", args=[merchant.pk])),
        ("post", reverse("merchants:delete", args=[merchant.pk])),
        ("get", reverse("merchants:disconnect", args=[merchant.pk])),
        ("post", reverse("merchants:disconnect", args=[merchant.pk])),
        ("post", reverse("merchants:check", args=[merchant.pk])),
    ]


def test_an_organiser_sees_how_their_own_account_is(client, organiser, own, foreign):
    assert list(client.get(LIST).context["object_list"]) == [own]
    page = client.get(reverse("merchants:inspect", args=[own.pk])).content.decode()
    assert "Connected, not checked yet" in page
    assert "Reconnect" in page


def test_the_health_says_when_it_was_checked(client, organiser, own):
    MerchantAccount.objects.update(checked_at=timezone.now() - timedelta(minutes=3), status=MerchantStatus.BROKEN)
    assert "Broken, checked 3\xa0minutes ago" in client.get(LIST).content.decode()


def test_no_address_leads_to_the_account_of_another(client, organiser, foreign):
    before = MerchantAccount.objects.values().get(pk=foreign.pk)
    for method, address in every_address_of(foreign):
        response = getattr(client, method)(address, {"name": "Mine", "group": ""})
        assert (response.status_code, response["Location"]) == (302, "/admin/"), address
    assert MerchantAccount.objects.values().get(pk=foreign.pk) == before


@pytest.mark.parametrize("query", ["q=MFOREIGN", "status=connected", "export=csv", "export=xlsx", "p=1"])
def test_no_list_shows_the_account_of_another(client, organiser, own, foreign, query):
    response = client.get(f"{LIST}?{query}")
    body = b"".join(response) if response.streaming else response.content
    assert b"Account MFOREIGN" not in body


def test_payments_of_others_are_not_shown_either(client, organiser, own, foreign):
    shown, hidden = make_payment("JE-OWN00001", merchant=own), make_payment("JE-FOREIGN1", merchant=foreign)
    assert list(client.get("/admin/payments/").context["object_list"]) == [shown]
    for address in ("inspect", "history", "look"):
        response = client.post if address == "look" else client.get
        assert response(f"/admin/payments/{address}/{hidden.pk}/")["Location"] == "/admin/"
    assert Payment.objects.get(pk=hidden.pk).checks == 0


def test_only_administrators_rename_and_nobody_adds_or_deletes_by_form(client, organiser, own, administrator_client):
    edit = reverse("merchants:edit", args=[own.pk])
    assert client.get(edit)["Location"] == "/admin/"
    administrator_client.post(edit, {"name": "New name", "group": make_group("Others").pk})
    own.refresh_from_db()
    assert (own.name, own.group.name) == ("New name", "Others")
    for address in (reverse("merchants:add"), reverse("merchants:delete", args=[own.pk])):
        assert administrator_client.post(address, {"name": "x"})["Location"] == "/admin/"
    assert MerchantAccount.objects.count() == 1


@pytest.fixture
def administrator_client(client, db):
    other = client.__class__()
    other.force_login(make_administrator())
    return other


@pytest.mark.parametrize("codenames", [("access_admin",), ("access_admin", "view_merchantaccount")])
def test_who_may_only_look_changes_nothing(client, own, codenames):
    client.force_login(make_organiser("carol", "Lookers", codenames))
    MerchantAccount.objects.update(group=make_group("Lookers"))
    for name in ("check", "disconnect"):
        assert client.post(reverse(f"merchants:{name}", args=[own.pk]))["Location"] == "/admin/"
    own.refresh_from_db()
    assert own.status == MerchantStatus.CONNECTED


def test_check_now_and_disconnect(client, organiser, simulator):
    merchant = make_connected(simulator, group=make_group())
    client.post(reverse("merchants:check", args=[merchant.pk]))
    inspect = reverse("merchants:inspect", args=[merchant.pk])
    assert "Connected, checked just now" in client.get(inspect).content.decode()

    assert "Yes, disconnect" in client.get(reverse("merchants:disconnect", args=[merchant.pk])).content.decode()
    page = client.post(reverse("merchants:disconnect", args=[merchant.pk]), follow=True).content.decode()
    assert "Remove this site in SumUp’s dashboard too" in page
    assert "Nobody can buy tickets that are paid to this account." in page
    assert "Connect again" in page


def test_open_payments_keep_it_and_say_so(client, organiser, simulator):
    merchant = make_connected(simulator, group=make_group())
    make_payment(merchant=merchant)
    page = client.post(reverse("merchants:disconnect", args=[merchant.pk]), follow=True).content.decode()
    assert "1 of its payments may still be paid" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number(client, organiser, rows, django_assert_max_num_queries):
    for number in range(rows):
        make_account(f"MOWN000{number}")
    client.get(LIST)
    with django_assert_max_num_queries(16):
        client.get(LIST)


# The choice in a sale's form


@pytest.fixture
def seller(client, db):
    """May sell on all events and connect accounts."""
    user = make_organiser("dora", "Players")
    user.groups.get().permissions.add(*permissions_to_sell())
    allow_editing(user.groups.get())
    client.force_login(user)
    return user


def permissions_to_sell():
    return Permission.objects.filter(codename__in=["add_eventsale", "change_eventsale", "view_eventsale"])


def allow_editing(group):
    change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=group, page=make_index(), permission=change)


def form_of(client, sale):
    address = reverse("wagtailsnippets_ticketing_eventsale:edit", args=[sale.pk])
    return address, client.get(address).context["form"].fields["merchant"]


def test_a_sale_may_name_ones_own_account_and_the_one_it_has(client, seller, own, foreign):
    revoked = make_account("MREVOKED", status=MerchantStatus.REVOKED)
    sale = make_sale(make_event(), merchant=foreign)
    _, field = form_of(client, sale)
    assert set(field.queryset) == {own, foreign}
    _, field = form_of(client, make_sale(make_event("Ballet")))
    assert set(field.queryset) == {own}
    assert revoked not in field.queryset


def test_a_foreign_account_is_refused_by_the_server(client, seller, own, foreign):
    sale = make_type(make_sale()).sale
    address, _ = form_of(client, sale)
    response = client.post(
        address,
        {"page": sale.page_id, "starts_at": "2027-01-01 19:00", "capacity": 100, "max_per_order": 10,
         "fee_policy": "absorb", "booking_fee": "0.00", "is_active": "on", "merchant": foreign.pk},
    )  # fmt: skip
    assert "merchant" in response.context["form"].errors
    sale.refresh_from_db()
    assert sale.merchant is None


def test_whoever_has_no_account_is_shown_the_way(client, seller):
    _, field = form_of(client, make_sale())
    assert "/payments/sumup/connect/" in field.help_text


def test_groups_that_may_connect_are_offered(db):
    make_group("Choir", codenames=("access_admin",))
    organiser, administrator = make_organiser(), make_administrator()
    assert [group.name for group in oauth_connect.list_connectable_groups(organiser)] == ["Players"]
    assert "Choir" not in [group.name for group in oauth_connect.list_connectable_groups(administrator)]
