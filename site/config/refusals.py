"""What production never starts with. Each rule has a name, under which the launch check shows it too."""

import base64

EXAMPLES = ("change-me", "development", "test-only")


def refusals(settings):
    """{name: what is wrong and what to do}, in the order in which it matters; empty when production may start.

    `settings` is anything with the names as attributes: a settings module that is just being read, or Django's own.
    """
    found = {}
    for name, wrong, why in (*_own(settings), *_sumup(settings), *_address(settings)):
        if wrong:
            found.setdefault(name, why)
    return found


def _own(settings):
    """What must be secret, and nobody else's."""
    key, tickets = settings.SECRET_KEY, settings.TICKET_SIGNING_KEYS.values()
    yield "debug", settings.DEBUG, "DEBUG must be false in production: it shows settings to strangers."
    yield (
        "secret-key",
        len(key) < 50 or _is_example(key),
        "SECRET_KEY must be a random text of at least 50 characters of your own, not an example."
        if key
        else "SECRET_KEY is not set: `openssl rand -base64 48` makes one.",
    )
    yield (
        "secret-key",
        any(map(_is_example, settings.SECRET_KEY_FALLBACKS)),
        "SECRET_KEY_FALLBACKS holds an example: sessions and links signed with it would be taken for ours.",
    )
    yield (
        "ticket-keys",
        any(map(_is_example, tickets)),
        "TICKET_SIGNING_KEYS must hold keys of your own (A:secret): anybody could forge tickets signed with an "
        "example.",
    )


def _sumup(settings):
    yield (
        "sumup-address",
        settings.SUMUP_API_URL != settings.SUMUP_LIVE_URL,
        f"SUMUP_API_URL must be {settings.SUMUP_LIVE_URL} in production: the simulator takes no money.",
    )
    yield (
        "sumup-key",
        _is_example(settings.SUMUP_API_KEY, "sup_sk_demo"),
        "SUMUP_API_KEY is an example or the simulator's demo key: use your own.",
    )
    yield (
        "sumup-app",
        _is_example(settings.SUMUP_CLIENT_SECRET, "cc_sk_sim_demo"),
        "SUMUP_CLIENT_SECRET is an example or the simulator's: use your own app's.",
    )
    yield (
        "events-secret",
        _is_example(settings.SUMUP_EVENTS_SECRET),
        "SUMUP_EVENTS_SECRET is an example: anybody could sign events with it.",
    )
    yield (
        "token-keys",
        settings.SUMUP_CLIENT_ID and not settings.TOKEN_ENCRYPTION_KEYS,
        "TOKEN_ENCRYPTION_KEYS is not set, and SUMUP_CLIENT_ID lets organisers connect: their tokens are only stored "
        "encrypted. `openssl rand -base64 32 | tr +/ -_` makes a key.",
    )
    yield (
        "token-keys",
        any(_is_example(base64.urlsafe_b64decode(key).decode("latin-1")) for key in settings.TOKEN_ENCRYPTION_KEYS),
        "TOKEN_ENCRYPTION_KEYS must hold random keys of your own, not examples.",
    )


def _address(settings):
    hosts = settings.ALLOWED_HOSTS
    yield "allowed-hosts", not hosts, "ALLOWED_HOSTS must name the site's hosts, separated by commas."
    yield (
        "allowed-hosts",
        "*" in hosts,
        "ALLOWED_HOSTS must name the site's hosts; * lets anybody speak for them.",
    )
    yield (
        "site-url",
        not settings.SITE_URL.startswith("https://"),
        "SITE_URL must start with https:// in production.",
    )


def _is_example(secret, *more):
    return any(example in secret for example in (*EXAMPLES, *more))
