"""The health of connections: checked, broken, mended, ended; and the keys that their tokens lie under."""

from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from payments.domain.merchants import connection_checks, credentials, status, token_encryption
from payments.domain.merchants.connect_errors import ConnectionRefusal
from payments.enums import MerchantKind, MerchantStatus, PaymentState, RefundOrigin, RefundState
from payments.models import Alert, MerchantAccount, Refund
from tests.factories import make_merchant
from tests.payments.factories import change, make_connected, make_open_payment, make_payment


@pytest.fixture
def merchant(simulator, db):
    return make_connected(simulator)


@pytest.fixture
def own(simulator, db):
    return make_merchant(kind=MerchantKind.API_KEY)


def reloaded(merchant):
    return MerchantAccount.objects.get(pk=merchant.pk)


# Checking


def test_a_good_check_is_written_down(merchant):
    assert connection_checks.check_connection(merchant)
    row = reloaded(merchant)
    assert (row.status, row.sandbox, row.status_reason) == (MerchantStatus.CONNECTED, True, "")
    assert timezone.now() - row.checked_at < timedelta(seconds=10)


def checked(merchant):
    works = connection_checks.check_connection(reloaded(merchant))
    return works, reloaded(merchant).status


def test_the_site_s_own_key_is_broken_by_two_refusals_and_mended_by_one_answer(own, simulator):
    simulator.fault("token_revoked", times=2)
    assert checked(own) == (False, MerchantStatus.CONNECTED)
    assert checked(own) == (False, MerchantStatus.BROKEN)
    assert Alert.objects.get().title == "Island Arts Ltd is no longer connected to SumUp"
    assert checked(own) == (True, MerchantStatus.CONNECTED)


def test_refusals_with_an_answer_between_are_no_row(own, simulator):
    for times in (1, 1):
        simulator.fault("token_revoked", times=times)
        assert not connection_checks.check_connection(reloaded(own))
        assert connection_checks.check_connection(reloaded(own))
    assert not Alert.objects.exists()


@pytest.mark.parametrize("fault", ["server_error", "drop", "html_error", "forbidden", "bad_json"])
def test_trouble_at_sumup_breaks_nothing(merchant, simulator, fault):
    simulator.fault(fault, operation="merchant", times=5)
    assert not connection_checks.check_connection(merchant)
    assert reloaded(merchant).status == MerchantStatus.CONNECTED
    assert reloaded(merchant).status_reason == "SumUp did not answer properly."


def test_a_dead_connection_is_found_out(merchant, simulator):
    simulator.revoke("MDEMO002")
    assert not connection_checks.check_connection(merchant)
    assert reloaded(merchant).status == MerchantStatus.BROKEN


def test_a_connection_that_broke_by_mistake_mends_itself(merchant, simulator):
    status.mark_broken(merchant, "SumUp refuses the connection of this account.")
    simulator.expire_tokens()
    payment = make_payment(merchant=merchant, next_check_at=timezone.now() + timedelta(hours=1))
    assert connection_checks.check_connection(reloaded(merchant))
    assert reloaded(merchant).status == MerchantStatus.CONNECTED
    assert change(payment).next_check_at <= timezone.now()


def test_a_dead_connection_stays_dead(merchant, simulator):
    status.mark_broken(merchant, "SumUp refuses the connection of this account.")
    simulator.revoke("MDEMO002")
    assert not connection_checks.check_connection(reloaded(merchant))
    assert (reloaded(merchant).status, reloaded(merchant).refresh_token) == (MerchantStatus.BROKEN, "")


def test_every_account_is_checked_by_one_worker(merchant, own):
    MerchantAccount.objects.create(merchant_code="MGONE", kind=MerchantKind.OAUTH, status=MerchantStatus.REVOKED)
    make_merchant("MOTHER01", kind=MerchantKind.API_KEY)
    assert connection_checks.check_all_connections() == (2, 0)
    assert connection_checks.check_all_connections() == (0, 0)


def test_marking_twice_tells_once(merchant):
    assert status.mark_broken(merchant, "Gone.")
    assert not status.mark_broken(reloaded(merchant), "Gone.")
    assert Alert.objects.count() == 1


# Disconnecting


def disconnect(merchant):
    return connection_checks.disconnect_merchant(merchant, by=None)


def test_disconnecting_forgets_the_tokens(merchant):
    disconnect(merchant)
    row = reloaded(merchant)
    assert (row.status, row.access_token, row.refresh_token, row.scope) == (MerchantStatus.REVOKED, "", "", "")


def test_open_payments_keep_it(merchant):
    payment = make_open_payment(merchant=merchant)
    with pytest.raises(ConnectionRefusal, match="1 of its payments may still be paid"):
        disconnect(merchant)
    change(payment, state=PaymentState.PAID, next_check_at=None)
    disconnect(merchant)


@pytest.mark.parametrize("state", RefundState.values)
def test_refunds_on_their_way_keep_it(merchant, state):
    Refund.objects.create(
        merchant=merchant, transaction_id="t", amount=1, currency="GBP", state=state, origin=RefundOrigin.STAFF
    )
    if state in connection_checks.CLOSED_REFUND_STATES:
        assert disconnect(merchant).status == MerchantStatus.REVOKED
    else:
        with pytest.raises(ConnectionRefusal, match="1 of its refunds"):
            disconnect(merchant)


def test_the_site_s_own_account_stays(own):
    with pytest.raises(ConnectionRefusal, match="key in the site’s settings"):
        disconnect(own)


def test_a_payment_for_a_disconnected_account_goes_nowhere(merchant, simulator):
    payment = make_payment(merchant=merchant)
    change(payment, next_check_at=None)
    disconnect(merchant)
    with pytest.raises(credentials.Unauthorised):
        credentials.get_client(reloaded(merchant))


# Keys


@pytest.fixture
def new_key(settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_ENCRYPTION_KEYS]
    return settings.TOKEN_ENCRYPTION_KEYS[0]


def reencrypt():
    out, err = StringIO(), StringIO()
    call_command("reencrypt_tokens", stdout=out, stderr=err)
    return (out.getvalue() + err.getvalue()).strip()


def test_reencrypting_puts_all_under_the_first_key_once(merchant, new_key, settings):
    secret = token_encryption.decrypt_token(merchant.refresh_token)
    assert reencrypt() == "1 accounts re-encrypted, 0 were so already."
    settings.TOKEN_ENCRYPTION_KEYS = [new_key]
    assert token_encryption.decrypt_token(reloaded(merchant).refresh_token) == secret
    assert reencrypt() == "0 accounts re-encrypted, 1 were so already."


def test_a_token_that_no_key_opens_breaks_its_connection_with_a_sentence(merchant, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert "1 could not be opened: their owners have to connect again." in reencrypt()
    assert reloaded(merchant).status_reason == "None of our keys opens the stored tokens."
    assert reencrypt() == "0 accounts re-encrypted, 0 were so already."


def test_reencrypting_without_a_key_is_refused(db, settings):
    settings.TOKEN_ENCRYPTION_KEYS = []
    with pytest.raises(CommandError, match="TOKEN_ENCRYPTION_KEYS is not set"):
        reencrypt()


@pytest.mark.parametrize("stored", ["", "x", "é", "gAAAAA", "\x00"])
def test_what_is_no_token_of_ours_is_not_opened(stored):
    with pytest.raises(token_encryption.UndecryptableToken):
        token_encryption.decrypt_token(stored)
