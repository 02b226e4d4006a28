"""Every name on paper: a shape for each character, in the order in which it is read, and no other ticket grows."""

import io
import re

import pypdf
import pytest
from reportlab.pdfbase import pdfmetrics
from xhtml2pdf.bidi import get_display

from ticketing.documents import font_families, glyph_layout, pdf

NAMES = {
    "Vietnamese": "Nguyễn Thị Hồng Ẵm",
    "Polish": "Łukasz Ściegienny",
    "Greek": "Ἀθηνᾶ Παπαδοπούλου",
    "Cyrillic": "Иван Ђорђевић Ѳ",
    "Armenian": "Գևորգ",
    "Georgian": "ნინო",
    "Chinese": "李小龍 李小龙 䶮",
    "Japanese": "さくら カタカナ 々",
    "Korean": "김민준",
    "Arabic": "محمد بن عبد الله",
    "Hebrew": "דָּוִד בן־גוריון",
    "Thai": "สมชาย ที่รัก น้ำผึ้ง",
    "Devanagari": "श्री कृष्ण द्विवेदी हिन्दी",
    "Bengali": "আনন্দ রায়",
    "Tamil": "கிருஷ்ணன்",
    "Sinhala": "සිංහල",
    "Khmer": "ខ្មែរ",
    "Myanmar": "မြန်မာ",
    "Ethiopic": "አማርኛ",
    "emoji": "Ana 🎉 👩‍👩‍👧 👍🏽 ❤️ 1️⃣ 🇯🇪",
    "mixed": "Ana محمد 12 李",
    "full width": "Ａｎａ",
    "marks that no letter has": "x̌ q̃",
}


def family(name="text"):
    return pdfmetrics.getFont(name)


def glyphs_of(text, **options):
    return list(glyph_layout.lay_out_glyphs(text, family(), **options))


@pytest.mark.parametrize("name", pdf.FONT_FILES)
def test_every_character_has_a_shape(name):
    for script, text in NAMES.items():
        assert {c for c in text if ord(c) not in family(name).face.charToGlyph and not c.isspace()} == set(), script
        glyphs = list(glyph_layout.lay_out_glyphs(text, family(name)))
        assert glyphs
        assert [glyph for glyph in glyphs if glyph.number == 0] == [], script


def test_the_list_of_characters_is_that_of_the_files():
    for file, (firsts, lasts) in font_families.font_coverage().items():
        listed = {code for a, z in zip(firsts, lasts, strict=True) for code in range(a, z + 1)}
        drawn = font_families.open_font_face(file).face.charToGlyph
        have = {code for code in drawn if 0x20 <= code < font_families.FIRST_GLYPH_CODE}
        assert listed ^ have <= {0xA0, 0xFFFF}, file  # reportlab's firm space, and the end of the files' own list


def test_every_face_has_its_licence_beside_it_and_all_are_of_a_sane_size():
    licences = {path.name.partition("-")[0] for path in font_families.FONTS.glob("*.txt")}
    designs = {re.match("Noto|[A-Za-z]+", path.name)[0] for path in font_families.FONTS.glob("*.ttf")}
    assert designs <= licences
    assert sum(path.stat().st_size for path in font_families.FONTS.iterdir()) < 8_000_000


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("محمد", "دمحم"),
        ("דוד (2)", "(2) דוד"),
        ("שלום Ana", "Ana םולש"),
        ("Ana", "Ana"),
        ("हि", "हि"),
    ],
)
def test_letters_stand_in_the_order_in_which_they_are_seen(written, seen):
    glyphs = glyphs_of(get_display(written, None), seen=True)
    assert "".join(glyph.meaning for glyph in glyphs) == seen


def test_arabic_letters_join_and_thai_marks_stack_and_devanagari_vowels_go_before():
    alone = {glyph.number for letter in "محمد" for glyph in glyphs_of(letter)}
    assert len({glyph.number for glyph in glyphs_of("محمد")} - alone) >= 2
    high, low = glyphs_of("ที่")[-1], glyphs_of("ท่")[-1]
    assert (high.number, high.y) != (low.number, low.y)
    vowel, consonant = glyphs_of("हि")
    assert consonant.number == consonant.face.face.charToGlyph[ord("ह")] != vowel.number


def test_a_word_keeps_to_one_face_where_one_has_all_of_it():
    assert len({glyph.face for glyph in glyphs_of("Ἀθηνᾶ")}) == 1
    assert [glyph.face.fontName for glyph in glyphs_of("ễn")] == ["Commissioner-Vietnamese.ttf", "text"]


def test_width_is_what_is_drawn():
    for text in NAMES.values():
        drawn = sum(glyph.advance for glyph in glyphs_of(get_display(text), seen=True))
        assert family().stringWidth(text, 10) == pytest.approx(drawn / 100)


def page(text):
    style = "body { font-family: Text } body, p { display: block }"
    return f"<html><head><style>{style}</style></head><body><p>{text}</p></body></html>"


def faces_in(file):
    fonts = pypdf.PdfReader(io.BytesIO(file)).pages[0]["/Resources"]["/Font"].values()
    return {font.get_object()["/BaseFont"].partition("+")[2] for font in fonts} - {""}


def test_a_document_holds_only_the_faces_that_it_needs():
    assert faces_in(pdf.render_pdf(page("Ana Le Brocq, Zoë, £12"))) == {"Commissioner-Regular"}
    assert faces_in(pdf.render_pdf(page("Ana 🎉"))) == {"Commissioner-Regular", "NotoEmoji"}


def test_other_faces_weigh_little_and_leave_an_ordinary_document_as_it_was():
    ordinary = pdf.render_pdf(page("Ana Le Brocq"))
    assert len(pdf.render_pdf(page("Ana 李小龙 محمد 🎉"))) - len(ordinary) < 12_000
    assert pdf.render_pdf(page("Ana Le Brocq")) == ordinary
    assert len(ordinary) < 8_000


def test_what_is_copied_from_a_page_is_the_name():
    names = {script: name for script, name in NAMES.items() if script not in ("Hebrew", "Arabic", "mixed")}
    file = pdf.render_pdf(page("</p><p>".join(names.values())))
    [only] = pypdf.PdfReader(io.BytesIO(file)).pages
    copied = without_spaces(only.extract_text())
    assert {script: name for script, name in names.items() if without_spaces(name) not in copied} == {}


def test_arabic_is_copied_in_the_order_in_which_it_is_read():
    [only] = pypdf.PdfReader(io.BytesIO(pdf.render_pdf(page(NAMES["Arabic"])))).pages
    assert only.extract_text().strip() == NAMES["Arabic"]


def without_spaces(text):
    return "".join(text.split())


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("𝓐𝓷𝓪", "Ana"),
        ("𐌰𐌽𐌰", "ana"),
        ("e\u0301", "é"),
        ("a\x07b", "ab"),
        ("༺b&gt;", "&lt;b&gt;"),
        ("\ue000", "?"),
        ("Ana 李", "Ana 李"),
    ],
)
def test_what_no_face_has_is_written_as_it_sounds(typed, printed):
    assert font_families.replace_missing_characters(typed) == printed


def test_what_no_face_has_is_logged_and_never_a_box(caplog):
    text = "".join(map(chr, [*range(0x13000, 0x13010), 0x20BB7, 0x1F4A, 0xE123, 0x10FFFF]))
    [only] = pypdf.PdfReader(io.BytesIO(pdf.render_pdf(page(f"A{text}Z")))).pages
    assert not set(only.extract_text()) & {"\x00", "�", "■"}
    assert "U+20BB7" in caplog.text
