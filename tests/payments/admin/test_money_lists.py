"""Daily reports, discrepancies and SumUp's own list in the admin: whose they are, and what the buttons do."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from payments.domain.reconciliation import fulfilment_status, runs
from payments.enums import DiscrepancyState
from payments.models import Discrepancy, MerchantAccount, Movement, ReconciliationRun, Refund
from tests.factories import make_merchant
from tests.payments.factories import make_payment

pytestmark = pytest.mark.django_db
BOOKS = ["daily_reports", "discrepancies", "movements"]
VERBS = ["view_reconciliationrun", "view_discrepancy", "view_movement", "access_admin"]


@pytest.fixture(autouse=True)
def _all_is_well(monkeypatch):
    monkeypatch.setattr(fulfilment_status, "_explainers", [])


@pytest.fixture
def administrator(client):
    client.force_login(User.objects.create_superuser("alice"))
    return client


def make_group(name, *verbs, merchant):
    group = Group.objects.create(name=name)
    group.permissions.set(Permission.objects.filter(codename__in=[*VERBS, *verbs]))
    MerchantAccount.objects.filter(pk=merchant.pk).update(group=group)
    return group


@pytest.fixture
def organiser(client):
    """Bob runs MDEMO002 and may read and close; MDEMO001 is somebody else's."""
    user = User.objects.create_user("bob")
    user.groups.add(make_group("Players", "change_discrepancy", "add_refund", merchant=make_merchant("MDEMO002")))
    client.force_login(user)
    return client


def sell(simulator, amount=7, merchant_code="MDEMO001"):
    """A sale that is no payment of ours, swept: one row in each book."""
    simulator.sale(amount, merchant_code=merchant_code)
    runs.reconcile_day(make_merchant(merchant_code), timezone.localdate())
    return Discrepancy.objects.latest("pk")


def make_rows(count, merchant_code="MDEMO001"):
    """In each book; without a simulator."""
    merchant, now = make_merchant(merchant_code), timezone.now()
    for number in range(count):
        day = timezone.localdate() - timedelta(days=number)
        run = ReconciliationRun(merchant=merchant, day=day, started_at=now, finished_at=now, gross=5)
        row = Discrepancy(merchant=merchant, day=day, kind="unmatched", key=f"k{number}", sentence=f"No. {number}")
        line = Movement(merchant=merchant, kind="PAYMENT", sumup_id=f"m{number}", amount=5, currency="GBP", at=now)
        for each in (run, row, line):
            each.save()
    return {"daily_reports": run, "discrepancies": row, "movements": line}


def refused(response):
    """Wagtail sends people home with a word; that is its 403."""
    return response.status_code == 302 and response.url == reverse("wagtailadmin_home")


@pytest.mark.parametrize("book", BOOKS)
def test_lists_show_inspect_and_export(administrator, book):
    row = make_rows(1)[book]
    assert list(administrator.get(reverse(f"{book}:index")).context["object_list"]) == [row]
    assert administrator.get(reverse(f"{book}:inspect", args=[row.pk])).status_code == 200
    for kind in ("csv", "xlsx"):
        body = b"".join(administrator.get(reverse(f"{book}:index"), {"export": kind}).streaming_content)
        rows = body.decode().splitlines() if kind == "csv" else list(load_workbook(BytesIO(body)).active.values)
        assert len(rows) == 2


@pytest.mark.parametrize("book", BOOKS)
def test_an_organiser_sees_the_own_merchants_rows_and_no_other(organiser, book):
    foreign, own = make_rows(1)[book], make_rows(1, "MDEMO002")[book]
    assert list(organiser.get(reverse(f"{book}:index")).context["object_list"]) == [own]
    assert list(organiser.get(reverse(f"{book}:index_results")).context["object_list"]) == [own]
    exported = b"".join(organiser.get(reverse(f"{book}:index"), {"export": "csv"}).streaming_content).decode()
    assert len(exported.splitlines()) == 2
    for view in ("inspect", "history"):
        assert refused(organiser.get(reverse(f"{book}:{view}", args=[foreign.pk])))
        assert organiser.get(reverse(f"{book}:{view}", args=[own.pk])).status_code == 200


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("view", ["edit", "delete", "usage"])
def test_nobody_writes_in_the_books(administrator, book, view):
    row = make_rows(1)[book]
    assert refused(administrator.post(reverse(f"{book}:{view}", args=[row.pk]), {"reason": "x", "status": "x"}))
    assert refused(administrator.get(reverse(f"{book}:add")))


@pytest.mark.parametrize("book", BOOKS)
def test_query_count_does_not_grow(administrator, book):
    counts = []
    for number in (1, 3):
        Discrepancy.objects.all().delete(), ReconciliationRun.objects.all().delete(), Movement.objects.all().delete()
        make_rows(number)
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                administrator.get(reverse(f"{book}:index"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_open_discrepancies_come_first(administrator):
    make_rows(3)
    Discrepancy.objects.filter(key="k0").update(closed_at=timezone.now())
    assert [row.key for row in administrator.get(reverse("discrepancies:index")).context["object_list"]][-1] == "k0"


def test_the_report_shows_its_sentence_lines_and_differences(administrator, simulator):
    sell(simulator)
    run = ReconciliationRun.objects.get()
    page = administrator.get(reverse("daily_reports:inspect", args=[run.pk])).content.decode()
    assert "0 payments, 0 orders, £7.00 unmatched, 1 open discrepancy" in page
    assert "which belongs to no order of ours" in page
    assert "TSIM000001" in page


def close(client, row, how, reason="The bar."):
    url = reverse("discrepancies:close", args=[row.pk])
    return client.post(url, {"how": how, "reason": reason}, follow=True).content.decode()


def test_the_report_says_how_many_fees_are_not_known_yet(administrator):
    run = make_rows(1)["daily_reports"]
    payment = make_payment("JE-TEST0009", merchant=run.merchant)
    Movement.objects.update(payment=payment)
    page = administrator.get(reverse("daily_reports:inspect", args=[run.pk])).content.decode()
    assert "£0.00; one fee is not known yet" in page


def test_not_ours_closes_it_and_the_report_follows(administrator, simulator):
    row = sell(simulator)
    assert "Closed: not ours." in close(administrator, row, "not_ours")
    run = ReconciliationRun.objects.get()
    assert (run.unmatched, run.not_ours, run.open_discrepancies) == (0, 7, 0)
    history = administrator.get(reverse("discrepancies:history", args=[row.pk])).content.decode()
    assert "From open to explained by staff" in history
    assert "The bar." in administrator.get(reverse("discrepancies:inspect", args=[row.pk])).content.decode()


@pytest.mark.parametrize(
    ("how", "reason", "words"),
    [("accepted", "", "Please say why"), ("", "x", "Say how"), ("nonsense", "x", "Say how"), ("refunded", " ", "why")],
)
def test_closing_says_what_is_missing(administrator, simulator, how, reason, words):
    row = sell(simulator)
    assert words in close(administrator, row, how, reason)
    assert Discrepancy.objects.get().state == DiscrepancyState.OPEN
    assert Refund.objects.count() == 0


def test_refunding_asks_for_the_money_back(administrator, simulator):
    row = sell(simulator)
    assert "Closed: refunded." in close(administrator, row, "refunded")
    assert Refund.objects.get().transaction_id == row.transaction_id


def test_verify_now_asks_sumup_about_this_one(administrator, simulator):
    row = sell(simulator)
    simulator.refund(transaction_id=row.transaction_id)
    page = administrator.post(reverse("discrepancies:verify", args=[row.pk]), follow=True).content.decode()
    assert "SumUp was asked. This is cleared by itself." in page


def test_verify_now_says_when_sumup_is_silent(administrator, simulator):
    row = sell(simulator)
    simulator.fault("server_error", operation="history", times=None)
    page = administrator.post(reverse("discrepancies:verify", args=[row.pk]), follow=True).content.decode()
    assert "SumUp did not answer" in page


def test_reading_the_day_again(administrator, simulator):
    run = make_rows(1)["daily_reports"]
    Movement.objects.all().delete()
    page = administrator.post(reverse("daily_reports:walk", args=[run.pk]), follow=True).content.decode()
    assert "£0.00 unmatched" in page
    assert Discrepancy.objects.get().state == DiscrepancyState.CLEARED


@pytest.mark.parametrize("action", ["verify", "close"])
def test_another_organisers_discrepancy_cannot_be_touched(organiser, simulator, action):
    row = sell(simulator)
    given = {"how": "accepted", "reason": "mine"}
    assert refused(organiser.post(reverse(f"discrepancies:{action}", args=[row.pk]), given))
    assert refused(organiser.post(reverse("daily_reports:walk", args=[ReconciliationRun.objects.get().pk])))
    assert organiser.get(reverse(f"discrepancies:{action}", args=[row.pk])).status_code == 405
    assert Discrepancy.objects.get().state == DiscrepancyState.OPEN


@pytest.mark.parametrize(("missing", "how"), [("change_discrepancy", "accepted"), ("add_refund", "refunded")])
def test_closing_needs_its_permission(organiser, simulator, missing, how):
    row = make_rows(1, "MDEMO002")["discrepancies"]
    Group.objects.get(name="Players").permissions.remove(Permission.objects.get(codename=missing))
    assert refused(organiser.post(reverse("discrepancies:close", args=[row.pk]), {"how": how, "reason": "x"}))
    page = organiser.get(reverse("discrepancies:inspect", args=[row.pk])).content.decode()
    assert f'value="{how}"' not in page
    assert Discrepancy.objects.get().state == DiscrepancyState.OPEN
