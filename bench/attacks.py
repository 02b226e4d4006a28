"""What one merchant's buyers or one visitor do to everybody: `python -m bench.attacks NAME PORT PAGE SECONDS`.

In a process of its own, so that it takes none of the time of those who are measured beside it. Prints one line of JSON
about what came of it.
"""

import json
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import suppress

from bench.browser import Browser, home_of
from bench.rush import hold

HOARDER, VANDAL = "127.66.0.1", "127.77.0.1"
PATIENCE = 15  # seconds that they wait for an answer
AFTERWARDS = 60  # seconds to be sent on after it woke: a call may hang 15 more, what was put off is due after 30
CROWD = 12  # buyers of the silent merchant at once
MEGABYTE = b"x" * 1_000_000


def main(name, port, page, seconds):
    attacks = {"silent": wait_for_silent_merchant, "hoarding": hoard, "rubbish": send_rubbish}
    print(json.dumps(attacks[name](int(port), page, time.monotonic() + int(seconds))))


def together(jobs):
    threads = [threading.Thread(target=job, args=args, daemon=True) for job, *args in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def again(over, pause, deed):
    """`deed` again and again, whatever the site makes of it."""
    while time.monotonic() < over:
        with suppress(OSError, LookupError, ValueError, TypeError):
            deed()
        time.sleep(pause)


# Buyers of a merchant whose SumUp hangs


def wait_for_silent_merchant(port, page, over):
    crowd = [Unlucky(port, page, number) for number in range(CROWD)]
    together([(each.keep_trying, over) for each in crowd])
    together([(each.follow, time.monotonic() + AFTERWARDS) for each in crowd])
    return {
        "waits": [wait for each in crowd for wait in each.waits],
        "told": sum(each.told for each in crowd),
        "sent_on": sum(bool(each.browser.left_for) for each in crowd),
        "of": len(crowd),
    }


class Unlucky:
    """Orders, waits on the page that says so, and begins anew, as people do."""

    def __init__(self, port, page, number):
        self.port, self.page, self.number = port, page, number
        self.waits, self.told, self.orders = [], 0, 0
        self.browser, self.address = Browser(port), "/"

    def keep_trying(self, over):
        time.sleep(self.number / 2)  # one after the other, as people come
        while time.monotonic() < over:
            with suppress(OSError, LookupError):
                self.order()
            for _ in range(3):
                time.sleep(2)
                with suppress(OSError):
                    self.browser.ask("GET", f"{self.address}status.json")

    def order(self):
        self.browser = Browser(self.port, source=home_of(self.number), timeout=PATIENCE)
        form = hold(self.browser, self.page)
        began = time.monotonic()
        name = f"unlucky{self.number}x{self.orders}"
        self.orders += 1
        self.browser.submit(form, name="Una Lucky", email=f"{name}@example.je", **dict.fromkeys(form.boxes, "on"))
        self.waits.append(time.monotonic() - began)
        self.address = self.browser.path
        self.told += b"We could not reach SumUp just now" in self.browser.page

    def follow(self, over):
        """As the page does without a script."""
        while time.monotonic() < over and not self.browser.left_for:
            with suppress(OSError):
                self.browser.get(f"{self.address}to-sumup/")
            time.sleep(2)


# One address that hoards


def hoard(port, page, over):
    done = Counter()
    together([(again, over, 0.1, Hoarder(port, page, number, done).take) for number in range(4)])
    return done


class Hoarder:
    """As many seats as a form gives; every second basket is ordered and never paid."""

    def __init__(self, port, page, number, done):
        self.port, self.page, self.number, self.done = port, page, number, done
        self.taken = 0

    def take(self):
        self.taken += 1
        with Browser(self.port, source=HOARDER, timeout=PATIENCE) as browser:
            self.done["tried"] += 1
            form = hold(browser, self.page, quantity="10")
            self.done["baskets"] += 1
            if self.taken % 2:
                email = f"hoarder{self.number}x{self.taken}@example.je"
                browser.submit(form, name="Hal Oard", email=email, **dict.fromkeys(form.boxes, "on"))
                self.done["orders"] += bool(browser.left_for)


# One visitor who sends rubbish


def send_rubbish(port, page, over):
    done = Counter()
    vandal = Vandal(port, page, done)
    kinds = [
        (vandal.half_a_header, 0.1, 24),
        (vandal.huge_form, 0.5, 1),
        (vandal.long_header, 0.2, 2),
        (vandal.nowhere, 0.05, 2),
        (vandal.guess, 0.2, 2),
    ]
    together([(again, over, pause, deed) for deed, pause, threads in kinds for _ in range(threads)])
    return done


class Vandal:
    def __init__(self, port, page, done):
        self.port, self.page, self.done = port, page, done

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=5, source_address=(VANDAL, 0))

    def say(self, head, *parts):
        """Then waits for the beginning of an answer, or for the end of the connection."""
        with self.connect() as connection:
            connection.sendall(f"{head}\r\n\r\n".encode())
            for part in parts:
                connection.sendall(part)
            return connection.recv(4096)

    def half_a_header(self):
        """A line now and then, and never the last one."""
        with self.connect() as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            self.done["half-sent"] += 1
            for _ in range(5):
                time.sleep(1)
                connection.sendall(b"X-Slow: yes\r\n")

    def huge_form(self):
        self.done["huge forms"] += 1
        head = "POST /tickets/find/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded"
        self.say(f"{head}\r\nContent-Length: {40 * len(MEGABYTE)}", *[MEGABYTE] * 40)

    def long_header(self):
        self.done["long headers"] += 1
        long = "a." * 3500
        self.say(f"GET {self.page} HTTP/1.1\r\nHost: {long}")
        self.say(f"POST /tickets/find/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://{long}\r\nContent-Length: 0")

    def nowhere(self):
        self.done["random paths"] += 1
        self.say(
            f"GET /events/{time.monotonic_ns():x}/?q={time.monotonic_ns()} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}"
        )

    def guess(self):
        self.done["guesses"] += 1
        with Browser(self.port, source=VANDAL, timeout=5) as browser:
            browser.get("/admin/login/")
            form = browser.form("/login/")
            browser.submit(form, username="admin", password=f"guess{time.monotonic_ns()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
