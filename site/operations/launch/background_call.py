"""Questions to other machines, asked beside the work and waited for no longer than agreed."""

import contextvars
import queue
import threading
import time

PATIENCE = 8  # seconds from the first question of a run to the last answer


class TooSlow(Exception):
    """No answer in time."""


class BackgroundCall:
    """Begins at once in a thread of its own; `answer()` waits for it. The question never touches the database.

    It runs in the context of whoever asks: what is short in a web request is short here too.
    """

    def __init__(self, question, *args, patience=PATIENCE):
        self.answers = queue.SimpleQueue()
        self.until = time.monotonic() + patience
        self.known = None
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._ask, question, args), daemon=True).start()

    def answer(self):
        """What the question returned; raises what it raised, or `TooSlow`. The same however often one asks."""
        if self.known is None:
            try:
                self.known = self.answers.get(timeout=max(0.001, self.until - time.monotonic()))
            except queue.Empty:
                self.known = None, TooSlow()
        value, error = self.known
        if error:
            raise error
        return value

    def _ask(self, question, args):
        try:
            self.answers.put((question(*args), None))
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits for the answer gets it
            self.answers.put((None, error))
