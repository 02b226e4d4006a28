"""Paying, whoever asks for it: the hosted page or the control path."""

from sumup_simulator.faults import Stage


class Till:
    def __init__(self, sandbox, faults, callbacks, events):
        self.sandbox = sandbox
        self.faults = faults
        self.callbacks = callbacks
        self.events = events

    def pay(self, checkout, card, *, force=False):
        """One attempt with a test card, then the callback and the event. Raises `AlreadyProcessed` or `SessionOver`."""
        hits = self.faults.take(Stage.PAY, "pay", lambda: checkout.reference, lambda: {checkout.merchant_code})
        scripted = {fault.name: fault.arguments for fault in hits}
        transaction = self.sandbox.attempt(
            checkout,
            card,
            force=force,
            successes=2 if "two_successes" in scripted else 1,
            hidden_looks=scripted.get("paid_after_looks", {}).get("looks", 0),
            hidden_seconds=scripted.get("paid_after_seconds", {}).get("seconds", 0),
        )
        self.callbacks.announce(checkout)
        self.events.announce(checkout)
        return transaction
