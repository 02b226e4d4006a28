import json
import uuid
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from tests.receiver import Receiver
from tests.simulator import RunningSimulator


@dataclass
class Reply:
    status: int
    headers: dict
    text: str

    @property
    def data(self):
        return json.loads(self.text)


class Client:
    """The plainest HTTP client there is: one connection for each request."""

    def __init__(self, simulator):
        self.simulator = simulator

    def ask(self, method, path, data=None, *, key="sup_sk_demo", body=None, headers=None):
        connection = HTTPConnection("127.0.0.1", self.simulator.port, timeout=10)
        headers = {"Authorization": f"Bearer {key}"} | (headers or {}) if key else headers or {}
        body = json.dumps(data) if data is not None else body
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()

    def create(self, **fields):
        reply = self.ask("POST", "/v0.1/checkouts", checkout_fields(**fields))
        assert reply.status == 201, reply.text
        return reply.data

    def get(self, checkout):
        return self.ask("GET", f"/v0.1/checkouts/{checkout['id']}").data

    def open_page(self, checkout, query=""):
        return self.ask("GET", f"/pay/c-{checkout['id']}{query}", key=None)

    def submit_page(self, checkout, **form):
        return self.ask("POST", f"/pay/c-{checkout['id']}", body=urlencode(form), key=None)


def checkout_fields(**fields):
    return {
        "checkout_reference": uuid.uuid4().hex,
        "amount": 24.5,
        "currency": "GBP",
        "merchant_code": "MDEMO001",
        "description": "2 tickets, Spring Concert",
        "hosted_checkout": {"enabled": True},
    } | fields


@pytest.fixture(scope="module")
def running_simulator():
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def simulator(running_simulator):
    running_simulator.reset()
    return running_simulator


@pytest.fixture
def client(simulator):
    return Client(simulator)


@pytest.fixture
def receiver():
    with Receiver() as running:
        yield running
