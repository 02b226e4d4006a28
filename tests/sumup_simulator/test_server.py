import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path

import pytest

from sumup_simulator.application import Application
from sumup_simulator.sandbox.persistence import Keeper
from tests.simulator import RunningSimulator

from .conftest import Client, checkout_fields

ROOT = Path(__file__).parents[3]
READY = "SumUp simulator ready on http://127.0.0.1:"


class Program:
    """`python -m sumup_simulator` as a process."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "sumup_simulator", *options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert select.select([self.process.stdout], [], [], 10)[0], "the simulator did not start"
        self.line = self.process.stdout.readline()
        self.port = int(self.line.removeprefix(READY))

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(10)
        self.process.stdout.close()
        return code


@pytest.mark.processes
def test_the_program_says_when_it_is_ready_and_stops_when_asked():
    back = "https://shop.example/payments/sumup/connect/return/"
    program = Program("--port", "0", "--public-url", "https://pay.example", "--redirect-uri", back)
    client = Client(program)
    assert client.create()["hosted_checkout_url"].startswith("https://pay.example/pay/c-")
    client.ask("POST", "/_sim/reset", key=None)
    assert client.ask("POST", "/_sim/settings", {}, key=None).data["redirect_uris"] == [back]
    assert program.stop() == 0


@pytest.mark.processes
def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sumup_simulator", "--port", port]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr


@pytest.mark.processes
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_restart_keeps_checkouts(tmp_path, how):
    state = tmp_path / "simulator.json"
    program = Program("--port", "0", "--state", str(state))
    client = Client(program)
    checkout = client.create(checkout_reference="JE-1", valid_until="2090-01-01T00:00:00Z")
    client.submit_page(checkout, quick="decline")
    time.sleep(1 if how == signal.SIGKILL else 0)
    before = client.get(checkout)
    program.stop(how)
    program = Program("--port", str(program.port), "--state", str(state))
    after = Client(program).get(checkout)
    program.stop()
    assert after == before
    assert after["status"] == "FAILED"


def test_a_restart_keeps_refunds_history_and_references(tmp_path):
    path = tmp_path / "simulator.json"
    with RunningSimulator() as running:
        client = Client(running)
        client.create(checkout_reference="JE-1")
        paid = running.pay("JE-1")
        client.ask("POST", f"/v1.0/merchants/MDEMO001/payments/{paid['transaction_id']}/refunds", {"amount": 5})
        history = client.ask("GET", "/v2.1/merchants/MDEMO001/transactions/history").data
        Keeper(running.server.application.sandbox, path).save()
    with RunningSimulator() as running:
        Keeper(running.server.application.sandbox, path)
        client = Client(running)
        assert client.ask("GET", "/v2.1/merchants/MDEMO001/transactions/history").data == history
        assert client.ask("POST", "/v0.1/checkouts", checkout_fields(checkout_reference="JE-1")).status == 409
        client.create(checkout_reference="JE-2")
        assert running.pay("JE-2")["transaction_code"] not in {item["transaction_code"] for item in history["items"]}


def test_the_state_file_is_never_half_written(tmp_path):
    path = tmp_path / "simulator.json"
    keeper = Keeper(Application().sandbox, path)
    keeper.save()
    assert json.loads(path.read_text())["checkouts"] == []
    assert os.listdir(tmp_path) == ["simulator.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"checkouts": [{"colour": "red"}]}'])
def test_an_unreadable_state_file_is_put_aside(tmp_path, text):
    path = tmp_path / "simulator.json"
    path.write_text(text)
    sandbox = Application().sandbox
    Keeper(sandbox, path).save()
    assert sandbox.checkouts == {}
    assert sorted(os.listdir(tmp_path)) == ["simulator.json", "simulator.json.unreadable"]


def test_a_connection_is_kept_alive(simulator):
    connection = HTTPConnection("127.0.0.1", simulator.port)
    for _ in range(3):
        connection.request("GET", "/v1/merchants/MDEMO001", headers={"Authorization": "Bearer sup_sk_demo"})
        assert connection.getresponse().read()
        assert connection.sock is not None
    connection.close()


def ask_again(connection):
    connection.request("GET", "/")
    connection.getresponse()


def test_a_stopped_simulator_is_gone_also_for_kept_connections():
    running = RunningSimulator()
    running.start()
    connection = HTTPConnection("127.0.0.1", running.port, timeout=2)
    connection.request("GET", "/")
    connection.getresponse().read()
    running.stop()
    with pytest.raises((ConnectionError, RemoteDisconnected)):
        ask_again(connection)
    running.start()
    assert running.state()["checkouts"] == []
    running.stop()


def test_the_hosted_url_follows_the_host_header(client):
    reply = client.ask("POST", "/v0.1/checkouts", checkout_fields(), headers={"Host": "sim.test:81"})
    assert reply.data["hosted_checkout_url"].startswith("http://sim.test:81/pay/c-")


@pytest.mark.parametrize("header", [("Content-Length", "many"), ("Transfer-Encoding", "chunked")])
def test_an_unreadable_body_is_a_bad_request(simulator, header):
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5) as connection:
        connection.sendall(f"POST /v0.1/checkouts HTTP/1.1\r\nHost: x\r\n{header[0]}: {header[1]}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_thirty_two_at_once_pay_every_checkout_once(simulator):
    client = Client(simulator)
    checkouts = [client.create() for _ in range(32)]
    with ThreadPoolExecutor(32) as pool:
        for _ in range(2):
            list(pool.map(lambda checkout: client.submit_page(checkout, quick="success"), checkouts))
    assert len(simulator.state()["transactions"]) == 32


def test_one_reference_created_by_many_at_once_exists_once(simulator):
    client = Client(simulator)
    fields = checkout_fields(checkout_reference="JE-1")
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: client.ask("POST", "/v0.1/checkouts", fields).status, range(16)))
    assert sorted(statuses) == [201] + [409] * 15


def test_the_server_answers_four_hundred_a_second():
    with RunningSimulator() as running:
        connection = HTTPConnection("127.0.0.1", running.port)
        started = time.process_time()
        for _ in range(200):
            connection.request("GET", "/v1/merchants/MDEMO001", headers={"Authorization": "Bearer sup_sk_demo"})
            connection.getresponse().read()
        assert time.process_time() - started < 0.5
        connection.close()
