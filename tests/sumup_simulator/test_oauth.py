"""OAuth as an app meets it: consent, codes, tokens, scopes, and everything that must be refused."""

import base64
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from sumup_simulator.sandbox.grants import challenge_of
from sumup_simulator.sandbox.persistence import Keeper
from tests.simulator import RunningSimulator, SimulatorRefusal

from .conftest import Client, checkout_fields

RETURN = "http://testserver/payments/sumup/connect/return/"
VERIFIER = "v" * 43
SCOPE = "payments transactions.history user.profile_readonly"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MEMBERSHIPS = "/v0.1/memberships?resource.type=merchant&status=accepted"


def authorize_url(simulator, **changes):
    """`None` leaves a parameter out."""
    asked = {
        "response_type": "code",
        "client_id": "cc_sim_demo",
        "redirect_uri": RETURN,
        "scope": SCOPE,
        "state": "st/1 2",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    } | changes
    return f"{simulator.url}/authorize?{urlencode({name: value for name, value in asked.items() if value})}"


def returned(url):
    assert url.startswith(f"{RETURN}?")
    return dict(parse_qsl(urlsplit(url).query))


def consent(simulator, person="Ana", **changes):
    return returned(simulator.consent(authorize_url(simulator, **changes), person))


def ask_token(client, *, headers=FORM, **fields):
    proof = {"client_id": "cc_sim_demo", "client_secret": "cc_sk_sim_demo"}
    form = {name: value for name, value in (proof | fields).items() if value is not None}
    return client.ask("POST", "/token", body=urlencode(form), key=None, headers=headers)


def exchange(client, code, **changes):
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": RETURN, "code_verifier": VERIFIER}
    return ask_token(client, **fields | changes)


def refresh(client, token, **changes):
    return ask_token(client, grant_type="refresh_token", refresh_token=token, **changes)


@pytest.fixture
def connect(client):
    """The tokens of an app that somebody let in."""

    def connecting(person="Ana", **changes):
        reply = exchange(client, consent(client.simulator, person, **changes)["code"])
        assert reply.status == 200, reply.text
        return reply.data

    return connecting


# Consent


def test_consent_sends_back_a_code_the_state_and_the_default_merchant(client):
    back = consent(client.simulator, "Ben")
    assert (back["state"], back["merchant_code"]) == ("st/1 2", "MDEMO003")
    assert exchange(client, back["code"]).status == 200


def test_somebody_without_a_merchant_is_sent_back_without_one(client):
    assert "merchant_code" not in consent(client.simulator, "Cleo")


def test_denying_sends_back_an_error_and_no_code(client):
    back = returned(client.simulator.consent(authorize_url(client.simulator), deny=True))
    assert (back["error"], back["state"]) == ("access_denied", "st/1 2")
    assert "code" not in back


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "cc_other"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": RETURN.rstrip("/")},
        {"redirect_uri": f"{RETURN}?next=1"},
        {"redirect_uri": RETURN.replace("http", "https")},
        {"redirect_uri": "https://thief.example/"},
    ],
)
def test_an_unregistered_app_or_address_gets_a_page_and_never_a_redirect(client, changes):
    with pytest.raises(SimulatorRefusal, match="cannot be connected") as refusal:
        client.simulator.consent(authorize_url(client.simulator, **changes))
    assert refusal.value.status == 400


def test_a_second_redirect_uri_gets_a_page_too(client):
    url = authorize_url(client.simulator) + "&redirect_uri=https%3A%2F%2Fthief.example"
    with pytest.raises(SimulatorRefusal, match="cannot be connected"):
        client.simulator.consent(url)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "payments world.domination"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_what_else_is_wrong_goes_back_to_the_app(client, changes, error):
    back = returned(client.simulator.consent(authorize_url(client.simulator, **changes)))
    assert (back["error"], back["state"]) == (error, "st/1 2")


def test_the_page_asks_again_when_nobody_was_chosen(client):
    url = authorize_url(client.simulator).removeprefix(client.simulator.url)
    reply = client.ask("POST", url, body="answer=allow&person=Dora", key=None)
    assert reply.status == 422
    assert "Choose who signs in" in reply.text


def test_redirect_uris_can_be_registered(client):
    mine = "http://127.0.0.1:8300/payments/sumup/connect/return/"
    client.simulator.settings(redirect_uris=[mine])
    assert client.simulator.consent(authorize_url(client.simulator, redirect_uri=mine)).startswith(f"{mine}?code=")
    with pytest.raises(SimulatorRefusal):
        client.simulator.consent(authorize_url(client.simulator))


# The token endpoint


def test_a_code_becomes_tokens(client):
    reply = exchange(client, consent(client.simulator)["code"])
    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")
    assert reply.data.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (reply.data["token_type"], reply.data["expires_in"], reply.data["scope"]) == ("Bearer", 3599, SCOPE)


def test_a_code_works_once(client):
    code = consent(client.simulator)["code"]
    assert exchange(client, code).status == 200
    again = exchange(client, code)
    assert (again.status, again.data["error"]) == (400, "invalid_grant")


def test_a_code_redeemed_by_many_at_once_works_once(client):
    code = consent(client.simulator)["code"]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: exchange(client, code).status, range(8)))
    assert sorted(statuses) == [200] + [400] * 7


def test_a_code_does_not_live_long(client):
    code = consent(client.simulator)["code"]
    client.simulator.clock(301)
    assert exchange(client, code).data["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "ac_other"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "http://localhost:8000/payments/sumup/connect/return/"}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_exchange_is_refused_as_the_rfc_says(client, changes, error):
    code = consent(client.simulator)["code"]
    reply = exchange(client, changes.pop("code", code), **changes)
    assert (reply.status, reply.data["error"]) == (400, error)
    assert client.simulator.state()["tokens"] == {"access": 0, "refresh": 0}


def test_without_a_challenge_no_verifier_is_asked_for(client):
    back = consent(client.simulator, code_challenge=None, code_challenge_method=None)
    assert exchange(client, back["code"], code_verifier=None).status == 200


def basic(text):
    return FORM | {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def test_the_app_may_prove_itself_by_http_basic(client):
    code = consent(client.simulator)["code"]
    headers = basic("cc_sim_demo:cc_sk_sim_demo")
    assert exchange(client, code, client_secret=None, headers=headers).status == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "guess"}, 401, "invalid_client"),
        ({"client_id": "cc_other"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_secret": None, "headers": basic("cc_sim_demo:guess")}, 401, "invalid_client"),
        ({"client_secret": None, "headers": basic("nocolon")}, 401, "invalid_client"),
        ({"client_secret": None, "headers": FORM | {"Authorization": "Basic %"}}, 401, "invalid_client"),
        ({"headers": basic("cc_sim_demo:cc_sk_sim_demo")}, 400, "invalid_request"),
    ],
)
def test_an_unproved_app_gets_nothing_and_the_code_survives(client, changes, status, error):
    code = consent(client.simulator)["code"]
    reply = exchange(client, code, **changes)
    assert (reply.status, reply.data["error"]) == (status, error)
    assert ("WWW-Authenticate" in reply.headers) == (status == 401 and "headers" in changes)
    assert exchange(client, code).status == 200


def test_a_field_given_twice_is_refused(client):
    reply = client.ask("POST", "/token", body="grant_type=a&grant_type=b", key=None, headers=FORM)
    assert (reply.status, reply.data["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("body", ["{", "[]", '{"code": 1}'])
def test_json_is_taken_but_not_nonsense(client, connect, body):
    json_type = {"Content-Type": "application/json"}
    token = connect()["refresh_token"]
    fields = {"client_id": "cc_sim_demo", "client_secret": "cc_sk_sim_demo", "grant_type": "refresh_token"}
    good = client.ask("POST", "/token", fields | {"refresh_token": token}, key=None, headers=json_type)
    assert good.status == 200
    reply = client.ask("POST", "/token", body=body, key=None, headers=json_type)
    assert (reply.status, reply.data["error"]) == (400, "invalid_request")


def test_text_that_cannot_be_encoded_is_only_wrong(client):
    fields = {"client_id": "cc_sim_demo", "client_secret": "\ud800", "grant_type": "refresh_token"}
    json_type = {"Content-Type": "application/json"}
    reply = client.ask("POST", "/token", fields, key=None, headers=json_type)
    assert (reply.status, reply.data["error"]) == (401, "invalid_client")


# Refreshing, expiry, revocation


def merchant_status(client, token, code="MDEMO002"):
    return client.ask("GET", f"/v1/merchants/{code}", key=token).status


def test_a_refresh_brings_new_tokens_and_the_old_ones_stay(client, connect):
    first = connect()
    second = refresh(client, first["refresh_token"]).data
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert merchant_status(client, first["access_token"]) == merchant_status(client, second["access_token"]) == 200
    assert refresh(client, first["refresh_token"]).status == 200


def test_a_refresh_may_bring_no_new_refresh_token(client, connect):
    token = connect()["refresh_token"]
    client.simulator.settings(rotate_refresh_tokens=False)
    assert "refresh_token" not in refresh(client, token).data


def test_a_refresh_never_widens_the_scope(client, connect):
    token = connect(scope="transactions.history")["refresh_token"]
    assert refresh(client, token, scope="payments").data["error"] == "invalid_scope"


def test_an_access_token_ends_after_an_hour_of_the_simulators_clock(client, connect):
    tokens = connect()
    client.simulator.clock(3590)
    assert merchant_status(client, tokens["access_token"]) == 200
    client.simulator.clock(3600)
    assert merchant_status(client, tokens["access_token"]) == 401
    assert refresh(client, tokens["refresh_token"]).status == 200


def test_access_tokens_can_be_ended_at_once(client, connect):
    tokens = connect()
    client.simulator.expire_tokens()
    assert merchant_status(client, tokens["access_token"]) == 401
    renewed = refresh(client, tokens["refresh_token"]).data
    assert merchant_status(client, renewed["access_token"]) == 200


def test_revoking_ends_every_token_of_the_merchants_people_and_of_nobody_else(client, connect):
    ana, ben = connect("Ana"), connect("Ben")
    client.simulator.revoke("MDEMO004")
    assert merchant_status(client, ben["access_token"], "MDEMO003") == 401
    assert refresh(client, ben["refresh_token"]).data["error"] == "invalid_grant"
    assert merchant_status(client, ana["access_token"]) == 200
    with pytest.raises(SimulatorRefusal, match="no such merchant"):
        client.simulator.revoke("MNOBODY")


def test_a_refresh_token_is_no_access_token_nor_the_other_way_round(client, connect):
    tokens = connect()
    assert merchant_status(client, tokens["refresh_token"]) == 401
    assert refresh(client, tokens["access_token"]).data["error"] == "invalid_grant"


def test_the_state_counts_tokens_and_never_shows_them(client, connect):
    tokens = connect()
    state = client.simulator.state()
    assert state["tokens"] == {"access": 1, "refresh": 1}
    assert tokens["access_token"] not in str(state)
    assert tokens["refresh_token"] not in str(state)


# What a token opens


def test_memberships_list_the_persons_merchants(client, connect):
    token = connect("Ben")["access_token"]
    found = client.ask("GET", MEMBERSHIPS, key=token).data
    assert [item["resource_id"] for item in found["items"]] == ["MDEMO003", "MDEMO004"]
    second = client.ask("GET", f"{MEMBERSHIPS}&limit=1&offset=1", key=token).data
    assert ([item["resource_id"] for item in second["items"]], second["total_count"]) == (["MDEMO004"], 2)
    live = client.ask("GET", f"{MEMBERSHIPS}&resource.attributes.sandbox=false", key=token).data
    assert live == {"items": [], "total_count": 0}
    assert client.ask("GET", f"{MEMBERSHIPS}&limit=26", key=token).status == 400


def test_somebody_without_a_merchant_has_no_membership(client, connect):
    token = connect("Cleo")["access_token"]
    assert client.ask("GET", MEMBERSHIPS, key=token).data == {"items": [], "total_count": 0}
    assert client.ask("GET", "/v0.1/checkouts", key=token).data == []


def test_a_token_sells_for_every_merchant_of_its_person_and_for_no_other(client, connect):
    token = connect("Ben")["access_token"]
    pounds = checkout_fields(merchant_code="MDEMO003", checkout_reference="JE-3")
    euros = checkout_fields(merchant_code="MDEMO004", currency="EUR", checkout_reference="JE-4")
    assert client.ask("POST", "/v0.1/checkouts", pounds, key=token).status == 201
    sold = client.ask("POST", "/v0.1/checkouts", euros, key=token).data
    wrong = client.ask("POST", "/v0.1/checkouts", euros | {"currency": "GBP"}, key=token)
    assert (wrong.status, wrong.data["param"]) == (400, "currency")
    assert client.ask("POST", "/v0.1/checkouts", checkout_fields(), key=token).status == 403
    assert len(client.ask("GET", "/v0.1/checkouts", key=token).data) == 2
    paid = client.simulator.pay("JE-4")
    path = f"/v1.0/merchants/MDEMO004/payments/{paid['transaction_id']}/refunds"
    assert client.ask("POST", path, key=token).status == 201
    assert client.ask("GET", f"/v0.1/checkouts/{sold['id']}", key=connect("Ana")["access_token"]).status == 404
    assert client.ask("GET", f"/v0.1/checkouts/{sold['id']}", key="sup_sk_demo3").status == 404
    assert client.ask("GET", f"/v0.1/checkouts/{sold['id']}", key="sup_sk_demo4").status == 200


def test_without_the_payments_scope_money_is_forbidden_and_reading_is_not(client, connect):
    client.simulator.settings(payments_scope=False)
    tokens = connect()
    assert tokens["scope"] == "transactions.history user.profile_readonly"
    fields = checkout_fields(merchant_code="MDEMO002")
    refusals = [
        client.ask("POST", "/v0.1/checkouts", fields, key=tokens["access_token"]),
        client.ask("GET", "/v0.1/checkouts/any", key=tokens["access_token"]),
        client.ask("POST", "/v1.0/merchants/MDEMO002/payments/any/refunds", key=tokens["access_token"]),
    ]
    for reply in refusals:
        assert reply.status == 403
        assert reply.data == {
            "error_message": "checkout_payments_not_allowed",
            "error_code": "FORBIDDEN",
            "status_code": "403",
        }
    for path in ("/v2.1/merchants/MDEMO002/transactions/history", "/v1/merchants/MDEMO002", MEMBERSHIPS):
        assert client.ask("GET", path, key=tokens["access_token"]).status == 200


def test_the_consent_page_warns_when_sumup_did_not_enable_payments(client):
    path = authorize_url(client.simulator).removeprefix(client.simulator.url)
    assert "has not enabled payments" not in client.ask("GET", path, key=None).text
    client.simulator.settings(payments_scope=False)
    assert "has not enabled payments" in client.ask("GET", path, key=None).text


def test_scopes_asked_for_nothing_are_the_three_usual_ones(client, connect):
    tokens = connect(scope=None)
    assert tokens["scope"] == "transactions.history user.profile_readonly user.app-settings"
    narrow = connect(scope="payments")["access_token"]
    assert client.ask("GET", "/v1/merchants/MDEMO002", key=narrow).data["error_message"] == "request_not_allowed"


# Faults and restarts


@pytest.mark.parametrize(
    ("name", "status"), [("429", 429), ("500", 500), ("html_error", 403), ("invalid_grant", 400), ("empty_body", 200)]
)
def test_faults_hit_the_token_endpoint(client, connect, name, status):
    token = connect()["refresh_token"]
    client.simulator.fault(name, operation="token")
    assert client.ask("GET", "/v1/merchants/MDEMO001").status == 200
    assert refresh(client, token).status == status
    assert refresh(client, token).status == 200


def test_a_lost_answer_uses_up_the_code(client):
    code = consent(client.simulator)["code"]
    client.simulator.fault("lost_answer", operation="token")
    with pytest.raises(ConnectionError):
        exchange(client, code)
    assert exchange(client, code).data["error"] == "invalid_grant"


@pytest.mark.parametrize("name", ["token_revoked", "forbidden", "wrong_amount"])
def test_faults_of_the_api_cannot_hit_the_token_endpoint(client, name):
    with pytest.raises(SimulatorRefusal, match="cannot hit 'token'"):
        client.simulator.fault(name, operation="token")


def test_a_restart_keeps_tokens_and_the_file_does_not_show_them(tmp_path):
    path = tmp_path / "simulator.json"
    with RunningSimulator() as running:
        client = Client(running)
        tokens = exchange(client, consent(running)["code"]).data
        code = consent(running, "Ben")["code"]
        Keeper(running.server.application.sandbox, path).save()
    assert not [each for each in (*tokens.values(), code) if str(each) in path.read_text() and "_sim_" in str(each)]
    with RunningSimulator() as running:
        Keeper(running.server.application.sandbox, path)
        client = Client(running)
        assert merchant_status(client, tokens["access_token"]) == 200
        assert refresh(client, tokens["refresh_token"]).status == 200
        assert exchange(client, code).status == 200
