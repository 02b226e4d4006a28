"""Programs that never outlive whoever started them: the demo, the tests and the benchmarks use them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(with_signal=signal.SIGTERM):
    """For the calling process: even `kill -9` of its parent ends it. Linux only; elsewhere it does nothing."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, int(with_signal))


class Program:
    """One child in a session of its own, so that a Ctrl-C reaches only the parent, which then stops it in order."""

    def __init__(self, name, command, *, env=None, output=subprocess.PIPE, parting=signal.SIGTERM, **options):
        self.name, self.parting = name, parting
        self.process = subprocess.Popen(
            [str(word) for word in command],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parting),
            **options,
        )

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.poll() is None

    def follow(self, say):
        """Calls `say(line)` for every line it writes, from a thread."""

        def read():
            for line in self.process.stdout:
                say(line.decode(errors="replace").rstrip("\n"))

        thread = threading.Thread(target=read, name=f"output of {self.name}", daemon=True)
        thread.start()
        return thread

    def signal(self, number):
        """To it and all its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def stop(self, *, patience=10):
        """Asks, waits `patience` seconds, then kills what is left of it."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, self.parting)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.kill()

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()
