"""How gunicorn serves the site. PORT, WEB_CONCURRENCY and FORWARDED_ALLOW_IPS are gunicorn's own variables."""

import os
import shutil
import tempfile

import gunicorn.http.wsgi

pythonpath = "site"
wsgi_app = "config.wsgi"
# Without PORT gunicorn listens on loopback; a platform that sets PORT routes to it from outside.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# A thread gets complete requests alone and never waits for a client (site/common/server/), so a few are enough; each
# holds a connection to the database, and small ones have twenty.
worker_class = "common.server.worker.PatientWorker"
threads = 4
worker_connections = 450  # a process; each may have a file open too, and systems allow 1024 in all
keepalive = 15
# The site lies at the root of its host. gunicorn would let a router of the same machine move it (SCRIPT_NAME), and not
# every router keeps a visitor's own header of that name to itself.
forwarder_headers = ""
# Each worker loads the site itself: nothing that was opened before a fork (a database connection, Sentry's thread) is
# ever shared, at the price of some memory.
preload_app = False
timeout = 30
graceful_timeout = 25
control_socket_disable = True
# Whoever asks for an access log (--access-logfile -) gets one without the tokens of orders.
logger_class = "common.logs.access_log.Logger"
access_log_format = '%(h)s %(t)s "%(r)s" %(s)s %(B)s %(D)s "%(a)s" %({x-request-id}o)s'
gunicorn.http.wsgi.SERVER = "web"  # what the Server header tells strangers

# Every worker counts its requests in a file of its own; /metrics adds them up. The folder goes when gunicorn stops.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="jersey-events-metrics-")


def on_exit(server):
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
