"""What POST /_sim/settings may change; `control.py` lists the settings."""

from decimal import Decimal

from sumup_simulator.sandbox.records import as_json_number


class Misused(Exception):
    """Whoever steers the simulator asked for nonsense: a sentence, and the status to say it with."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.status = status


def change_settings(till, body):
    """Everything is read before anything changes. The answer shows all settings."""
    read = {name: SETTINGS[name][1](body, name) for name in body if _known(name)}
    sandbox = till.sandbox
    owners = {"ledger": sandbox.ledger, "grants": sandbox.grants, "callbacks": till.callbacks, "events": till.events}
    for name, value in read.items():
        owner = owners[SETTINGS[name][0]]
        setattr(owner, name, getattr(owner, name) | value if isinstance(value, dict) else value)
    return {name: _shown(name, getattr(owners[owner], name)) for name, (owner, _) in SETTINGS.items()}


def _shown(name, value):
    if name == "events_secret":
        return bool(value)
    if not isinstance(value, dict):
        return value
    return {key: each if each is None else as_json_number(each) for key, each in value.items()}


def _known(name):
    if name not in SETTINGS:
        raise Misused(f"There is no setting {name}; there are: {', '.join(SETTINGS)}.")
    return True


def number_in(body, name):
    value = body.get(name)
    if isinstance(value, bool) or not hasattr(value, "real"):
        raise Misused(f"{name} must be a number.")
    return value


def switch_in(body, name):
    if not isinstance(body[name], bool):
        raise Misused(f"{name} must be true or false.")
    return body[name]


def text_in(body, name):
    if not isinstance(body[name], str | None):
        raise Misused(f"{name} must be a text, or null.")
    return body[name]


def addresses_in(body, name):
    value = body[name]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Misused(f"{name} must be a list of addresses.")
    return tuple(value)


def balances_in(body, name):
    """Of the merchants named; null means that there is no limit."""
    value = body[name]
    if not isinstance(value, dict):
        raise Misused(f"{name} must be an object of merchant codes and amounts.")
    return {code: None if value[code] is None else money_in(value, code) for code in value}


def money_in(body, name):
    return round(Decimal(str(number_in(body, name))), 2)


# Where each lives, and its reader
SETTINGS = {
    "callback_retry_scale": ("callbacks", number_in),
    "mark_refunded": ("ledger", switch_in),
    "balance": ("ledger", balances_in),
    "events_url": ("events", text_in),
    "events_secret": ("events", text_in),
    "redirect_uris": ("grants", addresses_in),
    "payments_scope": ("grants", switch_in),
    "rotate_refresh_tokens": ("grants", switch_in),
}
