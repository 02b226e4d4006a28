"""What a telephone fetches for the pages that everybody opens: as sent, without pictures that lie further down."""

import pytest

from tests import factories
from tests.e2e.conftest import PHONE

pytestmark = pytest.mark.browser

KB = 1024
SHEETS, FONTS = 52 * KB, 62 * KB
"""Sheets and scripts as they are: production sends a quarter of that."""
BUDGETS = {
    # the page compressed, its sheets and scripts, its fonts, pictures in the first window
    "home": (5 * KB, SHEETS, FONTS, 60 * KB),
    "list": (6 * KB, SHEETS, FONTS, 60 * KB),
    "event": (7 * KB, SHEETS, FONTS, 60 * KB),
    "checkout": (5 * KB, SHEETS, FONTS, 0),
    "order": (5 * KB, SHEETS, FONTS, 10 * KB),
}
PARTS = ("page", "sheets and scripts", "fonts", "pictures")
WEIGH = """() => {
  const size = {};
  for (const one of performance.getEntriesByType('resource')) size[one.name] = one;
  const sum = found => found.reduce((total, one) => total + (one ? one.encodedBodySize : 0), 0);
  const named = ending => Object.values(size).filter(one => ending.test(new URL(one.name).pathname));
  const shown = [...document.images].filter(one => {
    const box = one.getBoundingClientRect();
    return box.top < innerHeight && box.bottom > 0 && box.width > 0;
  });
  return [
    performance.getEntriesByType('navigation')[0].encodedBodySize,
    sum(named(/\\.(css|js)$/)),
    sum(named(/\\.woff2$/)),
    sum(shown.map(one => size[one.currentSrc])),
    shown.length,
  ];
}"""


def weigh(visitor):
    visitor.page.wait_for_load_state("networkidle")
    return visitor.page.evaluate(WEIGH)


def open_home(visitor):
    visitor.go("/")


def open_list(visitor):
    visitor.go("/events/")


def open_event(visitor):
    visitor.go("/events/a-midsummer-nights-dream/")


def open_checkout(visitor):
    visitor.hold(factories.make_type(price="0.00"))
    visitor.go("/tickets/checkout/")


def open_order(visitor):
    open_checkout(visitor)
    visitor.check_out()
    visitor.sees_heading("You’re going to")
    visitor.page.reload()


OPEN = {"home": open_home, "list": open_list, "event": open_event, "checkout": open_checkout, "order": open_order}


@pytest.mark.parametrize("name", OPEN)
def test_a_page_is_no_heavier_than_its_budget(visit, name):
    visitor = visit(**PHONE)
    OPEN[name](visitor)
    *found, pictures = weigh(visitor)
    told = dict(zip(PARTS, found, strict=True))
    assert all(told[part] > 0 for part in PARTS[:3]), told
    assert bool(told["pictures"]) == bool(pictures), told
    assert all(weight <= most for weight, most in zip(found, BUDGETS[name], strict=True)), told
