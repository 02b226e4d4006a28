"""One site with the demo's content, its worker and SumUp's stand-in as processes, and one Chromium, for all browser
tests. The tests add their own events through Django's models, which look at the same database."""

import pytest
from django.test import override_settings

from tests import chromium as chromium_for_tests
from tests.e2e.visitor import PATIENCE, Visitor
from tests.process_fixtures import stacks

DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.fixture(scope="package")
def shop(tmp_path_factory, django_db_blocker):
    folder = tmp_path_factory.mktemp("shop")
    with (
        stacks(folder, django_db_blocker) as make,
        override_settings(MEDIA_ROOT=folder / "media"),
    ):
        running = make()
        running.manage("load_demo")
        with running:
            yield running


@pytest.fixture(scope="package")
def chromium():
    with chromium_for_tests.running(patience=PATIENCE) as browser:
        yield browser


@pytest.fixture
def visit(shop, chromium):
    """`visit(**options)`: another person with a browser of their own. At the end no page they saw had complained."""
    visitors = []

    def come(**options):
        visitors.append(Visitor(chromium.new_context(locale="en-GB", base_url=shop.url, **DESKTOP | options), shop))
        return visitors[-1]

    yield come
    complaints = [each for visitor in visitors for each in visitor.complaints]
    for visitor in visitors:
        visitor.leave()
    shop.simulator.clear_faults()
    assert not complaints


@pytest.fixture
def visitor(visit):
    """On a desktop, with JavaScript."""
    return visit()


@pytest.fixture(params=["desktop", "phone", "desktop without JavaScript", "phone without JavaScript"])
def any_visitor(request, visit):
    device = PHONE if "phone" in request.param else DESKTOP
    return visit(**device, java_script_enabled="without" not in request.param)
