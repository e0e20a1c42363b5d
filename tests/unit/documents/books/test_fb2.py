"""A FictionBook is read a chapter a page, notes last."""

import zipfile
from pathlib import Path

import pytest

from helpers.reading import DATA, headings, read, read_named
from readingroom.core.errors import DocumentCorrupt

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0">'
    "<description><title-info><book-title>Tales</book-title></title-info></description>"
)


@pytest.fixture
def fb2(tmp_path: Path) -> Path:
    return tmp_path / "tales.fb2"


def section(title: str, inner: str) -> str:
    return f"<section><title><p>{title}</p></title>{inner}</section>"


def test_real_book() -> None:
    document = read_named("test.fb2")
    assert (document.format, document.title) == ("fb2", "Война и мир")
    assert "подрывает субъективный смысл жизни, отрицая очевидное. Реальная власть" in document.text
    assert [page.number for page in document.pages] == list(range(1, len(document.pages) + 1))
    assert document.pages[-1].label == "Сноски"


def test_sections_are_chapters_and_inner_ones_headings(fb2: Path) -> None:
    body = section(
        "One",
        "<p>a <emphasis>b</emphasis></p>" + "<section><title><p>In</p></title><p>c</p></section><p>d</p>",
    )
    fb2.write_text(f"{HEAD}<body>{body}{section('Two', '<p>e</p>')}</body></FictionBook>", encoding="utf-8")
    document = read(fb2)
    assert [(page.number, page.label) for page in document.pages] == [(1, "One"), (2, "In"), (3, "Two")]
    assert document.pages[1].text == "## In\n\nc\n\n"


def test_poems_keep_their_lines(fb2: Path) -> None:
    poem = "<poem><stanza><v>roses are red</v><v>violets are blue</v></stanza></poem>"
    fb2.write_text(f"{HEAD}<body>{section('One', poem)}</body></FictionBook>", encoding="utf-8")
    assert "roses are red\nviolets are blue" in read(fb2).text


def test_pictures_are_left_out(fb2: Path) -> None:
    binary = f'<binary id="p.jpg" content-type="image/jpeg">{"QUJD" * 4_000_000}</binary>'
    fb2.write_text(
        f"{HEAD}<body>{section('One', '<p>words</p>')}</body>{binary}</FictionBook>", encoding="utf-8"
    )
    assert read(fb2).text == "# One\n\nwords\n\n"


def test_book_that_is_not_well_formed_is_read(fb2: Path) -> None:
    fb2.write_text(f"{HEAD}<body><section><p>one & two<p>three</section></body>", encoding="utf-8")
    assert "three" in read(fb2).text


def test_book_in_an_old_encoding(fb2: Path) -> None:
    text = f"{HEAD}<body>{section('Глава', '<p>Слова и буквы</p>')}</body></FictionBook>"
    fb2.write_bytes(text.replace("utf-8", "windows-1251").encode("cp1251"))
    assert next(headings(read(fb2)))[1] == "Глава"


def test_zipped_book_is_known_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "tales.fb2.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.write(DATA / "test.fb2", "tales.fb2")
    assert read(path).title == "Война и мир"


@pytest.mark.timeout(20)
def test_entities_are_not_expanded(fb2: Path) -> None:
    entities = '<!ENTITY a0 "' + "x" * 1000 + '">'
    entities += "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = HEAD.replace("<FictionBook", f"<!DOCTYPE FictionBook [{entities}]><FictionBook")
    fb2.write_text(
        f'{head}<body><section id="&a9;"><p>words &a9;</p></section></body></FictionBook>', encoding="utf-8"
    )
    try:
        assert len(read(fb2).text) < 1000
    except DocumentCorrupt:
        return


@pytest.mark.parametrize("data", ["<FictionBook", "<other/>", "words"])
def test_what_is_no_book_is_corrupt(fb2: Path, data: str) -> None:
    fb2.write_text(data, encoding="utf-8")
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read(fb2)
