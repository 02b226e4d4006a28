"""A hot sale: 200 seats, 400 buyers, 32 at a time, all of one sale's row, against one with seats for everybody."""

from bench import rush
from bench.plain import PlainResponse
from bench.processes import Meter, database_pid
from bench.report import PLAIN, Report
from bench.world import world

SEATS, BUYERS = 200, 400
WARM_UP = 64
AS_COLD = 0.9  # times the pace of a sale with seats for everybody


def main():
    report = Report(f"A hot sale: {SEATS} seats, {BUYERS} buyers, {rush.AT_A_TIME} at a time")
    with world() as here:
        from bench import rows

        other = rows.make_free_event(capacity=1000, title="Something Else")
        page = rows.make_free_event(capacity=SEATS)
        with here.running("web") as stack:
            rush.run(stack.port, other, range(WARM_UP))
            unit = PlainResponse(here.folder)
            cold = rush.run(stack.port, other, range(WARM_UP, WARM_UP + SEATS))
            with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
                crowd = rush.run(stack.port, page, range(BUYERS))
            unit.measure()
        add_outcomes(report, crowd)
        report.add("tickets in the database", rows.tickets_of(page), most=SEATS, least=SEATS)
        report.add("counters that disagree with their rows", rows.drifts(), most=0)
        add_pace(report, cold, crowd)
        spent = (meter.spent["web"] + meter.spent["database"]) / SEATS * 1000
        report.add("CPU of an order, web and database, refusals included", unit.count(spent), PLAIN)
        unit.tell(report)
    report.show()


def add_outcomes(report, crowd):
    outcomes = crowd.outcomes
    report.add("bought", outcomes[rush.BOUGHT], most=SEATS, least=SEATS)
    report.add("told that it is sold out", outcomes[rush.REFUSED], most=BUYERS - SEATS, least=BUYERS - SEATS)
    report.add("buyers in trouble", outcomes[rush.TROUBLE], most=0)
    for each in crowd.of(rush.TROUBLE)[:3]:
        report.note(each.detail)


def add_pace(report, cold, hot):
    """As long as there are seats: who comes too late is quicker done with."""
    usual = len(cold.of(rush.BOUGHT)) / cold.seconds
    until_sold = max(each.ended for each in hot.of(rush.BOUGHT)) - hot.began
    pace = len(hot.of(rush.BOUGHT)) / until_sold
    report.add("purchases while there are seats", pace, "/s")
    report.add("purchases of the other sale", usual, "/s")
    noisy = "two paces, each of some seconds, on a machine that does other things too"
    report.add("times the pace of the other sale", pace / usual, "x", least=AS_COLD, noisy=noisy)


if __name__ == "__main__":
    main()
