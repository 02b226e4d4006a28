"""One merchant whose SumUp hangs keeps only itself waiting.

Web requests about one merchant have few places at once, all processes of a machine together, and none at all for some
seconds after SumUp gave no answer in time. A place is a locked file, so it goes with the process that held it. Without
a folder to write to, each process counts for itself. A worker is never refused: it finds out when SumUp answers again.
"""

import fcntl
import os
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import requests

from payments.sumup import time_limits, wire
from payments.sumup.errors import Hung, NotAsked, Unreachable

PLACES = 3  # calls of web requests about one merchant
ALL_PLACES = 5  # and about all merchants together: pages go on when all of SumUp hangs
PATIENCE = 0.5  # seconds that a request waits for a place while SumUp answers
A_MOMENT = 0.05  # seconds by which a clock may be early
FIRST_REST, LONGEST_REST = 5, 30  # seconds without calls after the first hang, and after many

_here = threading.Lock()
_taken = Counter()  # places of this process, where there is no folder
_strains = {}  # the same of strains


@dataclass(frozen=True)
class Strain:
    """How often in a row SumUp kept silent, and until when no request asks it."""

    hangs: int
    until: int

    @property
    def is_resting(self):
        return time.time() < self.until <= time.time() + LONGEST_REST  # longer, and the clock was turned back


class Bulkhead:
    """`name` says whose calls these are: a merchant code."""

    def __init__(self, folder, name):
        self.folder = Path(folder)
        self.key = sha256(name.encode()).hexdigest()[:16]

    def ask(self, session, method, url, **options):
        """The answer within the limit of whoever runs this. Raises `NotAsked`, `Hung` or `Unreachable`."""
        with self._admitted():
            seconds = time_limits.seconds_left()
            if seconds <= 0:
                raise NotAsked("no time is left in this request")
            began = time.monotonic()
            try:
                response = wire.ask(session, method, url, seconds=seconds, **options)
            except requests.RequestException as error:
                # Not chained: requests' own text may quote an address, a header or what was sent.
                raise self._failure(error, hung=time.monotonic() - began > seconds - A_MOMENT) from None
        self._note_answer()
        return response

    @property
    def is_strained(self):
        """Whether the last call brought no answer in time."""
        return self._strain() is not None

    @contextmanager
    def _admitted(self):
        """Of requests few; when SumUp has been silent one that tries, after a rest. Raises `NotAsked`."""
        if not time_limits.is_in_request():
            yield
            return
        strain = self._strain()
        if strain and strain.is_resting:
            raise NotAsked("SumUp did not answer a moment ago")
        ends = time.monotonic() + (0 if strain else min(PATIENCE, time_limits.seconds_left()))
        with self._place(self.key, 1 if strain else PLACES, ends), self._place("all", ALL_PLACES, ends):
            yield

    @contextmanager
    def _place(self, key, places, ends):
        while (place := take(self.folder, key, places)) is None:
            if time.monotonic() >= ends:
                raise NotAsked("others are waiting for an answer already")
            time.sleep(0.02)
        try:
            yield
        finally:
            place.close()

    def _failure(self, error, *, hung):
        words = f"no answer ({type(error).__name__})"
        if not hung:
            return Unreachable(words)
        self._note_hang()
        return Hung(words)

    def _note_hang(self):
        """Calls that hang side by side count once."""
        strain = self._strain() or Strain(0, 0)
        if not strain.is_resting:
            rest = min(FIRST_REST * 2**strain.hangs, LONGEST_REST)
            self._write(Strain(min(strain.hangs + 1, 10), int(time.time()) + rest))

    def _note_answer(self):
        if self._strain():
            _strains.pop(self.key, None)
            self._file.unlink(missing_ok=True)

    def _strain(self):
        try:
            hangs, until = self._file.read_text().split()
            return Strain(int(hangs), int(until))
        except (OSError, ValueError):
            return _strains.get(self.key)

    def _write(self, strain):
        draft = self._file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_text(f"{strain.hangs} {strain.until}")
            draft.replace(self._file)
        except OSError:
            _strains[self.key] = strain

    @property
    def _file(self):
        return self.folder / f"{self.key}.strain"


def take(folder, key, places):
    """Something that holds one of these places until it is closed; None when all are taken."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return next(filter(None, (_lock(folder / f"{key}.{number}") for number in range(places))), None)
    except OSError:
        return PlaceHere.take(key, places)


def forget(folder):
    """As on a machine that has just started."""
    _strains.clear()
    _taken.clear()
    for file in Path(folder).glob("*.strain"):
        with suppress(OSError):
            file.unlink()


def _lock(path):
    file = open(path, "ab")  # noqa: SIM115 - it is the place: whoever gets it closes it
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


class PlaceHere:
    """A place that only this process knows of."""

    def __init__(self, key):
        self.key = key

    @classmethod
    def take(cls, key, places):
        with _here:
            if _taken[key] >= places:
                return None
            _taken[key] += 1
        return cls(key)

    def close(self):
        with _here:
            _taken[self.key] -= 1
