"""TERM, as every platform sends it. Last of the folder: nothing runs any more afterwards."""

import os
import signal
import threading

from django.db import connection, transaction

from tests.harness import until


def test_the_worker_keeps_nobody_waiting_when_it_is_told_to_stop(site):
    assert site.end(site.worker) == 0


def test_the_web_process_finishes_what_it_is_answering_before_it_stops(site, visitor, sale):
    """A page waits for a locked table when TERM comes; the lock goes away and the page arrives whole."""
    assert visitor.hold(sale[0].pk, {sale[1].pk: 1}).status == 303
    pages = []
    visit = threading.Thread(target=lambda: pages.append(visitor.get("/tickets/basket/")))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE ticketing_basketline IN ACCESS EXCLUSIVE MODE")
        visit.start()
        until(lambda: waiting(cursor), what="a page that waits")
        os.kill(site.web.program.pid, signal.SIGTERM)
        assert not pages
    visit.join(20)
    assert [page.status for page in pages] == [200]
    until(lambda: not site.web.program.running, what="the end of web")
    assert site.web.program.process.returncode == 0


def waiting(cursor):
    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return cursor.fetchone()[0]


def test_no_log_line_names_the_buyer(site):
    for member in (site.web, site.worker):
        assert "ana@example.je" not in member.log
        assert "Ana Vautier" not in member.log
