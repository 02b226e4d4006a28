"""The addresses of the site, as an administrator and as an organiser ask for them: each by itself, and with the
searches, pages and exports that its answer offers."""

import re
from itertools import islice

from django.conf import settings
from django.test import Client

from bench.cost import Cost, measure
from bench.profiles import SHARES
from tests.architecture.walk.addresses import every_address
from tests.architecture.walk.expectations import BREAKS, EXPECTED, OWN, PUBLIC, SHARED, SIGNED_IN, STAFF
from tests.architecture.walk.findings import SEARCHES

EACH = 200  # milliseconds of CPU
TARGETS = {
    "health": 30,
    "health-live": 30,
    "health-sell": 30,
    "metrics": 30,
    "wagtail_serve": 60,
    "calendar": 60,
    "rss": 60,
    "sitemap": 300,
    "sitemap-part": 300,
    "launch": 500,
}
FEW = (OWN, SHARED, SIGNED_IN)
ROLES = {"administrator": None, "organiser": FEW, **dict.fromkeys(SHARES, FEW)}
ASKED_FOR = ("ana", "buyer77@example.je", "je-00002222", "event 77")
LISTS = {"wagtail_serve", "index", "list", "choose", "scan", "wagtailadmin_explore", "search"}
LISTS |= {"row_suggestions", "payments_health", "type_use", "scan-performance"}
"""Where searches, further pages, orders and exports are tried: every page has a field that leads somewhere else. Who
has many events opens nothing else."""
EXPORTS = ("export=csv", "export=xlsx")
SORTS = re.compile(r"[?&;]ordering=-?([a-z_]+)")
PIECES = 1  # of an export that streams: some 500 rows


def measure_all(site):
    clients = {role: sign_in(site.staff[role]) for role in ROLES} | {"stranger": Client(**RAISES)}
    for address in every_address(site.own):
        for role in roles_of(address):
            yield from measure_address(clients[role], role, address)


RAISES = {"raise_request_exception": False}


def sign_in(user):
    client = Client(**RAISES)
    client.force_login(user)
    return client


def roles_of(address):
    expected = EXPECTED[address.name]
    if expected == PUBLIC:
        return ["stranger"]
    roles = [role for role, words in ROLES.items() if words is None or expected in words or expected == STAFF]
    return [role for role in roles if role not in SHARES or is_list(address)]


def is_list(address):
    return address.name.rpartition(":")[2] in LISTS or "reports" in address.path


def measure_address(client, role, address):
    bare = measure_path(client, role, address, address.path)
    yield bare
    status, text = bare.outcome or (0, "")
    joint = "&" if "?" in address.path else "?"
    for query in offered(text) if status == 200 and is_list(address) else ():
        yield measure_path(client, role, address, f"{address.path}{joint}{query}")


def measure_path(client, role, address, path):
    cost = Cost("addresses", f"{address.name} {role} {path}", TARGETS.get(address.name, EACH))
    measure(cost, lambda: read(client, path))
    status, _text = cost.outcome or (0, "")
    if status >= 500 and address.name not in BREAKS:
        cost.reads.append(f"answered {status}")
    return cost


def read(client, path):
    """The status, and the answer's text: of what streams the first rows. Django's client closes it once it is
    forgotten, without the connection that what was done is undone by."""
    answer = client.get(path, headers={"host": "127.0.0.1", "authorization": f"Bearer {settings.METRICS_TOKEN}"})
    if answer.streaming:
        pieces = list(islice(answer.streaming_content, PIECES))
        return answer.status_code, b"".join(pieces).decode(errors="replace")
    return answer.status_code, answer.content.decode(errors="replace")


def offered(text):
    """Queries that a visitor may make from this page."""
    if 'name="find"' in text or SEARCHES.search(text):
        field = "find" if 'name="find"' in text else "q"
        yield from (f"{field}={words}" for words in ASKED_FOR)
    if "export=csv" in text:
        yield from EXPORTS
    if "p=2" in text:
        yield "p=2"
    for name in sorted(set(SORTS.findall(text))):
        yield from (f"ordering={name}", f"ordering=-{name}")
