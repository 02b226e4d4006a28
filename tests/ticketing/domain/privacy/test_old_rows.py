from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry, PageLogEntry, Revision

from payments.domain.monitoring.alerts import raise_alert
from payments.enums import PaymentState
from payments.models import Alert, Observation
from tests.factories import make_event, make_order
from tests.payments.factories import make_payment
from ticketing.domain.privacy import old_rows
from ticketing.enums import CheckInResult
from ticketing.models import CheckIn

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def age(row, days, moment="at"):
    type(row).objects.filter(pk=row.pk).update(**{moment: timezone.now() - days * DAY})
    return row


def make_answer(days, **payment):
    return age(Observation.objects.create(payment=make_payment(**payment), question="get", answer={}), days)


def test_it_works():
    old = make_answer(181, subject="JE-TEST0001", state=PaymentState.EXPIRED, closed_at=timezone.now())
    new = make_answer(179, subject="JE-TEST0002", state=PaymentState.EXPIRED, closed_at=timezone.now())
    assert sum(old_rows.delete_old_rows().values()) == 1
    assert list(Observation.objects.all()) == [new] != [old]


def test_answers_about_money_stay_for_seven_years():
    make_answer(old_rows.SEVEN_YEARS + 1, subject="JE-TEST0001", state=PaymentState.PAID)
    kept = make_answer(6 * 366, subject="JE-TEST0002", state=PaymentState.PAID)
    old_rows.delete_old_rows()
    assert list(Observation.objects.all()) == [kept]


def test_a_payment_that_may_still_be_paid_keeps_its_answers():
    make_answer(400, state=PaymentState.OPEN)
    assert sum(old_rows.delete_old_rows().values()) == 0


def test_steps_of_an_order_stay_and_edits_go():
    order, page = make_order(), make_event()
    step, edit, of_page = log(order, "ticketing.order.state"), log(order, "wagtail.edit"), log(page, "wagtail.edit")
    ModelLogEntry.objects.exclude(pk__in=[step.pk, edit.pk]).delete()
    PageLogEntry.objects.exclude(pk=of_page.pk).delete()
    for entry in (step, edit, of_page):
        age(entry, 731, "timestamp")
    old_rows.delete_old_rows()
    assert (list(ModelLogEntry.objects.all()), list(PageLogEntry.objects.all())) == ([step], [])


def test_alerts_and_strange_scans_go():
    raise_alert("a:1", "Old"), raise_alert("a:2", "Never mailed")
    Alert.objects.filter(key="a:1").update(sent_at=timezone.now() - 401 * DAY)
    age(CheckIn.objects.create(result=CheckInResult.UNKNOWN), 91)
    kept = age(CheckIn.objects.create(result=CheckInResult.UNKNOWN), 89)
    old_rows.delete_old_rows()
    assert list(Alert.objects.values_list("key", flat=True)) == ["a:2"]
    assert list(CheckIn.objects.all()) == [kept]


def test_of_former_versions_the_newest_and_the_public_stay():
    page = make_event()
    Revision.objects.all().delete()
    old, public, newest = page.save_revision(), page.save_revision(), page.save_revision()
    type(page).objects.filter(pk=page.pk).update(live_revision=public)
    Revision.objects.update(created_at=timezone.now() - 366 * DAY)
    old_rows.delete_old_rows()
    assert list(Revision.objects.order_by("pk")) == [public, newest] != [old]


def test_a_night_looks_at_what_came_due_lately_and_sunday_at_everything():
    make_answer(181 + 40, state=PaymentState.EXPIRED, closed_at=timezone.now())
    now = timezone.localtime()
    monday = now + (7 - now.weekday()) % 7 * DAY
    assert sum(old_rows.delete_nightly(monday).values()) == 0
    assert sum(old_rows.delete_nightly(monday + 6 * DAY).values()) == 1


def test_the_command_says_what_would_go():
    make_answer(181, state=PaymentState.EXPIRED, closed_at=timezone.now())
    said = StringIO()
    call_command("purge_expired_data", "--dry-run", stdout=said)
    assert "payments that nobody paid: 1." in said.getvalue()
    assert Observation.objects.count() == 1
