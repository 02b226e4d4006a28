"""Every address, as every role, with the ids of somebody else: no answer names what is theirs, no row of it changes."""

import pytest
from django.conf import settings

from tests.architecture.walk.addresses import BULK, every_address, names
from tests.architecture.walk.expectations import EXPECTED
from tests.architecture.walk.findings import Findings
from tests.architecture.walk.walking import make_walker
from tests.architecture.walk.world import make_world

FEWEST_SHOWN = 80
postgres = pytest.mark.skipif("postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="searches in lists")


def test_every_address_has_an_expectation_and_every_expectation_an_address():
    assert names() - EXPECTED.keys() == set(), "say in tests/architecture/walk/expectations.py who may open these"
    assert EXPECTED.keys() - names() == set(), "these are no more"


@postgres
@pytest.mark.django_db
def test_nobody_is_shown_or_changes_what_is_anothers(settings, record_property):
    settings.RATE_LIMITS = False
    world = make_world()
    findings = Findings(world, walkers_of(world))
    for address in every_address(world.foreign):
        findings.visit(address, EXPECTED[address.name], foreign=True)
    for address in every_address(world.own):
        if address.has_ids or address.name == BULK:  # the others are the same as before
            findings.visit(address, EXPECTED[address.name], foreign=False)
    record_property("asked", findings.tried)
    assert findings.wrong == []
    assert findings.shown > FEWEST_SHOWN, "administrators see next to nothing of Ben's: the walk is blind"


def walkers_of(world):
    walkers = {role: make_walker(role, user) for role, user in world.staff.items()}
    return walkers | {"stranger": make_walker("stranger")}
