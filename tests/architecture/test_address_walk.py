"""Every address, with every verb, for every role, with the ids of somebody else: zero foreign names in any answer."""

import time
from collections import Counter

import pytest

from tests.architecture.walk.addresses import every_address
from tests.architecture.walk.walking import ask, form_of, make_walker
from tests.architecture.walk.world import QUERY, make_world

pytestmark = pytest.mark.django_db


def test_first(settings):
    t = time.time()
    world = make_world()
    print("world", time.time() - t)
    walkers = {role: make_walker(role, user) for role, user in world.staff.items()}
    walkers |= {"stranger": make_walker("stranger"), "buyer": make_walker("buyer")}
    spent, tried = Counter(), Counter()
    for which, rows in (("foreign", world.foreign), ("own", world.own)):
        for address in every_address(rows):
            path = address.path + (f"?id={address.id}" if address.id and "?" not in address.path else "")
            t = time.time()
            told = ask(walkers["administrator"], "GET", path, world=world)
            body = form_of(told)
            spent["administrator"] += time.time() - t
            print("ADMIN", which, address.name, path, told.status, told.place, "MARK" if told.names_others else "")
            for role, walker in walkers.items():
                if which == "own" and role not in ("organiser", "treasurer", "door"):
                    continue
                for verb in ("GET", "POST"):
                    t = time.time()
                    answer = ask(walker, verb, path, world=world, body=body)
                    spent[role] += time.time() - t
                    tried[role] += 1
                    if answer.status >= 500:
                        print("BROKEN", which, role, verb, address.name, path, answer.status)
                    if role != "administrator" and answer.names_others:
                        i = answer.names_others.start()
                        print("LEAK", which, role, verb, address.name, path, answer.status, answer.names_others.string[max(0, i-90):i+40].replace("\n"," "))
                    if role != "administrator" and answer.touched:
                        print("TOUCHED", which, role, verb, address.name, path, answer.touched)
                    if role in ("organiser","stranger","door","treasurer") and verb == "GET":
                        print("SEEN", which, role, address.name, answer.status, "refused" if answer.is_refusal else "")
    print(spent, tried)
