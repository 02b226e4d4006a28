"""Makes the faces of this folder anew from their published files: `python build.py FOLDER`, with fontTools and brotli.

FOLDER holds, at any depth, the files that README.md lists. Each is cut down to the characters it answers for, without
hinting, and `coverage.json` says which face has which character, so that a document opens only the faces it needs.
"""

import json
import sys
from itertools import count, groupby
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
OWN = ("Commissioner-Regular.ttf", "Piazzolla-Bold.ttf")  # kept byte for byte: ordinary tickets are drawn with them
VIETNAMESE = "20 102-103 110-111 128-129 168-169 1A0-1A1 1AF-1B0 300-301 303-304 308-309 323 1EA0-1EF9 20AB 41-5A 61-7A"
SCRIPTS = {  # what a face answers for, besides the joiners and the dotted circle that shaping needs
    "Arabic": "600-61C 61E-6FF 750-77F 8A0-8FF",
    "Hebrew": "591-5F4",
    "Thai": "E01-E5B",
    "Devanagari": "900-97F 1CD0-1CFF A8E0-A8FF",
    "Bengali": "964-965 980-9FF",
    "Gurmukhi": "964-965 A00-A7F",
    "Gujarati": "964-965 A80-AFF",
    "Tamil": "964-965 B80-BFF",
    "Telugu": "964-965 C00-C7F",
    "Kannada": "964-965 C80-CFF",
    "Malayalam": "964-965 D00-D7F",
    "Sinhala": "964-965 D80-DFF",
    "Lao": "E80-EFF",
    "Myanmar": "1000-109F A9E0-A9FE AA60-AA7F",
    "Khmer": "1780-17FF 19E0-19FF",
    "Ethiopic": "1200-139F 2D80-2DDE",
    "Armenian": "531-58F FB13-FB17",
    "Georgian": "10A0-10FF 1C90-1CBF 2D00-2D2D",
}
LETTERS = "20-7E A0-5FF 1AB0-1FFF 2000-2BFF 2C60-2C7F 2DE0-2E52 A640-A7FF AB30-AB6B"
EASTERN = "1100-11FF 3000-33FF 4E00-9FFF AC00-D7A3 F900-FAFF FE10-FE66 FF01-FFEE"
EMOJI = "23 2A 30-39 200D 203C-20E3 2122-3299 FE0F 1F000-1FAFF E0020-E007F"
SHAPING = "20 200C-200D 25CC"
FACES = {  # ours: (theirs, characters), in the order in which a character looks for its face
    "Commissioner-Vietnamese.ttf": ("commissioner-vietnamese-400-normal.woff2", VIETNAMESE),
    "Piazzolla-Vietnamese.ttf": ("piazzolla-vietnamese-700-normal.woff2", VIETNAMESE),
    "NotoSans.ttf": (
        "NotoSans-Regular.ttf",
        LETTERS,
    ),
    **{f"NotoSans{name}.ttf": (f"NotoSans{name}-Regular.ttf", f"{where} {SHAPING}") for name, where in SCRIPTS.items()},
    "DroidSansFallback.ttf": (
        "DroidSansFallback.ttf",
        EASTERN,
    ),
    "DroidSansFallback-Rare.ttf": ("DroidSansFallbackFull.ttf", "3400-4DBF"),
    "DejaVuSans-Symbols.ttf": ("DejaVuSans.ttf", "2000-2BFF"),
    "NotoEmoji.ttf": (
        "noto-emoji-emoji-400-normal.woff2",
        EMOJI,
    ),
}


def build_faces(folder):
    for ours, (theirs, characters) in FACES.items():
        [source] = folder.rglob(theirs)
        cut_face(source, HERE / ours, set(codes_of(characters)))
    coverage = {name: list(ranges_of(TTFont(HERE / name).getBestCmap())) for name in [*OWN, *FACES]}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(ranges)}" for name, ranges in coverage.items())
    (HERE / "coverage.json").write_text("{\n" + lines + "\n}\n")


def cut_face(source, target, codes):
    """Layout tables stay: joining, stacking and reordering are in them. Names stay: they carry the copyright."""
    options = Options(hinting=False, notdef_outline=True, layout_features=["*"], name_IDs=["*"], legacy_kern=False)
    options.drop_tables += ["DSIG", "gasp", "STAT", "vhea", "vmtx", "meta", "TSI0", "TSI1", "TSI2", "TSI3", "TSI5"]
    face = TTFont(source)
    cutter = Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(face)
    face.flavor = None
    face.save(target)


def codes_of(ranges):
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def ranges_of(codes):
    """Codes as [first, last] pairs; the control characters that some faces list are no letters."""
    steps = count()
    for _, run in groupby(sorted(code for code in codes if code >= 0x20), key=lambda code: code - next(steps)):
        run = list(run)
        yield [run[0], run[-1]]


if __name__ == "__main__":
    build_faces(Path(sys.argv[1]))
