"""Calls to a checkout's `return_url`: two keys, unsigned, tried again after 1, 5, 20 and 120 minutes."""

import http.client
import json
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from urllib.parse import urlsplit

from sumup_simulator.faults import Stage

RETRY_MINUTES = (1, 5, 20, 120)
PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Delivery:
    url: str
    checkout_id: str
    reference: str
    event_type: str = "CHECKOUT_STATUS_CHANGED"
    tries: int = 0
    operation = "callback"

    def body(self):
        return json.dumps({"event_type": self.event_type, "id": self.checkout_id}).encode()

    def headers(self):
        return {}

    def refused_for_now(self, outcome):
        return not isinstance(outcome, int) or not 200 <= outcome < 300

    def line(self):
        return {"checkout_id": self.checkout_id}


def post_callback(delivery):
    """The status of the receiver's answer. Raises OSError or HTTPException when there is none."""
    parts = urlsplit(delivery.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        headers = {"Content-Type": "application/json"} | delivery.headers()
        connection.request("POST", path, delivery.body(), headers)
        return connection.getresponse().status
    finally:
        connection.close()


class Callbacks:
    """Sends callbacks and signed events, which are tried again alike."""

    def __init__(self, faults):
        self.faults = faults
        self.ready = threading.Condition()
        self.stopped = False
        self.reset()
        self.pool = ThreadPoolExecutor(8, thread_name_prefix="callback")
        threading.Thread(target=self._run, name="callbacks", daemon=True).start()

    def reset(self):
        with self.ready:
            self.waiting = []
            self.held = []
            self.serial = 0
            self.callback_retry_scale = 1
            self.log = deque(maxlen=1000)
            self.ready.notify()

    def stop(self):
        with self.ready:
            self.stopped = True
            self.ready.notify()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def announce(self, checkout):
        if checkout.return_url:
            self.send(Delivery(checkout.return_url, checkout.id, checkout.reference))

    def send(self, delivery):
        hits = self.faults.take(Stage.CALLBACK, delivery.operation, lambda: delivery.reference)
        scripted = {fault.name: fault.arguments for fault in hits}
        if "drop_callbacks" in scripted:
            self._note(delivery, "dropped")
            return
        delay = scripted.get("delay_callbacks", {}).get("seconds", 0)
        for _ in range(2 if "double_callbacks" in scripted else 1):
            if "reorder_callbacks" in scripted:
                self._hold(delivery, scripted["reorder_callbacks"]["seconds"])
            else:
                self._plan(delivery, delay)
                self._release(delivery.operation)

    def _hold(self, delivery, seconds):
        with self.ready:
            self.held.append(delivery)
        self._plan(delivery, seconds, held=True)

    def _release(self, operation):
        """What was held back goes out just after the one that overtook it."""
        with self.ready:
            held = [each for each in self.held if each.operation == operation]
            self.held = [each for each in self.held if each.operation != operation]
        for delivery in held:
            self._plan(delivery, 0.1)

    def _plan(self, delivery, seconds, *, held=False):
        with self.ready:
            self.serial += 1
            heappush(self.waiting, (time.monotonic() + seconds, self.serial, held, delivery))
            self.ready.notify()

    def _run(self):
        while not self.stopped:
            with self.ready:
                pause = self.waiting[0][0] - time.monotonic() if self.waiting else None
                if pause is None or pause > 0:
                    self.ready.wait(pause)
                    continue
                _, _, held, delivery = heappop(self.waiting)
                if held and delivery not in self.held:
                    continue
                if held:
                    self.held.remove(delivery)
            self._submit(delivery)

    def _submit(self, delivery):
        if not self.stopped:
            self.pool.submit(self._deliver, delivery)

    def _deliver(self, delivery):
        try:
            outcome = post_callback(delivery)
        except (OSError, http.client.HTTPException) as error:
            outcome = type(error).__name__
        self._note(delivery, outcome)
        if delivery.refused_for_now(outcome) and delivery.tries < len(RETRY_MINUTES):
            minutes = RETRY_MINUTES[delivery.tries]
            self._plan(replace(delivery, tries=delivery.tries + 1), minutes * 60 * self.callback_retry_scale)

    def _note(self, delivery, outcome):
        line = delivery.line() | {"try": delivery.tries + 1, "outcome": outcome}
        self.log.append((delivery.operation, line))

    def lines(self, operation):
        return [line for kind, line in list(self.log) if kind == operation]
