"""Old, binary and XML workbooks, and tables in text that bear their name."""

from pathlib import Path

import pytest

from helpers.office_files import DATA, flat_opendocument, opendocument, read, read_locked
from readingroom.core.errors import DocumentCorrupt, DocumentUnsupported
from readingroom.core.extraction import ReadLimits
from readingroom.documents.office import old_workbook

SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"


def test_old_workbook_is_read() -> None:
    document = read(DATA / "testEXCEL_5.xls")
    assert document.format == "xls"
    assert [page.label for page in document.pages] == ["Feuil1"]
    assert "Number | Square\n1 | 1\n2 | 4\n" in document.text


def test_old_workbook_shows_numbers_as_the_program_does_and_hides_what_it_hides() -> None:
    document = read(DATA / "looks.xls")
    assert document.text == (
        "# Looks\n\nItem | Share | Price\nTea | 25.6% | €1,234.50\n | on blue\nMilk | 50.0% | €2,469.00\n"
    )
    assert document.notes == (
        "Text that cannot be seen was left out (27 characters in sheet Looks): “Column unseen hidden row white”",
    )
    assert document.tables[0].rows == ((9, 1), (54, 4))


def test_rows_of_an_old_workbook_keep_their_numbers() -> None:
    tables = read(DATA / "legacy_sample.xls").tables
    assert [table.rows for table in tables] == [((21, 2),), ((58, 4),)]


def test_workbook_from_before_version_5_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_workbook, "find_libreoffice", lambda: None)
    path = tmp_path / "a.xls"
    path.write_bytes(b"\x09\x00\x04\x00\x02\x00\x10\x00" + bytes(100))
    with pytest.raises(DocumentUnsupported, match="are read when LibreOffice is installed"):
        read(path)


def test_binary_workbook_is_read_and_its_hidden_sheet_noted() -> None:
    document = read(DATA / "fruit.xlsb")
    assert document.format == "xlsb"
    assert document.text == (
        "# Fruit\n\nItem | Price | When | Share | Ok\nApples | 1.5 | 2024-03-15 | 0.25 | TRUE\n"
        "Pears | 2 | 2024-04-01 12:30:00 | 0.5 | FALSE\n"
    )
    assert document.notes == (
        "Text that cannot be seen was left out (6 characters in hidden sheet Lists): “secret”",
    )


def test_workbook_in_xml_is_read_under_the_name_of_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "report.xls"
    path.write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{SPREADSHEET}" xmlns:ss="{SPREADSHEET}">'
        '<Worksheet ss:Name="May"><Table><Row><Cell><Data ss:Type="String">Item</Data></Cell>'
        '<Cell><Data ss:Type="String">Price</Data></Cell></Row><Row ss:Index="4"><Cell>'
        '<Data ss:Type="String">Tea</Data></Cell><Cell><Data ss:Type="Number">2.50</Data></Cell></Row></Table></Worksheet>'
        '<Worksheet ss:Name="Lists"><Table><Row><Cell><Data ss:Type="String">no</Data></Cell></Row></Table>'
        '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible>'
        "</WorksheetOptions></Worksheet></Workbook>"
    )
    document = read(path)
    assert document.text == "# May\n\nItem | Price\nTea | 2.5\n"
    assert document.tables[0].rows == ((7, 1), (20, 4))
    assert "hidden sheet Lists" in document.notes[0]


def test_tabs_under_the_name_of_a_workbook_are_read_as_a_table(tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    path.write_text("Item\tPrice\nTea\t2\n")
    document = read(path)
    assert (document.format, document.text) == ("csv", "Item | Price\nTea | 2\n")


@pytest.mark.parametrize("kept", [600, 3000, 5000])
def test_old_workbook_that_is_cut_off_is_corrupt_or_read_in_part(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes((DATA / "testEXCEL_5.xls").read_bytes()[:kept])
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read(path)


def test_container_whose_blocks_go_in_circles_ends(tmp_path: Path) -> None:
    data = bytearray((DATA / "testEXCEL_5.xls").read_bytes())
    # The table of small blocks: the header says where it is, four bytes a block, each with the block that follows.
    table = (int.from_bytes(data[60:64], "little") + 1) * 512
    assert data[table + 12] == 4
    data[table + 12] = 3
    path = tmp_path / "a.xls"
    path.write_bytes(data)
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read(path)


def test_open_document_spreadsheet_shows_what_its_cells_show() -> None:
    document = read(DATA / "test-columnar.ods")
    assert [page.label for page in document.pages] == ["testing"]
    assert "3 | 9 | This is row 3 of 10 | 30% | 66.7% | 22-03-1960" in document.text
    assert document.tables[0].header.startswith("Record Number | Square of the Record Number")


def cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def test_hidden_rows_columns_and_sheets_of_open_document_are_noted(tmp_path: Path) -> None:
    body = (
        '<table:table table:name="One"><table:table-column/><table:table-column table:visibility="collapse"/>'
        f"<table:table-row>{cell('shown')}{cell('column')}</table:table-row>"
        f'<table:table-row table:visibility="filter">{cell("row")}</table:table-row></table:table>'
        f'<table:table table:name="Two" table:style-name="h"><table:table-row>{cell("sheet")}</table:table-row></table:table>'
    )
    automatic = '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    document = read(opendocument(tmp_path / "a.ods", "spreadsheet", body, automatic=automatic))
    assert document.text == "# One\n\nshown\n"
    assert document.notes == (
        "Text that cannot be seen was left out (9 characters in sheet One): “column row”",
        "Text that cannot be seen was left out (5 characters in hidden sheet Two): “sheet”",
    )


def test_repeated_rows_and_cells_count(tmp_path: Path) -> None:
    blank = '<table:table-row table:number-rows-repeated="8"><table:table-cell/></table:table-row>'
    twice = cell("a", 'table:number-columns-repeated="2"')
    body = (
        '<table:table table:name="S">'
        f"<table:table-row>{twice}</table:table-row>{blank}"
        f"<table:table-row>{cell('z')}</table:table-row>"
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/>'
        "</table:table-row></table:table>"
    )
    document = read(opendocument(tmp_path / "a.ods", "spreadsheet", body))
    assert document.text == "# S\n\na | a\n\nz\n"
    assert document.tables[-1].rows == ((12, 10),)


def test_endless_repetition_reaches_the_limit(tmp_path: Path) -> None:
    many = cell("again", 'table:number-columns-repeated="16000"')
    body = (
        '<table:table table:name="S"><table:table-row table:number-rows-repeated="1000000">'
        f"{many}</table:table-row></table:table>"
    )
    document = read(opendocument(tmp_path / "a.ods", "spreadsheet", body), ReadLimits(max_chars=1_000_000))
    assert len(document.text) <= 1_000_000
    assert "that is the limit" in document.notes[0]


def test_comments_of_open_document_are_read(tmp_path: Path) -> None:
    noted = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>why?</text:p></office:annotation>'
        "<text:p>cell</text:p></table:table-cell>"
    )
    body = f'<table:table table:name="S"><table:table-row><table:table-cell/>{noted}</table:table-row></table:table>'
    document = read(opendocument(tmp_path / "a.ods", "spreadsheet", body))
    assert document.text == "# S\n\ncell\n\nComment on B1: why?\n"


def test_flat_spreadsheet_is_read(tmp_path: Path) -> None:
    body = f'<table:table table:name="S"><table:table-row>{cell("x")}</table:table-row></table:table>'
    assert read(flat_opendocument(tmp_path / "a.fods", "spreadsheet", body)).text == "# S\n\nx\n"


def test_value_without_what_it_shows_is_read(tmp_path: Path) -> None:
    body = (
        '<table:table table:name="S"><table:table-row>'
        '<table:table-cell office:value-type="float" office:value="2.50"/></table:table-row></table:table>'
    )
    assert read(opendocument(tmp_path / "a.ods", "spreadsheet", body)).text == "# S\n\n2.5\n"


def test_locked_workbook_is_read_with_its_password() -> None:
    assert read_locked(DATA / "password.xls", "wrong", "password").text
