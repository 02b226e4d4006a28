"""Scenes after dark, and indoors."""

import math
import random

from demo.posters.print_shop import (
    BLUSH,
    DEEP,
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
)


def stars(sheet, ink, *, seed, count=60, below=900):
    pick = random.Random(seed)  # noqa: S311 - a pattern, no secret
    for _ in range(count):
        sheet.disc(pick.randrange(WIDTH), pick.randrange(below), pick.choice((3, 4, 5, 8)), ink)


@scene
def lighthouse(sheet, title, line):
    sheet.fill(DEEP)
    stars(sheet, SKY, seed=3, count=40, below=700)
    sheet.shape([(760, 372), (-10, 120), (-10, 560)], GORSE)
    sheet.shape([(760, 372), (1210, 300), (1210, 480)], "#7a6a1d")
    for x, y, wide, tall, ink in ((470, 1060, 420, 330, ROSE), (980, 1080, 380, 290, "#7c352e")):
        sheet.shape([(x - wide, y), (x - wide * 0.5, y - tall * 0.7), (x, y - tall), (x + wide, y)], ink)
    sheet.shape([(560, 1060), (640, 800), (900, 780), (1010, 1060)], "#c2695d")
    sheet.shape([(690, 800), (712, 420), (808, 420), (830, 800)], PAPER)
    sheet.shape([(700, 620), (706, 520), (814, 520), (820, 620)], ROSE)
    sheet.box(690, 400, 830, 424, INK)
    sheet.box(720, 330, 800, 400, SAND)
    sheet.slice(760, 334, 56, 180, 360, ROSE)
    for y, ink, shift in ((1010, SEA, 0), (1060, "#3b8ea3", 2), (1110, INK, 4)):
        sheet.hill(y, ink, swell=16, length=330, shift=shift)
    sheet.words(title, line, PAPER, second=GORSE, top=1140)


@scene
def castle(sheet, title, line):
    sheet.fill("#123f4f")
    sheet.disc(850, 360, 240, SAND)
    sheet.disc(770, 320, 210, "#123f4f")
    stars(sheet, SAND, seed=12, count=45, below=600)
    sheet.shape([(-10, 1080), (200, 820), (520, 760), (980, 800), (1210, 960), (1210, 1500), (-10, 1500)], LICHEN)
    walls = ((180, 700, 460, 900), (420, 560, 640, 900), (620, 660, 900, 900), (860, 740, 1040, 920))
    for number, (left, top, right, bottom) in enumerate(walls):
        tower(sheet, left, top, right, bottom, (ROSE, "#c2695d", "#8f3f36", "#c2695d")[number])
    for x, y in ((505, 660), (560, 660), (700, 760), (800, 760), (290, 790)):
        sheet.slice(x, y, 16, 180, 360, GORSE)
        sheet.box(x - 16, y, x + 16, y + 44, GORSE)
    sheet.hill(960, INK, swell=34, length=1400, shift=2)
    sheet.words(title, line, PAPER, second=GORSE)


def tower(sheet, left, top, right, bottom, ink):
    sheet.box(left, top, right, bottom, ink)
    step = (right - left) / 7
    for number in range(0, 7, 2):
        sheet.box(left + number * step, top - step * 0.9, left + (number + 1) * step, top + 1, ink)


@scene
def staves(sheet, title, line):
    sheet.fill(ROSE)
    for number in range(5):
        wave = [(x, 300 + number * 62 + stave_lift(x)) for x in range(-20, WIDTH + 30, 12)]
        sheet.line(wave, PAPER, 7)
    notes = ((150, 4, GORSE), (330, 1, INK), (480, 3, PAPER), (660, 0, GORSE), (840, 2, INK), (1020, 4, PAPER))
    for x, row, ink in notes:
        y = 300 + row * 62 + stave_lift(x)
        sheet.disc(x, y, 54, ink, 42)
        sheet.line([(x + 48, y - 4), (x + 48, y - 260)], ink, 14)
        if row % 2 == 0:
            sheet.shape([(x + 42, y - 262), (x + 150, y - 150), (x + 150, y - 90), (x + 42, y - 190)], ink)
    sheet.slice(1200, 1500, 620, 180, 270, "#8f3f36")
    sheet.slice(1200, 1500, 430, 180, 270, INK)
    sheet.words(title, line, PAPER, second=GORSE, top=980, right=1000)


def stave_lift(x):
    return 150 * math.sin(x / 1200 * math.tau * 0.8 + 0.5) + 120


@scene
def dolmen(sheet, title, line):
    sheet.fill(GORSE)
    sheet.rays(600, 760, 0, 1500, "#f8cf4b", count=36, turn=3)
    sheet.disc(600, 760, 260, ROSE)
    sheet.disc(600, 760, 190, "#d9776a")
    sheet.hill(880, LICHEN, swell=24, length=1200, shift=1.2)
    for x, top, wide in ((300, 600, 110), (560, 640, 80), (860, 590, 120)):
        sheet.shape([(x - wide, 1010), (x - wide * 0.7, top), (x + wide * 0.6, top - 20), (x + wide, 1010)], INK)
    sheet.shape([(130, 600), (200, 490), (700, 450), (1060, 510), (1090, 590), (640, 640)], INK)
    sheet.shape([(200, 560), (230, 510), (700, 472), (1000, 520), (640, 540)], "#33404f")
    sheet.hill(1000, DEEP, swell=20, length=1500, shift=3)
    sheet.words(title, line, PAPER, second=GORSE, top=1040)


@scene
def cinema(sheet, title, line):
    sheet.fill(INK)
    stars(sheet, SAND, seed=21, count=50, below=420)
    sheet.shape([(1080, 1010), (230, 250), (230, 800)], "#3c4450")
    sheet.shape([(170, 220), (770, 260), (770, 740), (170, 820)], PAPER)
    sheet.shape([(200, 252), (740, 288), (740, 716), (200, 786)], SKY)
    sheet.disc(540, 430, 90, GORSE)
    sheet.shape([(200, 786), (200, 620), (360, 520), (520, 650), (640, 590), (740, 660), (740, 716)], SEA)
    sheet.box(1040, 980, 1150, 1050, ROSE)
    for x in (1060, 1130):
        sheet.disc(x, 960, 44, ROSE)
        sheet.disc(x, 960, 16, INK)
    pick = random.Random(9)  # noqa: S311 - a pattern, no secret
    for row, y in enumerate((1000, 1075)):
        for x in range(40 - row * 50, 980 + row * 300, 118):
            ink = pick.choice((LICHEN, ROSE, SEA, "#8f3f36"))
            sheet.disc(x, y, 36, ink)
            sheet.slice(x, y + 100, 66, 180, 360, ink)
    sheet.box(0, 1120, WIDTH, HEIGHT, GORSE)
    sheet.words(title, line, INK, top=1130)


@scene
def black_dog(sheet, title, line):
    """Bouley Bay's own ghost: eyes as big as saucers."""
    sheet.fill(SEA)
    for radius, ink in ((620, "#0a5166"), (500, "#0a475a"), (380, DEEP)):
        sheet.disc(600, 560, radius, ink)
    sheet.shape([(230, 640), (970, 640), (1080, 1120), (120, 1120)], INK)
    sheet.disc(600, 560, 330, INK, 350)
    for side in (-1, 1):
        ear = [(200, 250), (330, 240), (440, 420), (450, 700), (370, 780), (310, 690), (270, 480)]
        sheet.shape([(600 + side * x, y) for x, y in ear], "#2d3949")
    for x in (460, 740):
        sheet.disc(x, 470, 120, GORSE)
        sheet.ring(x, 470, 92, "#c98f00", 12)
        sheet.disc(x, 470, 50, INK)
        sheet.disc(x + 18, 450, 14, PAPER)
    sheet.disc(600, 800, 210, "#2d3949", 190)
    sheet.shape([(540, 560), (660, 560), (760, 740), (440, 740)], "#2d3949")
    sheet.slice(600, 900, 64, 0, 180, ROSE)
    sheet.disc(600, 730, 100, INK, 66)
    sheet.disc(570, 712, 22, "#5d6b7d", 12)
    sheet.line([(600, 780), (600, 880)], INK, 12)
    for side in (-1, 1):
        sheet.ring(600 + side * 74, 850, 74, INK, 12, 0, 180)
    sheet.box(0, 1080, WIDTH, HEIGHT, INK)
    sheet.words(title, line, PAPER, second=GORSE, top=1080)


@scene
def choir(sheet, title, line):
    sheet.fill(DEEP)
    for x in (220, 600, 980):
        sheet.slice(x, 330, 150, 180, 360, "#0f4657")
        sheet.box(x - 150, 329, x + 150, 1000, "#0f4657")
    robes = (ROSE, LICHEN, GORSE, SEA, PAPER)
    skins = ("#f0c9a4", "#8a5a3c", "#d8a071", "#f3d7bd", "#5e3b28")
    for row, y in enumerate((560, 760, 970)):
        for number, x in enumerate(range(120 + (row % 2) * 120 - 120, 1330, 240)):
            singer(sheet, x, y, robes[(number + row * 2) % 5], skins[(number * 2 + row) % 5])
    sheet.box(0, 1100, WIDTH, HEIGHT, PAPER)
    sheet.words(title, line, INK, top=1110, second=ROSE)


def singer(sheet, x, y, robe, skin):
    sheet.slice(x, y + 230, 150, 180, 360, robe)
    sheet.box(x - 150, y + 229, x + 150, y + 420, robe)
    sheet.disc(x, y, 84, skin, 94)
    sheet.slice(x, y - 14, 88, 180, 360, INK)
    sheet.disc(x, y + 38, 22, INK, 30)
    for side in (-1, 1):
        sheet.ring(x + side * 32, y + 4, 14, INK, 6, 180, 360)
    sheet.shape([(x - 90, y + 150), (x, y + 176), (x, y + 246), (x - 90, y + 220)], PAPER)
    sheet.shape([(x + 90, y + 150), (x, y + 176), (x, y + 246), (x + 90, y + 220)], SAND)


@scene
def star_trails(sheet, title, line):
    sheet.fill("#0a2230")
    pick = random.Random(5)  # noqa: S311 - a pattern, no secret
    inks = (GORSE, SKY, PAPER, BLUSH, "#3b8ea3", SAND)
    for radius in range(40, 1150, 26):
        start = pick.randrange(360)
        for part in range(3):
            begin = start + part * 120
            sheet.ring(690, 470, radius, pick.choice(inks), 6, begin, begin + pick.randrange(35, 95))
    sheet.disc(690, 470, 12, PAPER)
    sheet.hill(1000, LICHEN, swell=40, length=1600, shift=0.4)
    sheet.hill(1050, INK, swell=34, length=1000, shift=2.2)
    sheet.box(250, 780, 330, 1060, INK)
    sheet.slice(290, 790, 60, 180, 360, INK)
    sheet.words(title, line, PAPER, second=GORSE, top=1090)


@scene
def organ(sheet, title, line):
    sheet.fill(SAND)
    count, left, wide = 11, 70, 96
    for number in range(count):
        x = left + number * wide
        tall = 380 + 420 * abs(math.cos(math.pi * (number + 0.5) / count))
        top = 960 - tall
        ink = (SEA, DEEP)[number % 2]
        sheet.slice(x + wide / 2 - 4, top, wide / 2 - 8, 180, 360, ink)
        sheet.shape([(x + 4, top), (x + 84, top), (x + 84, 850), (x + 44, 960), (x + 4, 850)], ink)
        sheet.slice(x + wide / 2 - 4, 800, 26, 180, 360, GORSE)
        sheet.box(x + wide / 2 - 30, 800, x + wide / 2 + 22, 812, GORSE)
        sheet.line([(x + 20, top + 20), (x + 20, 780)], SKY, 6)
    sheet.box(0, 960, WIDTH, 1000, ROSE)
    sheet.box(0, 1000, WIDTH, HEIGHT, INK)
    sheet.words(title, line, PAPER, second=GORSE, top=1030)


@scene
def supper(sheet, title, line):
    sheet.fill(LICHEN)
    for x in range(0, WIDTH, 120):
        sheet.box(x, 0, x + 60, 980, "#4c8a59")
    sheet.disc(600, 520, 400, PAPER)
    sheet.ring(600, 520, 310, SKY, 14)
    sheet.petals(600, 520, 260, 56, GORSE, count=9, turn=10)
    sheet.disc(600, 520, 92, ROSE)
    for x in (90, 1110):
        sheet.box(x - 14, 300, x + 14, 860, INK)
    for prong in (-40, 0, 40):
        sheet.box(90 + prong - 9, 180, 90 + prong + 9, 330, INK)
    sheet.box(42, 310, 138, 344, INK)
    sheet.shape([(1096, 160), (1150, 230), (1150, 480), (1096, 520)], INK)
    sheet.box(0, 980, WIDTH, HEIGHT, ROSE)
    sheet.words(title, line, PAPER, second=SAND, top=1010)
