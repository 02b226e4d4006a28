"""Rate limit of calls, shared by all threads of a process."""

import threading
import time


class RateLimit:
    """Moments `1 / per_second` seconds apart, one for each call."""

    def __init__(self, per_second):
        self.gap = 1 / per_second
        self.free_at = 0
        self.lock = threading.Lock()

    def wait(self, most=None):
        """False, and no moment is taken, when the next free one is more than `most` seconds away."""
        with self.lock:
            moment = max(now := time.monotonic(), self.free_at)
            if most is not None and moment - now > most:
                return False
            self.free_at = moment + self.gap
        time.sleep(max(0, moment - time.monotonic()))
        return True
