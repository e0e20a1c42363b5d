"""Word documents: automatic numbers are written, and what cannot be seen is left out."""

from pathlib import Path

import pytest

from helpers.office_files import DATA, read, word, words
from readingroom.core.extraction import ReadLimits
from readingroom.documents.docx import read_docx

NUMBERING = (
    '<w:abstractNum w:abstractNumId="7">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%3"/></w:lvl>'
    '<w:lvl w:ilvl="3"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="7"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
)
STYLES = (
    '<w:style w:styleId="H"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:styleId="Ghost"><w:name w:val="Ghost"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:styleId="Child"><w:name w:val="Child"/><w:basedOn w:val="Ghost"/></w:style>'
    '<w:style w:styleId="Dark"><w:name w:val="Dark"/><w:pPr><w:shd w:val="clear" w:fill="101010"/></w:pPr></w:style>'
)
WHITE = '<w:color w:val="FFFFFF"/>'


def listed(text: str, level: int = 0, list_id: int = 1) -> str:
    return words(text, paragraph=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def test_lists_bear_their_numbers(tmp_path: Path) -> None:
    body = (
        listed("one")
        + listed("a", 1)
        + listed("b", 1)
        + listed("deep", 2)
        + listed("dot", 3)
        + listed("two")
        + listed("a again", 1)
        + listed("five", list_id=2)
        + listed("six", list_id=2)
    )
    text = read(word(tmp_path / "a.docx", body, parts={"numbering": NUMBERING})).text
    assert text == (
        "1. one\n  1.a) a\n  1.b) b\n    I deep\n      - dot\n2. two\n  2.a) a again\n5. five\n6. six\n"
    )


def test_headings_bear_their_numbers() -> None:
    headings = [heading.title for heading in read(DATA / "unit_test_headers_numbered.docx").headings]
    assert headings[1:5] == ["1. Section 1", "1.1. Section 1.1", "1.2. Section 1.2", "1.2.1. Section 1.2.3"]


def test_empty_paragraphs_of_a_list_do_not_count(tmp_path: Path) -> None:
    body = listed("one") + listed("") + listed("two")
    assert read(word(tmp_path / "a.docx", body, parts={"numbering": NUMBERING})).text == "1. one\n2. two\n"


@pytest.mark.parametrize(
    "hidden",
    [
        words("secret", "<w:vanish/>"),
        words("secret", '<w:rStyle w:val="Ghost"/>'),
        words("secret", paragraph='<w:pStyle w:val="Child"/>'),
        words("secret", WHITE),
        words("secret", '<w:color w:val="000000" w:themeColor="background1"/>'),
        words("secret", '<w:sz w:val="2"/>'),
    ],
    ids=["vanish", "character style", "inherited style", "white", "colour of the ground", "tiny"],
)
def test_what_cannot_be_seen_is_left_out_and_noted(tmp_path: Path, hidden: str) -> None:
    document = read(word(tmp_path / "a.docx", words("seen") + hidden, parts={"styles": STYLES}))
    assert document.text == "seen\n"
    assert document.notes == ("Text that cannot be seen was left out (6 characters): “secret”",)


@pytest.mark.parametrize(
    "body",
    [
        words("seen", f'{WHITE}<w:highlight w:val="black"/>'),
        words("seen", f'{WHITE}<w:shd w:val="clear" w:fill="002060"/>'),
        words("seen", WHITE, '<w:pStyle w:val="Dark"/>'),
        words("seen", WHITE, '<w:shd w:val="clear" w:fill="002060"/>'),
        words("seen", '<w:rStyle w:val="Ghost"/><w:vanish w:val="0"/>'),
        words("seen", '<w:color w:val="000000" w:themeColor="background1" w:themeShade="80"/>'),
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Fancy"/></w:tblPr><w:tr><w:tc>{words("seen", WHITE)}</w:tc></w:tr></w:tbl>',
    ],
    ids=[
        "highlight",
        "shaded run",
        "shaded style",
        "shaded paragraph",
        "vanish undone",
        "grey",
        "styled table",
    ],
)
def test_white_letters_on_another_ground_are_read(tmp_path: Path, body: str) -> None:
    document = read(word(tmp_path / "a.docx", body, parts={"styles": STYLES}))
    assert (document.text, document.notes) == ("seen\n", ())


def test_white_letters_on_a_dark_page_are_read(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", words("seen", WHITE), before='<w:background w:color="101010"/>')
    assert read(path).text == "seen\n"


def test_damaged_styles_footnotes_and_footers_cost_only_those(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", words("seen"), parts={"styles": "<", "footnotes": "<", "footer": "<"})
    document = read(path)
    assert document.text == "seen\n"
    assert len(document.notes) == 3


def test_text_before_a_damaged_place_is_kept(tmp_path: Path) -> None:
    document = read(word(tmp_path / "a.docx", words("seen") + "<w:p><w:r>"))
    assert document.text == "seen\n"
    assert document.notes == ("The end of the document is damaged and could not be read.",)


def test_struck_out_words_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>brown </w:t></w:r><w:ins><w:r><w:t>dog</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>frog</w:delText></w:r></w:del></w:p>"
    )
    path = word(tmp_path / "a.docx", body)
    assert read(path).text == "brown dog\n"
    document = read_docx(path, ReadLimits(), lambda _done, _total: None, with_deleted=True)
    assert document.text == "brown dogfrog\n"
    assert document.notes == ("The text holds words that tracked changes have struck out.",)
