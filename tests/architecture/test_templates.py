"""Templates that can be read without turning one's head. `make lint` holds their layout."""

from tests.harness import ROOT

LONGEST_LINE = 160
FOLDERS = ("templates", "events_pages/legal/legal_texts")


def test_no_line_is_too_long_to_be_read():
    found = [
        f"{path.relative_to(ROOT)}:{number} has {len(line)} characters"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.*"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert not found, (
        "Break them where the browser sees a blank anyway; inside a translation, `blocktranslate trimmed` takes the"
        " line ends out again."
    )
