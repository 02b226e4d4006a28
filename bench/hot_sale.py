"""A hot sale: 200 seats, 400 buyers, 32 at a time, all of one sale's row."""

from bench import rush
from bench.processes import Meter, database_pid
from bench.report import Report
from bench.world import world

SEATS, BUYERS = 200, 400
WARM_UP = 64


def main():
    report = Report(f"A hot sale: {SEATS} seats, {BUYERS} buyers, {rush.AT_A_TIME} at a time")
    with world() as here:
        from bench import rows

        other = rows.make_free_event(capacity=1000, title="Something Else")
        page = rows.make_free_event(capacity=SEATS)
        with here.running("web") as stack:
            rush.run(stack.port, other, range(WARM_UP))
            with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
                crowd = rush.run(stack.port, page, range(BUYERS))
        add(report, crowd, meter)
        report.add("tickets in the database", rows.tickets_of(page), most=SEATS, least=SEATS)
        report.add("counters that disagree with their rows", rows.drifts(), most=0)
    report.show()


def add(report, crowd, meter):
    outcomes = crowd.outcomes
    report.add("purchases", outcomes[rush.BOUGHT] / crowd.seconds, "/s", least=50)
    report.add("bought", outcomes[rush.BOUGHT], most=SEATS, least=SEATS)
    report.add("told that it is sold out", outcomes[rush.REFUSED], most=BUYERS - SEATS, least=BUYERS - SEATS)
    report.add("buyers in trouble", outcomes[rush.TROUBLE], most=0)
    spent = (meter.spent["web"] + meter.spent["database"]) / outcomes[rush.BOUGHT] * 1000
    report.add("CPU an order, web and database, refusals included", spent, "ms")
    report.note("the time of those who come too late counts in the pace")
    for each in crowd.of(rush.TROUBLE)[:3]:
        report.note(each.detail)


if __name__ == "__main__":
    main()
