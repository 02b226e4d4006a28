"""The colours of static/css/tokens.css can be read: text 4.5 to 1, edges 3 to 1, by day and by night."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"

TEXT = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "sunk"), ("ink", "sea-tint"), ("ink", "gorse-tint"),
    ("ink", "rose-tint"), ("ink", "lichen-tint"), ("muted", "paper"), ("muted", "surface"), ("muted", "sunk"),
    ("sea", "paper"), ("sea", "surface"), ("sea", "sunk"), ("sea", "gorse-tint"), ("sea", "sea-tint"),
    ("sea-strong", "paper"), ("sea-strong", "surface"), ("rose", "paper"), ("rose", "surface"),
    ("rose", "sunk"), ("lichen", "paper"), ("lichen", "surface"), ("on-sea", "sea"), ("on-sea", "sea-strong"),
    ("on-gorse", "gorse"), ("on-gorse", "gorse-strong"), ("on-rose", "rose"), ("on-rose", "rose-strong"),
    ("on-lichen", "lichen"), ("paper", "ink"), ("on-deep", "deep"), ("deep-muted", "deep"),
    ("on-go", "go"), ("on-wait", "wait"), ("on-stop", "stop"),
]  # fmt: skip
EDGES = [
    ("edge", "paper"), ("edge", "surface"), ("edge", "sunk"), ("sea", "paper"), ("gorse", "deep"),
    ("rose", "rose-tint"), ("lichen", "lichen-tint"), ("sea", "sea-tint"), ("deep-edge", "deep"),
]  # fmt: skip


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def _schemes() -> dict[str, dict[str, str]]:
    light, dark = TOKENS.read_text().split("@media screen and (prefers-color-scheme: dark)")
    return {"light": _colours(light), "dark": _colours(light) | _colours(dark)}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([_luminance(one), _luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read_on_its_ground(scheme, text, ground):
    colours = _schemes()[scheme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_and_icons_stand_out(scheme, edge, ground):
    colours = _schemes()[scheme]
    assert contrast(colours[edge], colours[ground]) >= 3


def test_dark_scheme_answers_every_colour_but_the_door():
    light, dark = TOKENS.read_text().split("@media screen and (prefers-color-scheme: dark)")
    door = {"go", "on-go", "wait", "on-wait", "stop", "on-stop"}
    assert set(_colours(light)) - door == set(_colours(dark))
