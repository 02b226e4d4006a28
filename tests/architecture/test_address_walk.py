import json
import time
from collections import Counter

import pytest

from tests.architecture.walk.addresses import every_address
from tests.architecture.walk.findings import Findings
from tests.architecture.walk.walking import make_walker
from tests.architecture.walk.world import make_world

pytestmark = pytest.mark.django_db


def test_first(settings):
    world = make_world()
    walkers = {role: make_walker(role, user) for role, user in world.staff.items()}
    walkers |= {"stranger": make_walker("stranger"), "buyer": make_walker("buyer")}
    f = Findings(world, walkers)
    seen = {}
    spent = Counter()
    orig = f.ask

    def spy(role, verb, address, **kw):
        kw.setdefault("body", None)
        t = time.process_time()
        a = orig(role, verb, address, **kw)
        spent[role] += time.process_time() - t
        seen.setdefault(address.name, []).append(
            (role, verb, address.path, a.status, a.place, bool(a.is_refusal), bool(a.names_others))
        )
        return a

    which = ""
    f.ask = spy
    for which, rows in (("foreign", world.foreign), ("own", world.own)):
        for address in every_address(rows):
            if which == "own" and not address.has_ids and address.name != "wagtail_bulk_action":
                continue
            f.visit(address, "shared" if which == "foreign" else "own", foreign=which == "foreign")
    print(spent, f.tried, f.shown)
    json.dump(seen, open("/tmp/jt/scope_seen.json", "w"))
    open("/tmp/jt/scope_wrong.txt", "w").write("\n".join(f.wrong))
