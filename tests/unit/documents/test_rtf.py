"""Rich Text becomes light Markdown: what is printed, in whatever encoding it is kept."""

import pytest

from helpers.reading import headings, read_named
from readingroom.core.errors import DocumentCorrupt
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.rtf import rtf_document

FONTS = rb"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS Mincho;}}"
COLOURS = rb"{\colortbl;\red0\green0\blue0;\red255\green255\blue255;}"


def read(body: bytes, head: bytes = rb"\ansi\ansicpg1252") -> ExtractedDocument:
    return rtf_document(rb"{\rtf1" + head + FONTS + COLOURS + b"\n" + body + b"}", ReadLimits())


def test_real_japanese_file() -> None:
    document = read_named("testRTF-ms932.rtf")
    assert document.title == "タイトル"
    assert document.text == "Hello\n\nこんにちは\n\nTest\n\nテスト\n"


def test_real_file_with_characters_beyond_the_basic_plane() -> None:
    assert read_named("testRTFUnicodeGothic.rtf").text == "𐌲𐌿𐍄𐌹𐍃𐌺\n"


def test_real_file_with_a_broken_list_table() -> None:
    assert (
        "There are 90 naturally occurring kinds of apples."
        in read_named("testRTFCorruptListOverride.rtf").text
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"Gr\'fc\'dfe", "Grüße"),
        (rb"\f1 \'cf\'f0\'e8\'e2\'e5\'f2 \f0 caf\'e9", "Привет café"),
        (rb"\f2 \'82\'b1\'82\'f1\'82\'c9", "こんに"),
        (rb"\uc1\u8364?5 \uc2\u8364??6 {\uc0\u8364 7}", "€5 €6 €7"),
        (rb"\u-3913?", "·"),
        (rb"soft\-hyphen non\_breaking\~space \{\\\}", "softhyphen non-breaking\xa0space {\\}"),
        (rb"\ldblquote x\rdblquote\emdash y\line z", "“x”—y\nz"),
        (rb"{\upr{Gr?}{\*\ud{Gr\u252?}}}", "Grü"),
    ],
)
def test_characters_are_decoded(body: bytes, text: str) -> None:
    assert read(body).text == f"{text}\n"


def test_headings_by_style_and_by_outline_level() -> None:
    styles = rb"{\stylesheet{\s0 Normal;}{\s1\b heading 1;}{\s7 heading 2;}}"
    document = read(styles + rb"\pard\s1 One\par\pard words\par\pard\outlinelevel2 Three\par\pard\s7 Two\par")
    assert list(headings(document)) == [(1, "One", "# One"), (3, "Three", "### Three"), (2, "Two", "## Two")]
    assert document.title == "One"


def test_lists_keep_their_numbers() -> None:
    body = (
        rb"\pard{\listtext\'b7\tab}\ls1 a\par {\listtext\'b7\tab}\ilvl1 b\par"
        rb"\pard{\pntext 3.\tab}c\par"
    )
    assert read(body).text == "- a\n  - b\n3. c\n"


def test_tables_become_rows_and_cells_may_hold_paragraphs() -> None:
    row = rb"\trowd\cellx1\cellx2\pard\intbl a\par b\cell c\cell\row"
    assert (
        read(rb"before\par " + row + row + rb"\pard after\par").text
        == "before\n\n| a b | c |\n| a b | c |\n\nafter\n"
    )


def test_notes_and_boxes_follow_their_paragraph_and_margins_come_last() -> None:
    body = rb"{\header Top\par}One{\footnote\pard A note.} goes on{\shp{\*\shpinst{\shptxt In a box\par}}}.\par Two\par"
    assert read(body).text == "One goes on.\n\nA note.\n\nIn a box\n\nTwo\n\nTop\n"


def test_link_is_its_words() -> None:
    body = rb'{\field{\*\fldinst HYPERLINK "http://example.org"}{\fldrslt{\ul here}}}'
    assert read(body).text == "here\n"


def test_pictures_and_unknown_destinations_are_left_out() -> None:
    body = rb"a{\pict\pngblip 89504e47{\*\blipuid ff}0d0a}{\*\unknown{nested \{ words}}{\pict\bin4 }}\{}b\par"
    assert read(body).text == "ab\n"
    assert read(rb"a\bin3 xyzb").text == "ab\n"


@pytest.mark.parametrize("hidden", [rb"{\v secret words}", rb"{\fs1 secret words}", rb"{\cf2 secret words}"])
def test_text_that_cannot_be_seen_is_left_out_and_noted(hidden: bytes) -> None:
    document = read(rb"seen" + hidden + rb"\par{\v0\cf1 also}\par")
    assert document.text == "seen\n\nalso\n"
    assert document.notes == ("Text that cannot be seen was left out (12 characters): “secret words”",)


@pytest.mark.parametrize("ground", [rb"\highlight1", rb"\cbpat1", rb"\trowd\clcbpat1\cellx1\pard\intbl"])
def test_white_text_on_a_coloured_ground_is_seen(ground: bytes) -> None:
    assert "seen" in read(rb"\pard" + ground + rb"{\cf2 seen}\par").text


def test_deleted_text_is_no_text() -> None:
    assert read(rb"kept{\deleted gone}\par").text == "kept\n"


def test_what_is_not_rich_text_is_corrupt() -> None:
    with pytest.raises(DocumentCorrupt, match="damaged"):
        rtf_document(b"plain words", ReadLimits())


@pytest.mark.timeout(20)
def test_absurd_nesting_is_corrupt_soon() -> None:
    with pytest.raises(DocumentCorrupt, match="nested"):
        rtf_document(rb"{\rtf1" + b"{" * 1_000_000, ReadLimits())
