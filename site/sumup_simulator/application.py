"""From a request to an answer: control path, hosted page or API, with the scripted faults in between."""

import copy
import threading
import time
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs

from sumup_simulator.api.answers import HTML, Answer, Refused
from sumup_simulator.notifications.callbacks import Callbacks
from sumup_simulator.notifications.events import Events
from sumup_simulator.sandbox.state import Sandbox, Till

from .api import answers, calls, endpoints, tokens
from .browser import consent, hosted, pages
from .control import Control
from .faults import FaultBook, Stage


class Dropped(Exception):
    """The connection closes without an answer."""


@dataclass
class Request:
    method: str
    path: str
    query_string: str
    authorization: str | None
    body: bytes
    base_url: str
    content_type: str = ""

    @cached_property
    def query(self):
        return parse_qs(self.query_string, keep_blank_values=True)


class RequestLog:
    """How often each path was asked, and the busiest second."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        with self.lock:
            self.paths = Counter()
            self.seconds = Counter()

    def count(self, pattern):
        with self.lock:
            self.paths[pattern] += 1
            self.seconds[int(time.time())] += 1

    def document(self):
        with self.lock:
            busiest = max(self.seconds.values(), default=0)
            return {"requests": dict(self.paths), "busiest_second": busiest}


class Application:
    def __init__(self, sandbox=None):
        self.sandbox = sandbox or Sandbox()
        self.faults = FaultBook()
        self.callbacks = Callbacks(self.faults)
        self.events = Events(self.sandbox, self.callbacks)
        self.till = Till(self.sandbox, self.faults, self.callbacks, self.events)
        self.requests = RequestLog()
        self.control = Control(self.till, self.requests)

    def stop(self):
        self.callbacks.stop()

    def answer(self, request):
        self.sandbox.ledger.catch_up()
        if request.path.startswith("/_sim/"):
            return self.control.answer(request)
        if request.path.startswith("/pay/"):
            return hosted.answer_hosted_page(self.till, request)
        if request.path == "/authorize" and request.method in {"GET", "POST"}:
            return consent.answer_consent(self.sandbox, request)
        if request.path == "/" and request.method == "GET":
            return Answer(200, pages.home_page(self.sandbox), HTML)
        try:
            return self._answer_api(request)
        except Refused as refusal:
            return refusal.answer

    def _answer_api(self, request):
        route, arguments = calls.find_route(request.method, request.path)
        self.requests.count(f"{route.method} {route.pattern}")

        def reference():
            return self._reference(request, arguments)

        def merchants():
            return self._merchants(request, arguments)

        def hits(stage):
            return self.faults.take(stage, route.operation, reference, merchants)

        for fault in hits(Stage.DELAY):
            delay_answer(fault)
        for fault in hits(Stage.REFUSE):
            return refusal_of(fault)
        caller = route.authenticate(self.sandbox, request, route.scopes)
        effects = {fault.name: fault.arguments for fault in hits(Stage.EFFECT)}
        answer = route.endpoint(calls.Call(self.sandbox, request, caller, arguments, effects))
        if route.operation == "create":
            self.events.announce(self.sandbox.find(answer.body["id"]))
        for fault in hits(Stage.ALTER):
            answer = alter_answer(answer, fault)
        return answer

    def _reference(self, request, arguments):
        """Whose checkout a call is about, for faults scripted for one reference."""
        if request.method == "POST" and request.path == "/v0.1/checkouts":
            return endpoints.validation.json_object(request.body).get("checkout_reference")
        if "checkout_reference" in request.query:
            return request.query["checkout_reference"][0]
        checkout_id = arguments.get("checkout_id")
        transaction_id = arguments.get("transaction_id") or request.query.get("id", [None])[0]
        if transaction := self.sandbox.transactions.get(transaction_id):
            checkout_id = transaction.checkout_id
        checkout = self.sandbox.find(checkout_id)
        return checkout.reference if checkout else None

    def _merchants(self, request, arguments):
        """Whose call it is: the merchant that it names, else those that its credential may act for."""
        if "merchant_code" in arguments:
            return {arguments["merchant_code"]}
        if request.path == "/token":
            return tokens.merchants_of(self.sandbox, request)
        return calls.merchants_of(self.sandbox, request)


def delay_answer(fault):
    if fault.name == "hang":
        fault.removed.wait(fault.arguments["seconds"])
    else:
        time.sleep(fault.arguments["seconds"])


def refusal_of(fault):
    simple = {
        "token_revoked": answers.unauthorised_problem,
        "forbidden": answers.forbidden_error,
        "duplicate_reference": endpoints.duplicate_checkout_error,
        "transactions_404": answers.not_found,
        "refund_refused": answers.not_refundable,
        "invalid_grant": tokens.invalid_grant,
    }
    if fault.name == "drop":
        raise Dropped
    if fault.name == "html_error":
        return Answer(403, "<html><title>403 Forbidden</title><h1>Request blocked</h1></html>", HTML)
    if fault.name == "too_many_requests":
        return answers.problem_document(429, "bad-request", "Too Many Requests", "Too many requests.")
    if fault.name == "server_error":
        status = fault.arguments["status"]
        return answers.problem_document(status, "internal-server-error", "Server Error", "Something went wrong.")
    return simple[fault.name]()


def alter_answer(answer, fault):
    if fault.name == "lost_answer":
        raise Dropped
    if fault.name == "empty_body":
        return Answer(answer.status, None, answer.content_type)
    if fault.name == "bad_json":
        text = answer.payload().decode()
        return Answer(answer.status, text[: len(text) // 2], answer.content_type)
    body = copy.deepcopy(answer.body)
    for document in body if isinstance(body, list) else [body]:
        _falsify(document, fault)
    return Answer(answer.status, body, answer.content_type)


def _falsify(document, fault):
    given = fault.arguments
    if fault.name == "wrong_amount":
        document["amount"] = given["amount"] or document["amount"] + 1
    elif fault.name == "wrong_currency":
        document["currency"] = given["currency"]
    elif fault.name == "wrong_merchant":
        document["merchant_code"] = given["merchant_code"]
    else:
        document["checkout_reference"] = given["value"] or f"{document['checkout_reference']}-other"
