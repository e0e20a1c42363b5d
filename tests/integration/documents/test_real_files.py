"""Real files of other programs, read through the registry as the worker reads them."""

import re
import unicodedata
from pathlib import Path

import pytest

from readingroom.core.errors import DocumentCorrupt, DocumentEncrypted, DocumentUnsupported
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.registry import read_document

DATA = Path(__file__).parents[2] / "data" / "documents"
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\ufeff]")


def read(name: str) -> ExtractedDocument:
    return read_document(DATA / name, ReadLimits(), lambda _done, _total: None)


def comparable(text: str) -> str:
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split()).casefold()


@pytest.mark.parametrize(
    ("name", "page", "phrase"),
    [
        pytest.param("habibi-rotated.pdf", 3, "habibi", id="a page turned by 180 degrees"),
        pytest.param("rotated-page-90.pdf", 1, "Second line of text here", id="a turned page"),
        pytest.param(
            "multicolumn.pdf",
            2,
            "luctus et ultrices posuere cubilia Curae; Pellentesque",
            id="columns in order",
        ),
        pytest.param(
            "fake-bold-sample.pdf",
            1,
            "at slightly offset positions, which causes text",
            id="characters drawn twice",
        ),
        pytest.param("testOptionalHyphen.pdf", 1, "optionalhyphen", id="soft hyphens"),
        pytest.param("right_to_left_01.pdf", 1, "تحليل البيانات بشكل فعال", id="Arabic"),
        pytest.param(
            "testPDF_no_extract_no_accessibility_owner_empty.pdf",
            1,
            "Hello World",
            id="an empty user password",
        ),
        pytest.param("bookmark_sample.pdf", 2, "demonstration purposes only and carries no", id="every page"),
        pytest.param("testExtraSpaces.pdf", 1, "Here is some formatted text", id="letter-spaced words"),
        pytest.param("korean-text-with-tables.pdf", 1, "적립한도 없이 할인점·주유", id="Korean"),
        pytest.param("invisible_text_layer.pdf", 1, "Invisible OCR text layer", id="an OCR layer"),
    ],
)
def test_pdf_words_stand_on_their_page(name: str, page: int, phrase: str) -> None:
    document = read(name)
    assert document.format == "pdf"
    assert comparable(phrase) in comparable(document.pages[page - 1].text)
    assert document.pages[page - 1].number == page


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        pytest.param("Strict.docx", "Some text", id="strict OOXML"),
        pytest.param(
            "docx-shapes.docx", "Paragraph with floating shape attached.", id="a paragraph with a shape"
        ),
        pytest.param("docx_comments.docx", "Another comment by a different reviewer.", id="a comment"),
        pytest.param("docx-hdrftr.docx", "Main document", id="beside headers and footers"),
        pytest.param("equations.docx", "A=πr^2 is the area formula.", id="a formula"),
        pytest.param("footnotes.docx", "snoska", id="a footnote"),
        pytest.param("testWORD_phonetic.docx", "東京", id="the base of ruby text"),
        pytest.param("word_tables.docx", "| Cell 1.0 | Merged Cell 1.1 1.2 | Cell 1.3 |", id="a table's row"),
        pytest.param("testOptionalHyphen.docx", "optionalhyphen", id="soft hyphens"),
        pytest.param(
            "NullHeader.docx", "They suddenly gathered around the province's", id="a header of null"
        ),
        pytest.param("fake-html-cp1252.html", "betalade 45,90 €", id="windows-1252 without a declaration"),
        pytest.param(
            "example-steelJIS-datasheet-utf-16.html", "Japanese Steels and Alloys", id="a UTF-16 page"
        ),
        pytest.param(
            "testArabicMisleadingCharset.html",
            "اللغات انتشارا في العالم ويتحثها",
            id="a wrong charset declared",
        ),
        pytest.param(
            "html_rich_table_cells.html", "small diving duck some 45 cm (18 in", id="a cell with links"
        ),
        pytest.param("csv-semicolon.csv", "East Jimmychester", id="semicolons"),
        pytest.param("stanley-cups-utf-16.csv", "Blues | STL | 1", id="a UTF-16 table"),
        pytest.param("stanley-cups-with-emoji.tsv", "Team | Location | Stanley Cups", id="tabs"),
        pytest.param("russian.cp866.txt", "И, шествуя важно, в спокойствии чинном", id="cp866"),
        pytest.param("multi-language.txt", "español ABC realmente necesito uno un agente", id="windows-1252"),
        pytest.param(
            "fake-text-utf-16-be.txt", "a test document to use for unit", id="UTF-16 BE without a mark"
        ),
        pytest.param("fake-text-utf-16-le.txt", "I love fuzzy blankets", id="UTF-16 LE without a mark"),
        pytest.param("fake-text-utf-32.txt", "I love fuzzy blankets", id="UTF-32"),
        pytest.param("blocks.md", "my setext heading level 1", id="Markdown"),
    ],
)
def test_words_of_unpaged_formats_are_found(name: str, phrase: str) -> None:
    document = read(name)
    assert comparable(phrase) in comparable(document.text)
    assert not document.paginated


@pytest.mark.parametrize(
    "name", ["docx_comments.docx", "unit_test_headers_numbered.docx", "bookmark_sample.pdf"]
)
def test_headings_stand_where_they_say(name: str) -> None:
    document = read(name)
    assert document.headings
    for heading in document.headings:
        assert document.text[heading.start :].lstrip("# ").startswith(heading.title)


def test_outline_levels_are_kept() -> None:
    levels = {heading.title: heading.level for heading in read("bookmark_sample.pdf").headings}
    assert levels["PART I - DEFINITIONS"] == 1
    assert levels["3. Payment Terms"] == 2
    assert levels["3.1 Payment Schedule"] == 3


def test_scanned_pdf_has_pages_without_text() -> None:
    document = read("testOCR.pdf")
    assert document.pages
    assert not document.text.strip()


def test_script_in_a_page_is_left_out() -> None:
    text = read("testHTML_script_in_body.html").text
    assert "This is a test." in text
    assert "<" not in text
    assert "cool script" not in text


@pytest.mark.parametrize("name", ["password.pdf", "testWORD_protected_passtika.docx"])
def test_locked_file_is_reported_as_encrypted(name: str) -> None:
    with pytest.raises(DocumentEncrypted, match="password"):
        read(name)


def test_cut_off_word_document_is_corrupt() -> None:
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read("testWORD_truncated.docx")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("test-zip-of-zip.zip", r"archives"),
        ("testKeynote2018.key", r"iWork documents"),
    ],
)
def test_what_is_not_read_is_named(name: str, kind: str) -> None:
    with pytest.raises(DocumentUnsupported, match=rf"^Reading Room does not read {kind}.* yet\.$"):
        read(name)


@pytest.mark.parametrize("name", ["multicolumn.pdf", "docx_comments.docx", "russian.cp866.txt"])
def test_pages_join_to_the_document_text(name: str) -> None:
    document = read(name)
    for page in document.pages:
        assert document.text[page.start : page.end] == page.text
