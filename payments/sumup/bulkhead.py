"""Bulkheads: a merchant whose SumUp hangs keeps only itself waiting.

Web requests about one merchant have few places at once, all processes of a machine together, and none for some seconds
after SumUp gave no answer in time. A place is a locked file, so it is free again when its process dies. Without a
folder to write to each process counts for itself. A worker is never refused: it finds out when SumUp answers again.
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

from payments import time_limits
from payments.provider import Hung, NotAsked, Unreachable
from payments.sumup import timed_http

PLACES = 3  # calls of web requests about one merchant, on a machine
PLACES_HERE = 2  # and in one process, whose other threads have visitors of their own
ALL_PLACES, ALL_PLACES_HERE = 5, 3  # the same about all merchants together: pages go on when all of SumUp hangs
WAIT_SECONDS = 0.5  # seconds that a request waits for a place while they come and go
CLOCK_SLACK = 0.05  # seconds by which a clock may be early
FIRST_REST, LONGEST_REST = 5, 30  # seconds without calls after the first hang, and after many

_lock = threading.Lock()
_taken = Counter()  # places of this process
_strains = {}  # those of this process, where there is no folder


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
                response = timed_http.send_request(session, method, url, seconds=seconds, **options)
            except requests.RequestException as error:
                # Not chained: requests' own text may quote an address, a header or what was sent.
                raise self._failure(error, hung=time.monotonic() - began > seconds - CLOCK_SLACK) from None
        self._note_answer()
        return response

    @property
    def is_strained(self):
        return self._strain() is not None

    @contextmanager
    def _admitted(self):
        """Few requests at once; while SumUp keeps silent one, after a rest. Raises `NotAsked`."""
        if not time_limits.is_in_request():
            yield
            return
        strain = self._strain()
        if strain and strain.is_resting:
            raise NotAsked("SumUp did not answer a moment ago")
        own = Places(self.folder, self.key, 1, 1) if strain else Places(self.folder, self.key, PLACES, PLACES_HERE)
        everybody = Places(self.folder, "all", ALL_PLACES, ALL_PLACES_HERE)
        ends = time.monotonic() + (0 if strain else min(WAIT_SECONDS, time_limits.seconds_left()))
        with own.taken(ends), everybody.taken(ends):
            yield

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
            with suppress(OSError):  # where nothing can be written any more, the rest runs out by itself
                self._file.unlink()

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


@dataclass(frozen=True)
class Places:
    """`most` on the machine, `most_here` in this process."""

    folder: Path
    key: str
    most: int
    most_here: int

    @contextmanager
    def taken(self, ends):
        """Waits for a place until `ends` (time.monotonic) as long as others come free. Raises `NotAsked`."""
        while (place := self.take()) is None:
            if time.monotonic() >= ends or not self._changed_lately():
                raise NotAsked("others are waiting for an answer already")
            time.sleep(0.02)
        try:
            yield
        finally:
            place.close()

    def take(self):
        with _lock:
            if _taken[self.key] >= self.most_here:
                return None
            _taken[self.key] += 1
        place = Place(self.key)
        try:
            place.file = self._lock_one()
        except OSError:
            return place  # there is no folder
        if place.file is None:
            place.close()
            return None
        return place

    def _lock_one(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        return next(filter(None, map(lock_file, self._files)), None)

    def _changed_lately(self):
        return any(was_touched_lately(file) for file in self._files)

    @property
    def _files(self):
        return [self.folder / f"{self.key}.{number}" for number in range(self.most)]


class Place:
    def __init__(self, key):
        self.key, self.file = key, None

    def close(self):
        if self.file:
            self.file.close()
        with _lock:
            _taken[self.key] -= 1


def lock_file(path):
    file = open(path, "ab")  # noqa: SIM115 - it is the place: whoever gets it closes it
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    os.utime(path)
    return file


def was_touched_lately(path):
    with suppress(OSError):
        return abs(time.time() - path.stat().st_mtime) < WAIT_SECONDS
    return False


def reset_bulkheads(folder):
    """As on a machine that has just started: for tests."""
    _strains.clear()
    _taken.clear()
    for file in Path(folder).glob("*.strain"):
        with suppress(OSError):
            file.unlink()


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
