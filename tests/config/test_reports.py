"""Error reports carry no code, no token and no person."""

from uuid import uuid4

import pytest
import sentry_sdk

from config.reports import without_secrets
from payments.sumup import oauth


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (
            "https://t.je/payments/sumup/connect/return/?code=ac_1&state=s",
            "https://t.je/payments/sumup/connect/return/",
        ),
        ("https://t.je/payments/sumup/callback/7-abc/", "https://t.je/payments/sumup/callback/-/"),
        ("https://t.je/tickets/orders/JE-1/token/tickets.pdf", "https://t.je/tickets/orders/JE-1/-/tickets.pdf"),
        ("https://t.je/events/", "https://t.je/events/"),
    ],
)
def test_an_address_is_shown_without_its_secret(address, shown):
    event = {"request": {"url": address, "query_string": "code=ac_1", "cookies": {"a": "b"}, "data": "x"}}
    assert without_secrets(event) == {"request": {"url": shown}}


def test_an_event_without_a_request_stays_as_it_is():
    assert without_secrets({"message": "x"}) == {"message": "x"}


def test_a_crash_in_the_middle_of_connecting_reports_no_token():
    """As production reports it: without local variables, whatever lies in them."""
    sent, secret = [], uuid4().hex
    client = sentry_sdk.Client(
        "https://key@sentry.invalid/1",
        include_local_variables=False,
        default_integrations=False,
        before_send=lambda event, hint: sent.append(event),
    )
    grant = oauth.Grant(f"at_{secret}", f"rt_{secret}", 3599, "payments")
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        try:
            raise RuntimeError(repr(grant) + repr(oauth.App("https://api.sumup.com", "cc_1", secret)))
        except RuntimeError:
            sentry_sdk.capture_exception()
    assert "RuntimeError" in str(sent)
    assert secret not in str(sent)
