"""XML is read for what it says, without its tags, and without harm."""

import io
from pathlib import Path

import pytest

from readingroom.core.extraction import ExtractedDocument, ReadLimits, joined
from readingroom.documents.readers import OpenText
from readingroom.documents.structured.xml_document import read_xml


def read(text: str | bytes, limits: ReadLimits | None = None) -> ExtractedDocument:
    data = text.encode() if isinstance(text, str) else text
    return joined(
        read_xml(OpenText(io.BytesIO(data), len(data)), limits or ReadLimits(), lambda _done, _total: None)
    )


def headings(document: ExtractedDocument) -> list[tuple[int, str]]:
    return [(heading.level, heading.title) for heading in document.headings]


def test_article_has_paragraphs_headings_lists_and_tables() -> None:
    document = read(
        "<article><front><article-meta><title-group><article-title>On <italic>Foxes</italic></article-title></title-group>"
        "<contrib><name><surname>Doe</surname><given-names>Ann</given-names></name></contrib></article-meta></front>"
        "<body><sec><title>Results</title><p>Five <bold>red</bold> foxes<xref>1</xref>, seen.</p>"
        "<sec><title>Counts</title><list><list-item><p>one</p></list-item><list-item><p>two</p></list-item></list>"
        "<table><tr><th>Town</th><th>n</th></tr><tr><td>Bonn</td><td>5</td></tr></table></sec></sec></body></article>"
    )
    assert document.title == "On Foxes"
    assert headings(document) == [(1, "On Foxes"), (2, "Results"), (3, "Counts")]
    for piece in ("Doe Ann", "Five red foxes1, seen.", "- one\n- two", "| Town | n |\n| Bonn | 5 |"):
        assert piece in document.text
    assert all(document.text[heading.start] == "#" for heading in document.headings)


def test_feed_has_a_heading_an_entry_and_its_page_without_tags() -> None:
    document = read(
        "<rss><channel><title>News</title><item><title>A fox</title>"
        "<description>&lt;p&gt;Seen in &lt;b&gt;Bonn&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>"
    )
    assert headings(document) == [(1, "News"), (2, "A fox")]
    assert "Seen in Bonn" in document.text
    assert "<" not in document.text


def test_atom_entries_have_headings() -> None:
    document = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Log</title><entry><title>One</title><summary>words</summary>'
        "</entry><entry><title>Two</title></entry></feed>"
    )
    assert headings(document) == [(1, "Log"), (2, "One"), (2, "Two")]


def test_outline_is_a_list() -> None:
    document = read(
        '<opml><head><title>Plan</title></head><body><outline text="A"><outline text="B"/></outline></body></opml>'
    )
    assert document.text == "# Plan\n\n- A\n  - B\n"


def test_docbook_code_keeps_its_lines() -> None:
    text = read(
        "<chapter><title>Use</title><programlisting>a\n  b</programlisting><para>x</para></chapter>"
    ).text
    assert "```\na\n  b\n```" in text


def test_data_is_a_paragraph_a_record_with_names_and_attributes() -> None:
    text = read(
        '<towns><town id="1"><name>Bonn</name><river>Rhine</river></town><town id="2"><name>Rome</name></town>'
        "<row Id='7' Body='words in an attribute'/></towns>"
    ).text
    assert text == (
        "town: id: 1\nname: Bonn\nriver: Rhine\n\ntown: id: 2\nname: Rome\n\nrow: Id: 7; Body: words in an attribute\n"
    )


def test_sheet_is_a_page_with_a_table() -> None:
    document = read(
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="Towns"><Table><Row><Cell><Data>name</Data></Cell><Cell><Data>river</Data></Cell></Row>'
        '<Row ss:Index="5"><Cell ss:Index="2"><Data>Rhine</Data></Cell></Row><Row><Cell><Data>Rome</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    )
    assert [(page.number, page.label) for page in document.pages] == [(1, "Towns")]
    assert "Rhine" in document.text
    assert any(
        number == 5 and document.text[at:].startswith(" | Rhine")
        for t in document.tables
        for at, number in t.rows
    )


def test_entities_are_characters_and_files_are_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words", encoding="utf-8")
    text = read(
        f'<!DOCTYPE a [<!ENTITY mine "my word"><!ENTITY out SYSTEM "{secret.as_uri()}">]><a>x &mine; &eacute; &out; y</a>'
    ).text
    assert "x my word é" in text
    assert "secret" not in text


@pytest.mark.timeout(20)
def test_entities_do_not_multiply() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    document = read(f'<!DOCTYPE a [<!ENTITY l0 "lol">{entities}]><a><b>word &l11;</b></a>')
    assert "word" in document.text
    assert len(document.text) < 1000


def test_truncated_file_gives_what_was_read_and_says_so() -> None:
    document = read("<article><body><p>First words.</p><p>Second wo")
    assert "First words." in document.text
    assert "damaged" in document.notes[0]


def test_whole_file_has_no_note() -> None:
    assert not read("<!DOCTYPE article><article><p>caf&eacute;&nbsp;x</p></article>").notes


def test_file_that_nests_without_end_says_so() -> None:
    assert "too deeply" in read("<a>word" * 100_000).notes[0]


def test_what_is_no_xml_is_read_as_plain_text() -> None:
    document = read("just words & no tags")
    assert document.text == "just words & no tags"
    assert "plain text" in document.notes[0]


def test_long_file_is_read_up_to_the_limit_and_says_so() -> None:
    document = read("<rows>" + "<row><a>word</a></row>" * 5000 + "</rows>", ReadLimits(max_chars=5000))
    assert 0 < len(document.text) <= 5000
    assert "that is the limit" in document.notes[-1]
