"""One site with the demo's content, its worker and SumUp's stand-in as processes, and one Chromium, for all browser
tests. The tests add their own events through Django's models, which look at the same database."""

import os

import pytest
from django.test import override_settings
from playwright.sync_api import expect, sync_playwright

from tests import services
from tests.e2e.visitor import PATIENCE, Visitor
from tests.process_fixtures import stacks

CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
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
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop on this thread, which Django refuses
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=services.chromium(), args=CHROMIUM_OPTIONS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


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
