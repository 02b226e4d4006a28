"""The chart of verification times, drawn as SVG by a template: a bar per day, from median to 95th percentile. Drawn
here so that the page needs no script."""

from dataclasses import dataclass
from math import log10

from django.utils.translation import gettext_lazy as _

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 12, 30
GRID = [(1, _("1 s")), (10, _("10 s")), (60, _("1 min")), (600, _("10 min")), (3600, _("1 h"))]
LONGEST = 7200  # seconds: longer ones are drawn at the edge


@dataclass(frozen=True)
class DayBar:
    """`top` is the 95th percentile, `middle` the median."""

    day: object
    x: int
    top: int
    middle: int


@dataclass(frozen=True)
class GridLine:
    y: int
    label: str

    @property
    def label_y(self):
        return self.y + 4  # half a letter: the line runs through its middle


@dataclass(frozen=True)
class VerificationChart:
    width: int
    height: int
    left: int
    right: int
    lines: list
    bars: list
    label_x: int
    label_y: int


def build_verification_chart(days):
    """None when nothing was paid. The scale is logarithmic."""
    if not any(each.payments for each in days):
        return None
    step = (WIDTH - LEFT - RIGHT) / len(days)
    bars = [
        DayBar(each.day, round(LEFT + step * (number + 0.5)), y_of_seconds(each.p95), y_of_seconds(each.median))
        for number, each in enumerate(days)
        if each.payments
    ]
    lines = [GridLine(y_of_seconds(seconds), label) for seconds, label in GRID]
    return VerificationChart(WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, lines, bars, LEFT - 8, HEIGHT - 8)


def y_of_seconds(seconds):
    share = log10(min(max(seconds, 1), LONGEST)) / log10(LONGEST)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM))
