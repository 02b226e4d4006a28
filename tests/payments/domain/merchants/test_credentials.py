"""Credentials: which one speaks for a merchant, how it is renewed, and what happens when SumUp takes no other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from payments.domain.merchants import credentials, status, token_encryption
from payments.domain.verification import payment_checks, polling
from payments.enums import MerchantKind, MerchantStatus, PaymentState, Question
from payments.models import Alert, MerchantAccount
from payments.provider import Unauthorised
from payments.sumup import oauth
from tests.factories import make_merchant
from tests.payments.factories import change, fresh, make_connected, make_open_payment, make_payment


@pytest.fixture
def merchant(simulator, db):
    return make_connected(simulator)


def name_of(merchant):
    return credentials.get_client(merchant).merchant(merchant.merchant_code).name


def reloaded(merchant):
    return MerchantAccount.objects.get(pk=merchant.pk)


def token_of(merchant):
    return token_encryption.decrypt_token(merchant.access_token)


def expire(merchant, **left):
    MerchantAccount.objects.filter(pk=merchant.pk).update(token_expires_at=timezone.now() + timedelta(**left))
    return reloaded(merchant)


def renewals(simulator):
    return simulator.requests().get("POST /token", 0)


def test_it_works(merchant):
    assert name_of(merchant) == "Gorey Castle Players"


def test_nothing_is_stored_in_clear(merchant):
    row = MerchantAccount.objects.filter(pk=merchant.pk).values().get()
    assert not any(token in str(row) for token in ("at_sim", "rt_sim"))
    assert "at_sim" not in repr(credentials.get_client(merchant))


@pytest.mark.parametrize("status", [MerchantStatus.BROKEN, MerchantStatus.REVOKED])
def test_who_is_not_connected_is_not_asked(merchant, status):
    merchant.status = status
    with pytest.raises(Unauthorised) as caught:
        credentials.get_client(merchant)
    assert caught.value.code == "NO_CREDENTIAL"


def test_a_token_of_another_key_is_no_credential(merchant, settings):
    settings.TOKEN_ENCRYPTION_KEYS = ["b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="]
    with pytest.raises(Unauthorised):
        credentials.get_client(merchant)


def test_a_live_token_is_not_given_to_the_simulator(merchant):
    merchant.access_token = token_encryption.encrypt_token("at_classic_real")
    with pytest.raises(Unauthorised, match="only sent to SumUp"):
        credentials.get_client(merchant)


# Before it expires


def test_prepare_renews_what_expires_soon_in_every_row(merchant, simulator):
    rows = [expire(merchant, minutes=4), reloaded(merchant)]
    before, asked = token_of(merchant), renewals(simulator)
    credentials.renew_expiring_tokens(rows)
    assert {token_of(row) for row in rows} == {token_of(reloaded(merchant))} != {before}
    assert rows[0].token_expires_at > timezone.now() + timedelta(minutes=50)
    assert renewals(simulator) == asked + 1


def test_prepare_leaves_the_rest_alone(merchant, simulator, django_assert_num_queries):
    asked = renewals(simulator)
    with django_assert_num_queries(0):
        credentials.renew_expiring_tokens([merchant, make_merchant_in_memory()])
    assert renewals(simulator) == asked


def make_merchant_in_memory():
    return MerchantAccount(pk=99, merchant_code="MDEMO001", kind=MerchantKind.API_KEY)


@pytest.mark.parametrize("rotates", [True, False])
def test_a_new_refresh_token_is_kept_else_the_old_one(merchant, simulator, rotates):
    simulator.settings(rotate_refresh_tokens=rotates)
    before = token_encryption.decrypt_token(merchant.refresh_token)
    credentials.renew_expiring_tokens([expire(merchant, minutes=1)])
    after = token_encryption.decrypt_token(reloaded(merchant).refresh_token)
    assert (after != before) is rotates
    credentials.renew_expiring_tokens([expire(merchant, minutes=1)])
    assert name_of(reloaded(merchant)) == "Gorey Castle Players"


@pytest.mark.parametrize("fault", ["server_error", "too_many_requests", "drop", "bad_json", "empty_body", "html_error"])
def test_a_refresh_that_fails_keeps_the_token_and_rests(merchant, simulator, fault):
    simulator.fault(fault, operation="token", times=1)
    row = expire(merchant, minutes=1)
    asked = renewals(simulator)
    credentials.renew_expiring_tokens([row])
    credentials.renew_expiring_tokens([row])
    assert renewals(simulator) == asked + 1
    assert (row.status, token_of(row)) == (MerchantStatus.CONNECTED, token_of(merchant))
    assert name_of(row)
    MerchantAccount.objects.update(renewing_until=timezone.now() - timedelta(seconds=1))
    credentials.renew_expiring_tokens([row := reloaded(merchant)])
    assert token_of(row) != token_of(merchant)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads share one memory database there")
def test_many_workers_renew_once(simulator, transactional_db):
    merchant = make_connected(simulator)
    expire(merchant, minutes=-1)
    asked = renewals(simulator)
    simulator.fault("slow", operation="token", seconds=0.5, times=1)

    def work(_):
        row = reloaded(merchant)
        credentials.renew_expiring_tokens([row])
        connection.close()
        return token_of(row)

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(work, range(8)))
    assert found == {token_of(reloaded(merchant))}
    assert renewals(simulator) == asked + 1


def test_who_comes_second_uses_the_token_that_is_still_valid(merchant, simulator):
    row = expire(merchant, minutes=4)
    MerchantAccount.objects.update(renewing_until=timezone.now() + timedelta(seconds=40))
    credentials.renew_expiring_tokens([row])
    assert token_of(row) == token_of(merchant)


def test_whoever_connects_anew_meanwhile_wins(merchant, simulator, monkeypatch):
    """The refresh of the old tokens comes back last and must not be kept."""
    known = token_encryption.decrypt_token(merchant.refresh_token)
    anew = credentials.build_token_columns(credentials.get_oauth_app().refresh(known))
    refresh = oauth.OAuthApp.refresh

    def slowly(app, token):
        MerchantAccount.objects.update(renewing_until=None, **anew)
        return refresh(app, token)

    monkeypatch.setattr(oauth.OAuthApp, "refresh", slowly)
    row = expire(merchant, minutes=-1)
    credentials.renew_expiring_tokens([row])
    assert row.access_token == anew["access_token"]


# After a 401


def test_asking_renews_once_and_asks_again(merchant, simulator):
    simulator.expire_tokens()
    assert credentials.ask_with_renewal(merchant, lambda: name_of(merchant)) == "Gorey Castle Players"


def test_a_worker_with_an_old_row_takes_the_new_token(merchant, simulator):
    late = reloaded(merchant)
    simulator.expire_tokens()
    credentials.ask_with_renewal(merchant, lambda: name_of(merchant))
    asked = renewals(simulator)
    assert credentials.ask_with_renewal(late, lambda: name_of(late)) == "Gorey Castle Players"
    assert renewals(simulator) == asked


def test_asking_gives_the_refusal_of_an_api_key_back(simulator, db):
    own = make_merchant()
    simulator.fault("token_revoked", times=1)
    with pytest.raises(Unauthorised):
        credentials.ask_with_renewal(own, lambda: name_of(own))
    assert reloaded(own).status == MerchantStatus.CONNECTED


def test_a_new_token_that_is_refused_too_breaks_the_connection(merchant, simulator):
    simulator.fault("token_revoked", operation="merchant", times=3)
    with pytest.raises(Unauthorised):
        credentials.ask_with_renewal(merchant, lambda: name_of(merchant))
    assert reloaded(merchant).status == MerchantStatus.BROKEN


def test_one_address_that_refuses_breaks_nothing(merchant, simulator):
    simulator.fault("token_revoked", operation="memberships", times=9)
    with pytest.raises(Unauthorised):
        credentials.ask_with_renewal(merchant, lambda: credentials.get_client(merchant).memberships())
    assert reloaded(merchant).status == MerchantStatus.CONNECTED


@pytest.fixture
def dead(merchant, simulator, django_user_model):
    """Its people removed us at SumUp."""
    person = django_user_model.objects.create_user("ana", "ana@players.example")
    MerchantAccount.objects.update(connected_by=person)
    simulator.revoke("MDEMO002")
    return reloaded(merchant)


def test_a_dead_grant_breaks_the_connection_and_tells_once(dead, simulator, caplog):
    for row in (dead, reloaded(dead)):
        with pytest.raises(Unauthorised):
            credentials.ask_with_renewal(row, lambda row=row: name_of(row))
    asked = renewals(simulator)
    credentials.renew_expiring_tokens([reloaded(dead)])
    row = reloaded(dead)
    assert (row.status, row.access_token, row.refresh_token) == (MerchantStatus.BROKEN, "", "")
    assert row.status_reason == "SumUp ended the connection."
    assert sorted(alert.to for alert in Alert.objects.all()) == ["", "ana@players.example"]
    assert renewals(simulator) == asked
    assert "_sim_" not in caplog.text


# Payments


def open_payment(simulator, merchant):
    return make_open_payment("JE-OAUTH001", merchant=merchant)


def test_looks_go_on_with_a_renewed_token(merchant, simulator):
    payment = change(make_payment(merchant=merchant))
    simulator.expire_tokens()
    answer = payment_checks.ask_provider(fresh(payment))
    assert answer.error is None
    assert [question for question, _ in answer.asked] == [Question.LIST, Question.LIST, Question.CREATE]


def test_a_cycle_of_the_poll_renews_in_the_main_thread(merchant, simulator):
    payments = [make_payment(f"JE-T{number}", merchant=merchant, next_check_at=timezone.now()) for number in range(3)]
    simulator.expire_tokens()
    asked = renewals(simulator)
    summary = polling.run_cycle(until=timezone.now() + timedelta(seconds=20))
    assert (summary.payments, summary.unanswered) == (3, 0)
    assert {fresh(payment).state for payment in payments} == {PaymentState.OPEN}
    assert renewals(simulator) == asked + 1


def test_payments_of_a_broken_merchant_wait_and_come_back_at_once(dead, simulator):
    payment = make_payment(merchant=dead, next_check_at=timezone.now())
    payment_checks.verify_payment(payment.pk)
    change(payment, deadline=timezone.now() - timedelta(days=3), checked_at=None)
    payment_checks.verify_payment(payment.pk)
    waiting = fresh(payment)
    assert (waiting.merchant.status, waiting.problem) == (MerchantStatus.BROKEN, "")
    assert waiting.next_check_at > timezone.now() + timedelta(minutes=4)

    assert status.mark_connected(waiting.merchant)
    assert fresh(payment).next_check_at <= timezone.now()
    assert mail.outbox == []
