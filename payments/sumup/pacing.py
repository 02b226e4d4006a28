"""How fast we ask: evenly, so that no second sees more calls than allowed. Shared by all threads of a process."""

import threading
import time


class Pace:
    """Hands out moments `1 / per_second` seconds apart; whoever asks waits for theirs."""

    def __init__(self, per_second):
        self.gap = 1 / per_second
        self.free_at = 0
        self.lock = threading.Lock()

    def wait(self):
        with self.lock:
            moment = max(time.monotonic(), self.free_at)
            self.free_at = moment + self.gap
        time.sleep(max(0, moment - time.monotonic()))
