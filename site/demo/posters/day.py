"""Scenes by daylight."""

import math
import random

from demo.posters.print_shop import (
    BLUSH,
    DEEP,
    FOG,
    GORSE,
    HEIGHT,
    INK,
    LICHEN,
    PAPER,
    ROSE,
    SAND,
    SEA,
    SKY,
    WIDTH,
    scene,
    turned,
)


@scene
def harbour(sheet, title, line):
    sheet.fill(SAND)
    sheet.disc(760, 560, 330, GORSE)
    sheet.hill(700, ROSE, swell=50, length=1500, shift=2.6)
    sheet.scallops(800, SKY, radius=75)
    for x, y, size, ink in ((330, 800, 1.5, PAPER), (760, 830, 1.0, ROSE), (1010, 815, 0.7, INK)):
        boat(sheet, x, y, size, ink)
    sheet.scallops(880, "#3b8ea3", radius=75, shift=75)
    sheet.scallops(960, SEA, radius=75)
    sheet.scallops(1050, DEEP, radius=75, shift=75)
    sheet.words(title, line, PAPER, second=GORSE)


def boat(sheet, x, y, size, ink):
    def at(*points):
        return [(x + px * size, y + py * size) for px, py in points]

    sheet.shape(at((-12, -20), (-12, -330), (-170, -20)), ink)
    sheet.shape(at((12, -20), (12, -280), (140, -60), (140, -20)), PAPER if ink != PAPER else ROSE)
    sheet.shape(at((-190, 0), (180, 0), (120, 70), (-130, 70)), INK)


@scene
def orchard(sheet, title, line):
    sheet.fill(LICHEN)
    spots = [(x, y) for y in range(150, 1000, 240) for x in range(150 + (y // 240 % 2) * 150, 1300, 300)]
    for number, (x, y) in enumerate(spots):
        apple(sheet, x, y, (ROSE, GORSE, PAPER, ROSE, GORSE)[number % 5])
    sheet.box(0, 1040, WIDTH, HEIGHT, PAPER)
    sheet.box(0, 1040, WIDTH, 1056, INK)
    sheet.words(title, line, INK, second=ROSE, top=1070)


def apple(sheet, x, y, ink):
    sheet.disc(x - 38, y, 72, ink, 82)
    sheet.disc(x + 38, y, 72, ink, 82)
    sheet.line([(x, y - 60), (x + 14, y - 118)], INK, 12)
    sheet.petals(x + 10, y - 92, 90, 26, "#8fcb9b", count=1, turn=-24)
    for seed in (-1, 1):
        sheet.disc(x + seed * 16, y + 8, 8, INK, 17)


@scene
def flowers(sheet, title, line):
    sheet.fill(BLUSH)
    blooms = (
        (230, 300, 230, GORSE, ROSE, 11),
        (700, 210, 200, PAPER, GORSE, 9),
        (1060, 480, 240, ROSE, PAPER, 12),
        (560, 620, 260, SEA, GORSE, 10),
        (130, 830, 210, PAPER, LICHEN, 8),
        (900, 900, 200, GORSE, INK, 10),
        (420, 1010, 130, ROSE, GORSE, 8),
        (1150, 1030, 130, LICHEN, PAPER, 9),
    )
    for number, (x, y, size, ink, heart, count) in enumerate(blooms):
        sheet.petals(x, y, size, size * 0.19, ink, count=count, turn=number * 13)
        sheet.disc(x, y, size * 0.26, heart)
        sheet.ring(x, y, size * 0.17, INK, 8)
    sheet.hill(1140, INK, swell=18, length=600)
    sheet.words(title, line, PAPER, top=1160, second=GORSE)


@scene
def tiles(sheet, title, line):
    """A dance of quarter rounds."""
    sheet.fill(PAPER)
    pick = random.Random(7)  # noqa: S311 - a pattern, no secret
    inks, side = (SEA, GORSE, ROSE, INK, LICHEN, SKY), 200
    for row in range(5):
        for column in range(6):
            x, y = column * side, row * side
            ground, front = pick.sample(inks, 2)
            sheet.box(x, y, x + side, y + side, ground)
            corner = pick.randrange(5)
            if corner == 4:
                sheet.disc(x + side / 2, y + side / 2, side / 2, front)
                sheet.disc(x + side / 2, y + side / 2, side / 5, ground)
            else:
                at = ((x, y, 0), (x + side, y, 90), (x + side, y + side, 180), (x, y + side, 270))[corner]
                sheet.slice(at[0], at[1], side, at[2], at[2] + 90, front)
    sheet.words(title, line, INK, top=1010, second=ROSE)


@scene
def lanes(sheet, title, line):
    """Branchage lanes between fields, and a sun to run into."""
    sheet.fill(SKY)
    sheet.disc(600, 420, 250, GORSE)
    sheet.hill(560, LICHEN, swell=46, length=1300, shift=1)
    sheet.hill(640, "#8fae5d", swell=60, length=1000, shift=3.4)
    bends = [(600, 600), (690, 660), (520, 740), (800, 860), (300, 1010), (900, 1240), (200, 1520)]
    for spread, ink in ((1.0, DEEP), (0.86, SAND), (0.1, PAPER)):
        left, right = [], []
        for number, (x, y) in enumerate(smooth(bends)):
            wide = (8 + 2.35 * number) * spread
            left.append((x - wide, y))
            right.append((x + wide, y))
        sheet.shape([*left, *reversed(right)], ink)
    sheet.hill(1120, DEEP, swell=34, length=1500, shift=0.6)
    sheet.words(title, line, PAPER, top=1140, second=GORSE)


def smooth(points, steps=24):
    found = []
    padded = [points[0], *points, points[-1]]
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            found.append(tuple(catmull(a[i], b[i], c[i], d[i], t) for i in (0, 1)))
    return found


def catmull(a, b, c, d, t):
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


@scene
def books(sheet, title, line):
    sheet.fill(GORSE)
    pick = random.Random(4)  # noqa: S311 - a pattern, no secret
    inks, x, number = (SEA, PAPER, ROSE, INK, LICHEN, DEEP, BLUSH), 40, 0
    while x < WIDTH - 60:
        wide, tall = pick.randrange(70, 150), pick.randrange(560, 860)
        lean = 9 if number == 5 else 0
        ink = inks[number % len(inks)]
        spine(sheet, (x, 980 - tall, x + wide, 980), ink, lean)
        x += wide + (130 if lean else 8)
        number += 1
    sheet.box(0, 980, WIDTH, 1010, INK)
    sheet.words(title, line, INK, top=1020, second=DEEP)


def spine(sheet, box, ink, lean):
    left, top, right, bottom = box
    mark = GORSE if ink in (SEA, INK, LICHEN, DEEP, ROSE) else INK

    def block(y0, y1, colour):
        corners = [(left, y0), (right, y0), (right, y1), (left, y1)]
        sheet.shape(turned(corners, (left, bottom), lean), colour)

    block(top, bottom, ink)
    block(top + 60, top + 74, mark)
    block(top + 90, top + 96, mark)
    block(bottom - 110, bottom - 90, mark)
    if not lean:
        sheet.disc((left + right) / 2, (top + bottom) / 2, (right - left) * 0.24, mark)


@scene
def pots(sheet, title, line):
    sheet.fill(FOG)
    sheet.disc(880, 330, 190, GORSE)
    sheet.box(0, 900, WIDTH, HEIGHT, ROSE)
    outlines = (
        (270, 900, (150, 210, 190, 90, 60, 110), 520, SEA, PAPER),
        (650, 900, (120, 170, 240, 250, 170, 120), 340, INK, GORSE),
        (990, 900, (90, 110, 160, 130, 60, 90), 640, PAPER, ROSE),
    )
    for x, foot, widths, tall, ink, band in outlines:
        pot(sheet, x, foot, widths, tall, ink, band)
    sheet.words(title, line, PAPER, top=960, second=SAND)


def pot(sheet, x, foot, widths, tall, ink, band):
    knots = [(wide, foot - tall * number / (len(widths) - 1)) for number, wide in enumerate(widths)]
    side = smooth(knots)
    side.append(knots[-1])
    sheet.shape([*((x - w, y) for w, y in side), *((x + w, y) for w, y in reversed(side))], ink)
    for low, high in ((0.42, 0.48), (0.55, 0.57), (0.62, 0.68)):
        part = [(w, y) for w, y in side if foot - tall * high <= y <= foot - tall * low]
        sheet.shape([*((x - w, y) for w, y in part), *((x + w, y) for w, y in reversed(part))], band)


@scene
def knitting(sheet, title, line):
    """The island's own stitch, seen close."""
    sheet.fill(DEEP)
    wide, tall = 100, 110
    pattern = ("...X...X...X", "..XXX.XXX.XX", ".XXXXXXXXXXX", "..XXX.XXX.XX", "...X...X...X", "............")
    for row in range(-1, 12):
        for column in range(12):
            marked = pattern[row % len(pattern)][column] == "X"
            ink = (GORSE if row < 6 else PAPER) if marked else ("#12546a" if (row + column) % 2 else SEA)
            x, y = column * wide, row * tall * 0.82
            sheet.shape([(x + 4, y), (x + 34, y), (x + 50, y + 78), (x + 50, y + tall)], ink)
            sheet.shape([(x + 96, y), (x + 66, y), (x + 50, y + 78), (x + 50, y + tall)], ink)
    sheet.box(0, 1000, WIDTH, HEIGHT, ROSE)
    sheet.box(0, 1000, WIDTH, 1014, PAPER)
    sheet.words(title, line, PAPER, top=1030, second=SAND)


@scene
def shells(sheet, title, line):
    sheet.fill(SEA)
    inks = (PAPER, BLUSH, SAND, SKY, GORSE)
    for row, y in enumerate(range(180, 1130, 170)):
        for column, x in enumerate(range(-100 if row % 2 else 0, 1400, 200)):
            ink = inks[(row * 2 + column * 3) % len(inks)]
            sheet.slice(x, y, 112, 180, 360, DEEP)
            sheet.slice(x, y, 102, 180, 360, ink)
            for spoke in range(195, 360, 25):
                end = (x + 102 * math.cos(math.radians(spoke)), y + 102 * math.sin(math.radians(spoke)))
                sheet.line([(x, y), end], DEEP, 5)
            sheet.slice(x, y, 34, 180, 360, ROSE)
    sheet.box(0, 1030, WIDTH, HEIGHT, SEA)
    sheet.words(title, line, PAPER, top=1040, second=GORSE)


@scene
def cliffs(sheet, title, line):
    """The north coast and its birds."""
    sheet.fill(PAPER)
    sheet.disc(340, 380, 210, BLUSH)
    sheet.box(0, 780, WIDTH, HEIGHT, SKY)
    for shift, ink in ((0, "#d18d7c"), (150, ROSE), (320, "#7c352e")):
        rock = [(1210, 330 + shift), (1010, 350 + shift), (930, 450 + shift), (800, 470 + shift), (740, 600 + shift)]
        sheet.shape([*rock, (600, 640 + shift), (560, 780 + shift), (400, 860 + shift), (1210, 1200)], ink)
    sheet.shape([(1210, 290), (1010, 322), (920, 440), (1010, 400), (1210, 370)], LICHEN)
    for x, y, size in ((300, 300, 1.5), (560, 210, 0.9), (640, 480, 0.7), (180, 620, 0.8), (860, 180, 0.6)):
        gull(sheet, x, y, size)
    for y, ink in ((900, "#3b8ea3"), (980, SEA), (1060, DEEP)):
        sheet.hill(y, ink, swell=14, length=420, shift=y)
    sheet.words(title, line, PAPER, second=GORSE, top=1090)


def gull(sheet, x, y, size):
    wing = [(0, 0), (-70, -60), (-150, -70), (-220, -30), (-150, -44), (-80, -20), (0, 40)]
    for side in (1, -1):
        sheet.shape([(x + side * px * size, y + py * size) for px, py in wing], INK)


@scene
def surf(sheet, title, line):
    sheet.fill(SAND)
    sheet.rays(860, 360, 230, 1700, "#f6e3b4", count=30)
    sheet.disc(860, 360, 200, ROSE)
    for number, ink in enumerate((DEEP, SEA, "#3b8ea3", SKY, PAPER)):
        sheet.disc(260, 900, 560 - number * 92, ink)
    sheet.disc(330, 960, 110, SAND)
    sheet.shape([(820, 900), (1210, 820), (1210, 1500), (0, 1500), (0, 960)], DEEP)
    sheet.hill(930, DEEP, swell=40, length=1100, shift=1.9)
    board = turned([(640, 560), (690, 700), (690, 860), (640, 960), (590, 860), (590, 700)], (640, 760), 24)
    sheet.shape(board, GORSE)
    sheet.line(turned([(640, 590), (640, 940)], (640, 760), 24), INK, 8)
    sheet.words(title, line, PAPER, second=GORSE, top=1050)
