"""The sandbox as one JSON file, so that a restart keeps open checkouts."""

import dataclasses
import datetime as dt
import json
import os
import threading
import time
import typing
from decimal import Decimal
from itertools import count
from pathlib import Path

from .records import ChargeBack, Checkout, Code, Entry, Refund, Token, Transaction

PAUSE_SECONDS = 0.3


def dump_sandbox(sandbox):
    with sandbox.lock:
        document = {
            "checkouts": [dataclasses.asdict(each) for each in sandbox.checkouts.values()],
            "transactions": [dataclasses.asdict(each) for each in sandbox.transactions.values()],
            "entries": [dataclasses.asdict(each) for found in sandbox.entries.values() for each in found],
            "codes": [dataclasses.asdict(each) for each in sandbox.grants.codes.values()],
            "balance": sandbox.ledger.balance,
            "tokens": [dataclasses.asdict(each) for each in sandbox.grants.tokens.values()],
        }
    return json.dumps(document, default=str)


def load_sandbox(sandbox, text):
    document = json.loads(text)
    with sandbox.lock:
        sandbox.reset()
        for row in document["checkouts"]:
            checkout = _restore(Checkout, row)
            sandbox.checkouts[checkout.id] = checkout
            sandbox.references[checkout.merchant_code, checkout.reference] = checkout.id
        for row in document["transactions"]:
            row["refunds"] = [_restore(Refund, each) for each in row["refunds"]]
            row["charge_backs"] = [_restore(ChargeBack, each) for each in row.get("charge_backs", ())]
            transaction = _restore(Transaction, row)
            sandbox.transactions[transaction.id] = transaction
            sandbox.codes[transaction.code] = transaction.id
        for row in document["entries"]:
            sandbox.keep(_restore(Entry, row))
        _load_grants(sandbox.grants, document)
        _load_ledger(sandbox.ledger, document)
        made = (len(each.refunds) + len(each.charge_backs) for each in sandbox.transactions.values())
        sandbox.numbers = count(len(sandbox.transactions) + sum(made) + 1)


def _load_grants(grants, document):
    """An older file has none."""
    grants.codes = {row["digest"]: _restore(Code, row) for row in document.get("codes", ())}
    grants.tokens = {row["digest"]: _restore(Token, row) for row in document.get("tokens", ())}


def _load_ledger(ledger, document):
    balances = document.get("balance", {}).items()
    ledger.balance = {code: None if amount is None else Decimal(amount) for code, amount in balances}
    ledger.remember()


def _restore(kind, row):
    hints = typing.get_type_hints(kind)
    return kind(**{name: _revive(hints[name], value) for name, value in row.items()})


def _revive(hint, value):
    """Text back into the type of the field; `X | None` and lists are what the records use."""
    options = [each for each in typing.get_args(hint) or (hint,) if each is not type(None)]
    wanted = options[0]
    if value is None or not isinstance(value, str) or wanted is str:
        return value
    return dt.datetime.fromisoformat(value) if wanted is dt.datetime else wanted(value)


class Keeper:
    """Writes the file soon after a change, never half: first beside it, then over it."""

    def __init__(self, sandbox, path):
        self.sandbox = sandbox
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.written = None
        self.finished = threading.Event()
        self.saving = threading.Lock()
        if self.path.exists():
            self._load()

    def _load(self):
        """A file nobody can read any more is put aside: it is from an older version, or was edited."""
        try:
            load_sandbox(self.sandbox, self.path.read_text())
        except (ValueError, KeyError, TypeError, AttributeError):
            self.sandbox.reset()
            self.path.replace(self.path.with_suffix(f"{self.path.suffix}.unreadable"))

    def start(self):
        threading.Thread(target=self._run, name="keeper", daemon=True).start()

    def stop(self):
        self.finished.set()
        self.save()

    def save(self):
        with self.saving:
            if self.sandbox.changes != self.written:
                self._write()

    def _write(self):
        changes = self.sandbox.changes
        draft = self.path.with_suffix(f"{self.path.suffix}.new")
        with draft.open("w") as file:
            file.write(dump_sandbox(self.sandbox))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        self.written = changes

    def _run(self):
        """The more there is to write, the longer the pause: saving takes a tenth of the time at most."""
        pause = PAUSE_SECONDS
        while not self.finished.wait(pause):
            started = time.monotonic()
            self.save()
            pause = max(PAUSE_SECONDS, 10 * (time.monotonic() - started))
