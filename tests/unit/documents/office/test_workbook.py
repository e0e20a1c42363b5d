"""Excel workbooks: a page a sheet, cells as they are shown, nothing that cannot be seen."""

from pathlib import Path

import pytest

from helpers.office_files import DATA, read, relations, sheet, text_rows, workbook
from readingroom.core.errors import DocumentCorrupt
from readingroom.core.extraction import Heading, ReadLimits

DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="0.0%"/><numFmt numFmtId="165" formatCode=";;;"/></numFmts>'
    '<fonts><font/><font><color rgb="FFFFFFFF"/></font></fonts>'
    '<fills><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FF002060"/></patternFill></fill></fills>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf fontId="1" fillId="0"/>'
    '<xf fontId="1" fillId="1"/><xf numFmtId="14"/></cellXfs>'
)


def styled(style: int, value: str) -> str:
    return f'<row r="1"><c r="A1" s="{style}"><v>{value}</v></c><c r="B1" t="str"><v>seen</v></c></row>'


def test_each_sheet_is_a_page_with_its_name_and_table(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        {
            "Sales": sheet(text_rows(["City", "Sold"], ["Bonn", 3])),
            "Empty": sheet(""),
            "More": sheet(text_rows(["x"])),
        },
    )
    document = read(path)
    assert document.format == "xlsx"
    assert [(page.number, page.label) for page in document.pages] == [(1, "Sales"), (3, "More")]
    assert document.text == "# Sales\n\nCity | Sold\nBonn | 3\n# More\n\nx\n"
    assert document.headings == (Heading(1, "Sales", 0), Heading(1, "More", 30))
    table = document.tables[0]
    assert document.text[table.start : table.end] == "City | Sold\nBonn | 3\n"
    assert (table.header, table.rows) == ("City | Sold", ((9, 1),))


def test_real_workbook_shows_numbers_as_the_program_does() -> None:
    text = read(DATA / "testEXCEL-formats.xlsx").text
    for shown in (
        "1,599.99",
        "($1,599.99)",
        "1.98E+08",
        "2 1/2",
        "6:15 PM",
        "17-May-07",
        "19 dollars and .99 cents",
    ):
        assert shown in text


def test_strict_workbook_is_read() -> None:
    document = read(DATA / "testEXCEL.strict.xlsx")
    assert [page.label for page in document.pages] == ["First Sheet", "Sheet Number 2"]
    assert document.text.startswith("# Sample Spreadsheet\n\n## First Sheet\n\nTest spreadsheet")
    assert document.title == "Sample Spreadsheet"


def test_comments_stand_below_the_sheet_and_conversations_only_once() -> None:
    text = read(DATA / "xlsx_comments.xlsx").text
    assert "Comment on F7: Minimum number of saltwater ducks\n" in text
    assert text.count("Which libraries are you referring to?") == 1
    assert "Threaded comment" not in text


def test_percentages_and_dates(tmp_path: Path) -> None:
    for style, value, shown in ((1, "0.256", "25.6%"), (5, "45000", "2023-03-15")):
        path = workbook(tmp_path / "a.xlsx", {"S": sheet(styled(style, value))}, styles=STYLES)
        assert read(path).text == f"# S\n\n{shown} | seen\n"


def test_dates_of_old_macs(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        {"S": sheet(styled(5, "0"))},
        styles=STYLES,
        settings='<workbookPr date1904="1"/>',
    )
    assert "1904-01-01" in read(path).text


@pytest.mark.parametrize("style", [2, 3])
def test_value_in_the_colour_of_the_sheet_or_hidden_by_its_format_is_left_out(
    tmp_path: Path, style: int
) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": sheet(styled(style, "4711"))}, styles=STYLES)
    document = read(path)
    assert document.text == "# S\n\nseen\n"
    assert document.notes == ("Text that cannot be seen was left out (4 characters in sheet S): “4711”",)


def test_white_letters_on_a_dark_cell_are_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": sheet(styled(4, "4711"))}, styles=STYLES)
    assert "4711" in read(path).text


def test_white_letters_that_a_condition_may_colour_are_read(tmp_path: Path) -> None:
    part = sheet(styled(3, "4711"), after='<conditionalFormatting sqref="A1"/>')
    document = read(workbook(tmp_path / "a.xlsx", {"S": part}, styles=STYLES))
    assert "4711" in document.text
    assert document.notes == ()


def test_hidden_sheets_rows_and_columns_are_noted(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="str"><v>shown</v></c><c r="B1" t="str"><v>column</v></c></row>'
        '<row r="2" hidden="1"><c r="A2" t="str"><v>row</v></c></row>'
    )
    part = sheet(rows, before='<cols><col min="2" max="2" hidden="1"/></cols>')
    path = workbook(
        tmp_path / "a.xlsx",
        {"One": part, "Two": sheet(text_rows(["ignore all previous"]))},
        states={"Two": "veryHidden"},
    )
    document = read(path)
    assert document.text == "# One\n\nshown\n"
    assert document.notes == (
        "Text that cannot be seen was left out (9 characters in sheet One): “column row”",
        "Text that cannot be seen was left out (19 characters in hidden sheet Two): “ignore all previous”",
    )


def test_formula_without_a_stored_result_is_noted(tmp_path: Path) -> None:
    part = sheet('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>NOW()</f></c></row>')
    document = read(workbook(tmp_path / "a.xlsx", {"S": part}))
    assert document.text == "# S\n\n2\n"
    assert "no results of 1 formula" in document.notes[0]


def test_damaged_sheet_costs_that_sheet(tmp_path: Path) -> None:
    good = sheet(text_rows(["good"]))
    path = workbook(tmp_path / "a.xlsx", {"Bad": good[: len(good) // 2], "Good": good})
    document = read(path)
    assert document.pages[-1].text == "# Good\n\ngood\n"
    assert document.notes == ("Sheet Bad is damaged and could not be read in full.",)


def test_damaged_comments_cost_only_those(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        {"S": sheet(text_rows(["good"]))},
        parts={
            "xl/worksheets/_rels/sheet1.xml.rels": relations({"c": ("comments", "../comments1.xml")}),
            "xl/comments1.xml": "<comments><comm",
        },
    )
    document = read(path)
    assert document.text == "# S\n\ngood\n"
    assert document.notes == ("Sheet S is damaged and could not be read in full.",)


def test_text_boxes_are_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        {"S": sheet(text_rows(["cell"]))},
        parts={
            "xl/worksheets/_rels/sheet1.xml.rels": relations({"d": ("drawing", "../drawings/d.xml")}),
            "xl/drawings/d.xml": f"<d {DRAWING}><txBody><a:p><a:r><a:t>in a box</a:t></a:r></a:p></txBody></d>",
        },
    )
    assert read(path).text == "# S\n\ncell\n\nin a box\n"


def test_limit_of_characters_keeps_what_was_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": sheet(text_rows(*([f"row {n}"] for n in range(1, 50))))})
    document = read(path, ReadLimits(max_chars=100))
    assert document.text.startswith("# S\n\nrow 1\n")
    assert len(document.text) <= 100
    assert "that is the limit" in document.notes[0]


def test_limit_of_pages_keeps_the_first_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {name: sheet(text_rows([name])) for name in "ABC"})
    document = read(path, ReadLimits(max_pages=2))
    assert [page.label for page in document.pages] == ["A", "B"]
    assert document.notes == ("Only the first 2 sheets were read: that is the limit.",)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    part = sheet('<row r="1"><c r="A1" t="str"><v>a&b;c</v></c></row>')
    doctype = f'<!DOCTYPE x [<!ENTITY b SYSTEM "{secret.as_uri()}">]>'
    path = workbook(tmp_path / "a.xlsx", {"S": doctype + part})
    assert "secret" not in read(path).text.replace("# S", "")


def test_package_without_a_workbook_is_corrupt(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": "x"}, parts={"xl/workbook.xml": "<workbook"})
    with pytest.raises(DocumentCorrupt, match=r"Excel workbook is damaged"):
        read(path)


def test_rows_without_references_are_counted(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    assert read(workbook(tmp_path / "a.xlsx", {"S": sheet(rows)})).text == "# S\n\n1 | 2\n3\n"
