"""What a ticket costs to draw, and what it weighs: an order of one and an order of ten, with distinct QR codes."""

import time
from statistics import median

from bench.report import Report
from bench.world import world
from common import runtime

ROUNDS = 30
AIMS = {1: 10, 10: 5}  # milliseconds a ticket, by the tickets in the order
HEAVIEST = 7  # kilobytes a ticket


def main():
    report = Report("PDF tickets")
    with world():
        from tests.factories import make_order, make_type

        runtime.freeze_gc()  # as the worker does when it starts
        kind = make_type()
        for tickets, aim in AIMS.items():
            measure(report, make_order(kind, quantity=tickets), tickets, aim)
    report.note(f"CPU of this process, queries included; median of {ROUNDS} after a first, slower one")
    report.show()


def measure(report, order, tickets, aim):
    cold, document = drawn(order)
    warm = sorted(drawn(order)[0] for _ in range(ROUNDS))
    name = "alone" if tickets == 1 else f"in an order of {tickets}"
    report.add(f"a ticket {name}", median(warm) / tickets, "ms", most=aim)
    report.add(f"a ticket {name}, the slowest tenth", warm[-ROUNDS // 10] / tickets, "ms")
    report.add(f"weight of a ticket {name}", len(document) / tickets / 1000, "KB", most=HEAVIEST)
    report.add(f"the first document, {name}", cold, "ms")


def drawn(order):
    from ticketing.documents import pdf

    began = time.process_time()
    document = pdf.build_order_pdf(order)
    return (time.process_time() - began) * 1000, document


if __name__ == "__main__":
    main()
