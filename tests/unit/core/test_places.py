"""A place is named as a person would name it, by format."""

from dataclasses import replace
from pathlib import Path

import pytest

from readingroom.core.conversation import Citation
from readingroom.core.extraction import ExtractedDocument, Page, Table
from readingroom.core.ids import DocumentId
from readingroom.core.places import (
    container_of,
    headings_beside,
    name_of,
    place_in,
    section_words,
    short,
    span_of,
    words_of,
)

CITATION = Citation(1, DocumentId(1), Path("/d/letter.eml/report.pdf"), 3, 0, 4, "word", located=True)
SHEET = "# Sales\n\nSales of 2024\n\nMonth | Town\nMarch | Rome\n\nApril | Oslo\nMay | Rome\nTotal: 3\n"


def workbook() -> ExtractedDocument:
    """Row 1 a title, the header in row 3, a gap before row 7, a remark below that stands in no row."""
    first = Page(1, 0, "Nothing here.\n", "Notes")
    base = len(first.text)
    title, header, april = (base + SHEET.index(words) for words in ("Sales of", "Month", "April"))
    tables = (
        Table(title, header - 1, "", ((title, 1),)),
        Table(header, base + SHEET.index("Total"), "Month | Town", ((header, 3), (april - 1, 6))),
    )
    return ExtractedDocument("xlsx", (first, Page(2, base, SHEET, "Sales")), tables=tables)


def place(document: ExtractedDocument, words: str) -> str:
    start = document.text.index(words)
    return place_in(document, start, start + len(words))


@pytest.mark.parametrize(
    ("format_name", "label", "words"),
    [
        ("pdf", "", "page 5"),
        ("image", "scan", "page 5"),
        ("pptx", "Budget", "slide 5"),
        ("odp", "", "slide 5"),
        ("xlsx", "Sales\n2024", "sheet Sales 2024"),
        ("ods", "", "sheet 5"),
        ("epub", "The Fox", "chapter 5, The Fox"),
        ("epub", "", "chapter 5"),
        ("epub", "Chapter 3: The Fox", "Chapter 3: The Fox"),
        ("something new", "", "page 5"),
    ],
)
def test_pages_are_called_what_the_format_calls_them(format_name: str, label: str, words: str) -> None:
    assert section_words(format_name, 5, label) == words


def test_a_long_label_does_not_make_a_long_place() -> None:
    assert len(section_words("epub", 5, "fox " * 400)) < 80


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Sales of 2024", "sheet Sales, row 1"),
        ("Month | Town", "sheet Sales, row 3"),
        ("March | Rome\n", "sheet Sales, row 4"),
        ("April", "sheet Sales, row 7"),
        ("May | Rome", "sheet Sales, row 8"),
        ("March | Rome\n\nApril", "sheet Sales, rows 4–7"),
        ("Sales of 2024\n\nMonth | Town\nMarch", "sheet Sales, rows 1–4"),
        ("# Sales\n\nSales of", "sheet Sales, row 1"),
        ("Total: 3", "sheet Sales"),
        ("Nothing here", "sheet Notes"),
    ],
)
def test_a_row_bears_the_number_it_has_in_the_file(words: str, expected: str) -> None:
    assert place(workbook(), words) == expected


def test_rows_of_a_file_without_sheets_are_named_alone() -> None:
    text = "a | b\n1 | 2\n3 | 4\n"
    table = Table(0, len(text), "a | b", ((0, 1),))
    document = ExtractedDocument(
        "csv", (Page(None, 0, text[:12]), Page(None, 12, text[12:])), tables=(table,)
    )
    assert place(document, "3 | 4") == "row 3"
    assert place(document, "1 | 2\n3 | 4\n") == "rows 2–3"


def test_lines_are_counted_where_the_text_is_the_files_own() -> None:
    pages = (Page(None, 0, "one\ntwo\n"), Page(None, 8, "three\nfour\n"))
    assert place(ExtractedDocument("code", pages), "four") == "line 4"
    assert place(ExtractedDocument("text", pages), "one") == "line 1"
    assert place(ExtractedDocument("docx", pages), "four") == "", "its text is of our making"
    assert place_in(ExtractedDocument("text", ()), 0, 1) == ""


def test_what_is_said_is_named_by_its_time() -> None:
    text = "[00:01:23] Hello.\n[00:02:07] Good\nevening, all.\n[100:00:00] Goodbye.\n"
    document = ExtractedDocument("subtitles", (Page(None, 0, text),))
    assert place(document, "[00:01:23] Hello") == "at 00:01:23"
    assert place(document, "evening") == "at 00:02:07"
    assert place(document, "Hello.") == "at 00:01:23"
    assert place(document, "[100:00:00] Good") == "at 100:00:00"
    assert place(replace(document, pages=(Page(None, 0, "No times."),)), "times") == ""


def test_records_are_counted_and_tables_in_prose_are_not() -> None:
    text = "name | town\nAnn | Rome\nBob | Oslo\n"
    table = Table(0, len(text), "name | town", ((12, 5),))
    records = ExtractedDocument("jsonl", (Page(None, 0, text),), tables=(table,))
    assert place(records, "Bob") == "record 6"
    assert place(records, "town\nAnn") == "record 5", "a header that stands in no row of the file"
    assert place(replace(records, format="xml"), "Bob") == "", "rows of some list in it"
    sheet = ExtractedDocument("xml", (Page(2, 0, text, "People"),), tables=(table,))
    assert place(sheet, "Bob") == "sheet People, row 6"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("at 00:01:23", "00:01:23"),
        ("record 5", "record 5"),
        ("page 12", "p. 12"),
        ("slide 3", "slide 3"),
        ("chapter 5, The Fox", "ch. 5"),
        ("sheet Sales, row 214", "Sales, row 214"),
        ("sheet A, B, rows 1–9", "A, B, rows 1–9"),
        ("sheet Revenue by quarter and town, row 7", "Revenue by quar…, row 7"),
        ("sheet Sales", "Sales"),
        ("row 7", "row 7"),
        ("line 120", "line 120"),
        ("", ""),
    ],
)
def test_a_chip_says_it_in_fewer_letters(words: str, expected: str) -> None:
    assert short(words) == expected


def test_an_answer_kept_before_places_had_words_names_its_page() -> None:
    assert words_of(CITATION) == "page 3"
    assert words_of(replace(CITATION, page=None)) == ""
    assert words_of(replace(CITATION, place="slide 3")) == "slide 3"


def test_a_member_is_named_with_what_it_is_part_of() -> None:
    assert container_of(Path("/d/letter.eml/report.pdf"), "2") == "letter.eml"
    assert container_of(Path("/d/a.mbox/0001 Hi.eml/report.pdf"), "1/2") == "0001 Hi.eml in a.mbox"
    assert container_of(Path("/d/letter.eml/report.pdf"), "") == "", "a folder may bear such a name"
    assert name_of(replace(CITATION, container="letter.eml")) == "report.pdf in letter.eml"
    assert name_of(CITATION) == "report.pdf"


def test_a_heading_is_not_said_twice() -> None:
    assert headings_beside("sheet Sales, row 4", ("2024", "Sales")) == ("2024",)
    assert headings_beside("chapter 5, The Fox", ("The Fox", "At dawn")) == ("At dawn",)
    assert headings_beside("page 1", ("Sales",)) == ("Sales",)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("page 3", "page 4", "page 5"), "pages 3–5"),
        (("slide 3", "slide 4"), "slides 3–4"),
        (("page 3",), "page 3"),
        (("sheet Sales, row 4", "sheet Costs"), "sheet Sales, row 4 – sheet Costs"),
    ],
)
def test_places_that_follow_each_other_are_told_as_one(words: tuple[str, ...], told: str) -> None:
    assert span_of(words) == told
