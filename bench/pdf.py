"""What a ticket costs to draw, and what it weighs: an order of one and an order of ten, with distinct QR codes."""

import time
from statistics import median

from bench.plain import PlainResponse
from bench.report import PLAIN, Report
from bench.world import world
from common import runtime

ROUNDS = 30
AIMS = {1: 10, 10: 5}  # milliseconds a ticket, by the tickets in the order
HEAVIEST = 7  # kilobytes a ticket


def main():
    report = Report("PDF tickets")
    with world() as here:
        from tests.factories import make_order, make_type

        runtime.freeze_gc()  # as the worker does when it starts
        kind = make_type()
        unit = PlainResponse(here.folder)
        warm = {
            tickets: measure(report, make_order(kind, quantity=tickets), tickets, aim) for tickets, aim in AIMS.items()
        }
        unit.measure()
        for tickets, milliseconds in warm.items():
            report.add(f"a ticket {name_of(tickets)}, in plain responses", unit.count(milliseconds), PLAIN)
    report.note(f"CPU of this process, queries included; median of {ROUNDS} after a first, slower one")
    report.show()


def measure(report, order, tickets, aim):
    """Milliseconds of CPU a ticket."""
    cold, document = drawn(order)
    warm = sorted(drawn(order)[0] for _ in range(ROUNDS))
    name = name_of(tickets)
    report.add(f"a ticket {name}", median(warm) / tickets, "ms", most=aim)
    report.add(f"a ticket {name}, the slowest tenth", warm[-ROUNDS // 10] / tickets, "ms")
    report.add(f"weight of a ticket {name}", len(document) / tickets / 1000, "KB", most=HEAVIEST)
    report.add(f"the first document, {name}", cold, "ms")
    return median(warm) / tickets


def name_of(tickets):
    return "alone" if tickets == 1 else f"in an order of {tickets}"


def drawn(order):
    from ticketing.documents import pdf

    began = time.process_time()
    document = pdf.build_order_pdf(order)
    return (time.process_time() - began) * 1000, document


if __name__ == "__main__":
    main()
