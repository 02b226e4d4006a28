"""Ink, paper and type: what every poster is made with. Measures in pixels of a sheet of 1200 by 1500."""

import math
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 1500
OVER = 2
"""Drawn this much larger and scaled down, so that edges are smooth."""

PAPER, INK, SEA, DEEP = "#fbf8f3", "#1b2430", "#0b5c73", "#0b3441"
GORSE, ROSE, LICHEN, FOG = "#f2b705", "#a94f45", "#3f7a4b", "#e6e1d8"
SKY, BLUSH, SAND = "#9cc9d3", "#e3a99d", "#f0d9a0"

FONTS = Path(__file__).resolve().parents[3] / "ticketing" / "fonts"


def scene(function):
    function.is_scene = True
    return function


@cache
def face(name, size):
    return ImageFont.truetype(FONTS / f"{name}.ttf", size)


def turned(points, centre, degrees):
    x0, y0 = centre
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(x0 + (x - x0) * cos - (y - y0) * sin, y0 + (x - x0) * sin + (y - y0) * cos) for x, y in points]


class Sheet:
    def __init__(self):
        self.image = Image.new("RGB", (WIDTH * OVER, HEIGHT * OVER), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def png(self):
        data = BytesIO()
        small = self.image.reduce(OVER).quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        small.save(data, "PNG")
        return data.getvalue()

    def fill(self, ink):
        self.box(0, 0, WIDTH, HEIGHT, ink)

    def box(self, left, top, right, bottom, ink):
        self.pen.rectangle([left * OVER, top * OVER, right * OVER - 1, bottom * OVER - 1], fill=ink)

    def shape(self, points, ink):
        self.pen.polygon([(x * OVER, y * OVER) for x, y in points], fill=ink)

    def line(self, points, ink, width):
        self.pen.line([(x * OVER, y * OVER) for x, y in points], fill=ink, width=round(width * OVER), joint="curve")

    def disc(self, x, y, radius, ink, height=None):
        tall = height or radius
        self.pen.ellipse([(x - radius) * OVER, (y - tall) * OVER, (x + radius) * OVER, (y + tall) * OVER], fill=ink)

    def slice(self, x, y, radius, start, end, ink):
        box = [(x - radius) * OVER, (y - radius) * OVER, (x + radius) * OVER, (y + radius) * OVER]
        self.pen.pieslice(box, start, end, fill=ink)

    def ring(self, x, y, radius, ink, width, start=0, end=360):
        box = [(x - radius) * OVER, (y - radius) * OVER, (x + radius) * OVER, (y + radius) * OVER]
        self.pen.arc(box, start, end, fill=ink, width=round(width * OVER))

    def hill(self, top, ink, *, swell=60, length=900, shift=0.0, bottom=HEIGHT):
        """Land or water: everything below one long wave."""
        ridge = [(x, top + swell * math.sin(x / length * math.tau + shift)) for x in range(-10, WIDTH + 20, 10)]
        self.shape([*ridge, (WIDTH + 10, bottom), (-10, bottom)], ink)

    def scallops(self, top, ink, *, radius=60, shift=0):
        """Water as children cut it from paper: a row of half rounds with everything below filled."""
        for x in range(-radius + shift - 2 * radius, WIDTH + 2 * radius, 2 * radius):
            self.disc(x, top, radius, ink)
        self.box(0, top, WIDTH, HEIGHT, ink)

    def rays(self, x, y, inner, outer, ink, *, count=24, share=0.5, turn=0.0):
        step = math.tau / count
        for number in range(count):
            start = number * step + math.radians(turn)
            corners = [(start, inner), (start, outer), (start + step * share, outer), (start + step * share, inner)]
            self.shape([(x + math.cos(a) * r, y + math.sin(a) * r) for a, r in corners], ink)

    def petals(self, x, y, length, width, ink, *, count=8, turn=0.0):
        for number in range(count):
            angle = turn + 360 / count * number
            leaf = [
                (x + length * t / 12, y + width * math.sin(math.pi * t / 12) * side)
                for side, steps in ((1, range(13)), (-1, range(12, -1, -1)))
                for t in steps
            ]
            self.shape(turned(leaf, (x, y), angle), ink)

    def words(self, title, line, ink, *, top=1060, bottom=1420, left=80, right=1120, second=None, largest=190):
        """The title as large as its room allows, and one small line of place at the foot."""
        small = face("Commissioner-Regular", 50 * OVER)
        room = bottom - top - 96
        size, rows = self.fit(title, right - left, room, largest)
        lead = size * 0.92
        y = bottom - 96 - lead * len(rows) - size * 0.12
        for row in rows:
            self.pen.text((left * OVER, y * OVER), row, font=face("Piazzolla-Bold", size * OVER), fill=ink)
            y += lead
        self.pen.text((left * OVER, (bottom - 56) * OVER), line, font=small, fill=second or ink)

    def fit(self, title, width, height, largest):
        for size in range(largest, 40, -6):
            font = face("Piazzolla-Bold", size * OVER)
            rows = self.wrap(title, font, width * OVER)
            if rows and size * 0.92 * len(rows) + size * 0.12 <= height:
                return size, self.balance(title, font, width * OVER, rows)
        return 40, [title]

    def balance(self, title, font, width, rows):
        """As many rows, as even as they get: no word left alone."""
        for narrower in range(int(width), int(width / 3), -20):
            tried = self.wrap(title, font, narrower)
            if not tried or len(tried) > len(rows):
                break
            rows = tried
        return rows

    def wrap(self, title, font, width):
        rows, row = [], ""
        for word in title.split():
            longer = f"{row} {word}".strip()
            if font.getlength(longer) <= width:
                row = longer
                continue
            rows.append(row)
            row = word
        rows = [*filter(None, rows), row]
        return rows if all(font.getlength(one) <= width for one in rows) else []
