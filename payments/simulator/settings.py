"""What POST /_sim/settings may change; `control.py` lists the settings."""


class Misused(Exception):
    """Whoever steers the simulator asked for nonsense: a sentence, and the status to say it with."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.status = status


def change_settings(sandbox, callbacks, body):
    """Everything is read before anything changes. The answer shows all settings."""
    read = {name: SETTINGS[name][1](body, name) for name in body if _known(name)}
    owners = {"sandbox": sandbox, "grants": sandbox.grants, "callbacks": callbacks}
    for name, value in read.items():
        setattr(owners[SETTINGS[name][0]], name, value)
    return {name: getattr(owners[owner], name) for name, (owner, _) in SETTINGS.items()}


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


def addresses_in(body, name):
    value = body[name]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Misused(f"{name} must be a list of addresses.")
    return tuple(value)


# Where each lives, and its reader
SETTINGS = {
    "callback_retry_scale": ("callbacks", number_in),
    "mark_refunded": ("sandbox", switch_in),
    "redirect_uris": ("grants", addresses_in),
    "payments_scope": ("grants", switch_in),
    "rotate_refresh_tokens": ("grants", switch_in),
}
