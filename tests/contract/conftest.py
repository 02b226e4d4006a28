import json
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.simulator import RunningSimulator

RETURN = "http://testserver/payments/sumup/connect/return/"
APP = {"client_id": "cc_sim_demo", "client_secret": "cc_sk_sim_demo"}
SCOPE = "payments transactions.history user.profile_readonly"


def let_in(simulator, person, scope=SCOPE):
    """The access token of an app that somebody let in."""
    asked = {"response_type": "code", "client_id": APP["client_id"], "redirect_uri": RETURN, "scope": scope}
    back = simulator.consent(f"{simulator.url}/authorize?{urlencode(asked)}", person)
    code = parse_qs(urlsplit(back).query)["code"][0]
    form = APP | {"grant_type": "authorization_code", "code": code, "redirect_uri": RETURN}
    connection = HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/token", urlencode(form), headers)
        return json.loads(connection.getresponse().read())["access_token"]
    finally:
        connection.close()


@pytest.fixture(scope="module")
def running_simulator():
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def simulator(running_simulator):
    running_simulator.reset()
    return running_simulator
