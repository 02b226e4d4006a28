"""`python -m sumup_simulator --port 8091 [--host 127.0.0.1] [--state FILE] [--public-url URL]
[--redirect-uri URL …]`."""

import argparse
import signal
import sys
import threading

from sumup_simulator.sandbox.persistence import Keeper

from .application import Application
from .server import SimulatorServer


def read_arguments():
    parser = argparse.ArgumentParser(prog="python -m sumup_simulator", description="A stand-in for SumUp.")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", metavar="FILE", help="keep checkouts over a restart")
    parser.add_argument("--public-url", help="what hosted pages are called instead of the Host header")
    parser.add_argument("--redirect-uri", action="append", metavar="URL", help="where OAuth may send people back to")
    return parser.parse_args()


def main():
    options = read_arguments()
    application = Application()
    if options.redirect_uri:
        application.sandbox.grants.register(options.redirect_uri)
    keeper = Keeper(application.sandbox, options.state) if options.state else None
    try:
        server = SimulatorServer((options.host, options.port), application=application, public_url=options.public_url)
    except OSError as error:
        sys.exit(f"The simulator cannot listen on {options.host}:{options.port}: {error.strerror}.")
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: threading.Thread(target=server.stop, daemon=True).start())
    if keeper:
        keeper.start()
    sys.stdout.write(f"SumUp simulator ready on {server.url}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    if keeper:
        keeper.stop()


if __name__ == "__main__":
    main()
