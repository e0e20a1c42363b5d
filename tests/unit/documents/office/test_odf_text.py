"""OpenDocument texts and presentations."""

from pathlib import Path

import pytest

from helpers.office_files import DATA, flat_opendocument, opendocument, read
from readingroom.core.errors import DocumentCorrupt
from readingroom.core.extraction import ReadLimits


def style(name: str, properties: str, family: str = "text", **attributes: str) -> str:
    more = "".join(f' style:{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f'<style:style style:name="{name}" style:family="{family}"{more}>{properties}</style:style>'


def test_headings_lists_and_tables_keep_their_structure(tmp_path: Path) -> None:
    automatic = (
        '<text:list-style style:name="N"><text:list-level-style-number text:level="1" style:num-format="1" '
        'text:start-value="3"/></text:list-style>'
    )
    body = (
        '<text:h text:outline-level="2">Part <text:span>one</text:span></text:h><text:p>a<text:s text:c="2"/>b<text:tab/>c'
        "<text:line-break/>d</text:p>"
        '<text:list text:style-name="N"><text:list-item><text:p>x</text:p><text:list><text:list-item><text:p>y</text:p>'
        "</text:list-item></text:list></text:list-item><text:list-item><text:p>z</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>1</text:p></table:table-cell>"
        "<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>"
    )
    document = read(opendocument(tmp_path / "a.odt", "text", body, automatic=automatic))
    assert document.text == "## Part one\n\na  b\tc\nd\n\n3. x\n  - y\n4. z\n\n| 1 | 2 |\n"
    assert [(heading.level, heading.title) for heading in document.headings] == [(2, "Part one")]


def test_notes_comments_and_boxes_stand_beside_their_paragraph(tmp_path: Path) -> None:
    body = (
        "<text:p>Text<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>foot</text:p>"
        "</text:note-body></text:note> goes<office:annotation><text:p>why?</text:p></office:annotation> on"
        "<draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame></text:p>"
    )
    assert (
        read(opendocument(tmp_path / "a.odt", "text", body)).text == "Text goes on\n\nfoot\n\nwhy?\n\nboxed\n"
    )


def test_headers_and_footers_are_read_once(tmp_path: Path) -> None:
    pages = "".join(
        f'<style:master-page style:name="{name}"><style:footer><text:p>Acme <text:page-number>1</text:page-number>'
        "</text:p></style:footer></style:master-page>"
        for name in "ab"
    )
    styles = f"<office:master-styles>{pages}</office:master-styles>"
    assert (
        read(opendocument(tmp_path / "a.odt", "text", "<text:p>x</text:p>", styles=styles)).text
        == "x\n\nAcme\n"
    )


def test_tracked_deletions_are_not_text(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes><text:p>kept</text:p>"
    )
    assert read(opendocument(tmp_path / "a.odt", "text", body)).text == "kept\n"


@pytest.mark.parametrize(
    "hidden",
    [
        '<text:p><text:span text:style-name="none">secret</text:span></text:p>',
        '<text:p><text:span text:style-name="child">secret</text:span></text:p>',
        '<text:p><text:span text:style-name="white">secret</text:span></text:p>',
        '<text:p><text:span text:style-name="tiny">secret</text:span></text:p>',
        '<text:section text:display="none"><text:p>secret</text:p></text:section>',
        '<text:p><text:hidden-text text:is-hidden="true" text:string-value="secret"/></text:p>',
    ],
    ids=["not displayed", "inherited", "white", "tiny", "section", "hidden text"],
)
def test_what_cannot_be_seen_is_left_out_and_noted(tmp_path: Path, hidden: str) -> None:
    automatic = (
        style("none", '<style:text-properties text:display="none"/>')
        + style("child", "", parent_style_name="none")
        + style("white", '<style:text-properties fo:color="#FFFFFF"/>')
        + style("tiny", '<style:text-properties fo:font-size="0.5pt"/>')
    )
    document = read(
        opendocument(tmp_path / "a.odt", "text", "<text:p>seen</text:p>" + hidden, automatic=automatic)
    )
    assert document.text == "seen\n"
    assert document.notes == ("Text that cannot be seen was left out (6 characters): “secret”",)


def test_white_letters_on_another_ground_are_read(tmp_path: Path) -> None:
    automatic = style(
        "w", '<style:text-properties fo:color="#ffffff" fo:background-color="#000000"/>'
    ) + style("v", '<style:text-properties fo:color="#ffffff"/>')
    body = (
        '<text:p><text:span text:style-name="w">one</text:span></text:p><table:table><table:table-row><table:table-cell>'
        '<text:p><text:span text:style-name="v">two</text:span></text:p></table:table-cell></table:table-row></table:table>'
    )
    document = read(opendocument(tmp_path / "a.odt", "text", body, automatic=automatic))
    assert (document.text, document.notes) == ("one\n\ntwo\n", ())


def test_flat_text_is_read(tmp_path: Path) -> None:
    assert read(flat_opendocument(tmp_path / "a.fodt", "text", "<text:p>flat</text:p>")).text == "flat\n"


def test_real_text_with_tables_in_tables_is_read() -> None:
    document = read(DATA / "text_document_03.odt")
    assert "Number one Number two Number three" in document.text
    assert [heading.title for heading in document.headings][:2] == [
        "Table with rich cells",
        "Table with nested table",
    ]


def test_text_before_a_damaged_place_is_kept(tmp_path: Path) -> None:
    document = read(opendocument(tmp_path / "a.odt", "text", "<text:p>seen</text:p><text:p>"))
    assert document.text == "seen\n"
    assert document.notes == ("The end of the document is damaged and could not be read.",)


def test_file_that_is_none_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "a.odt"
    path.write_text("not at all")
    with pytest.raises(DocumentCorrupt, match="OpenDocument text is damaged"):
        read(path)


def test_deep_nesting_ends(tmp_path: Path) -> None:
    deep = "<text:section>" * 20_000 + "<text:p>x</text:p>" + "</text:section>" * 20_000
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read(opendocument(tmp_path / "a.odt", "text", deep))


def test_real_slides_have_titles_lists_tables_and_notes() -> None:
    document = read(DATA / "odf_presentation_01.odp")
    assert [page.label for page in document.pages] == ["Test Table Slide", "Second slide title", ""]
    second = document.pages[1].text
    assert second.startswith("# Second slide title\n\n- Let’s introduce a list\n- With foo\n")
    assert second.endswith("## Notes\n\nSome notes on the second slide.\n\n")


def test_footer_of_the_master_is_read_on_the_first_slide() -> None:
    assert [page.text for page in read(DATA / "testMasterFooter.odp").pages] == ["Master footer is here\n\n"]


def test_hidden_slide_is_noted(tmp_path: Path) -> None:
    automatic = style(
        "h", '<style:drawing-page-properties presentation:visibility="hidden"/>', "drawing-page"
    )
    frame = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    body = f'<draw:page draw:style-name="h">{frame.format("secret")}</draw:page><draw:page>{frame.format("seen")}</draw:page>'
    document = read(opendocument(tmp_path / "a.odp", "presentation", body, automatic=automatic))
    assert [(page.number, page.text) for page in document.pages] == [(1, ""), (2, "seen\n\n")]
    assert "6 characters on slide 1, which is hidden" in document.notes[0]


def test_shapes_of_a_slide_are_read_by_place_title_first(tmp_path: Path) -> None:
    def frame(text: str, y: str, role: str = "") -> str:
        return (
            f'<draw:frame svg:x="1cm" svg:y="{y}" svg:width="5cm" svg:height="1cm" presentation:class="{role}">'
            f"<draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"
        )

    body = f"<draw:page>{frame('low', '10cm')}{frame('high', '20mm')}{frame('Title', '15cm', 'title')}</draw:page>"
    assert read(opendocument(tmp_path / "a.odp", "presentation", body)).text == "# Title\n\nhigh\n\nlow\n\n"


def test_limit_of_slides(tmp_path: Path) -> None:
    body = "<draw:page/>" * 5
    document = read(opendocument(tmp_path / "a.odp", "presentation", body), ReadLimits(max_pages=2))
    assert len(document.pages) == 2
    assert "that is the limit" in document.notes[0]
