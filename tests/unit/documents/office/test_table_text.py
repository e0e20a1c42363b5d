"""Rows of a sheet become lines, with the header of each table and the numbers of its rows."""

from collections.abc import Mapping, Sequence

from readingroom.core.extraction import Table
from readingroom.documents.office.table_text import Row, TableText, cell_text, column_letters, dense


def written(
    rows: Mapping[int, Sequence[str]], *, start: int = 0, blocks: bool = True
) -> tuple[str, tuple[Table, ...]]:
    table = TableText(start, blocks=blocks)
    for number, cells in rows.items():
        table.add(Row(number, tuple(dense(cells))))
    return table.finish()


def row_at(table: Table, offset: int) -> int:
    """The row number of the line that begins at an offset, as a viewer finds it."""
    text_start, number = max((pair for pair in table.rows if pair[0] <= offset), key=lambda pair: pair[0])
    assert text_start <= offset
    return number


def test_first_row_of_words_is_the_header() -> None:
    text, tables = written({1: ["Name", "Born"], 2: ["Ann", "1990"], 3: ["Bob", "1985"]})
    assert text == "Name | Born\nAnn | 1990\nBob | 1985\n"
    assert tables == (Table(0, len(text), "Name | Born", ((0, 1),)),)


def test_titles_above_a_header_are_a_block_of_their_own() -> None:
    text, (title, table) = written({1: ["Stanley Cups"], 2: ["Team", "Cups"], 3: ["Blues", "1"]}, start=10)
    assert text == "Stanley Cups\n\nTeam | Cups\nBlues | 1\n"
    assert (title.header, title.start, title.rows) == ("", 10, ((10, 1),))
    assert (table.header, table.start, table.rows) == ("Team | Cups", 24, ((24, 2),))
    assert table.end == 10 + len(text)


def test_header_with_a_blank_row_below_it_names_the_rows_that_follow() -> None:
    text, tables = written({1: ["Number", "Square"], 3: ["1", "1"], 4: ["2", "4"]})
    assert text == "Number | Square\n1 | 1\n2 | 4\n"
    assert tables == (Table(0, len(text), "Number | Square", ((0, 1), (16, 3))),)


def test_blank_row_inside_a_table_does_not_end_it() -> None:
    text, tables = written({1: ["Item", "Price"], 2: ["Tea", "3"], 4: ["Milk", "1"]})
    assert text == "Item | Price\nTea | 3\nMilk | 1\n"
    (table,) = tables
    assert table.header == "Item | Price"
    assert row_at(table, text.index("Milk")) == 4


def test_second_table_below_has_its_own_header() -> None:
    _, tables = written({1: ["Item", "Price"], 2: ["Tea", "3"], 5: ["City", "People"], 6: ["Bonn", "300"]})
    assert [table.header for table in tables] == ["Item | Price", "City | People"]


def test_numbers_alone_have_no_header() -> None:
    _, (table,) = written({1: ["1", "2.5"], 2: ["3", "4"]})
    assert table.header == ""


def test_years_may_head_columns() -> None:
    _, (table,) = written({1: ["Region", "2022", "2023"], 2: ["North", "1,200", "1,300"]})
    assert table.header == "Region | 2022 | 2023"


def test_long_remarks_are_no_header() -> None:
    remark = "This remark goes on and on. " * 10
    _, (table,) = written({1: [remark, remark], 2: ["1", "2"]})
    assert table.header == ""


def test_cells_stay_in_their_columns() -> None:
    text, _ = written({1: ["", "", "A", "", "B"], 2: ["", "", "", "", "2"], 3: ["", "", "3", "", ""]})
    assert text == "A | B\n | 2\n3\n"


def test_cells_keep_columns_that_appear_late() -> None:
    rows: dict[int, Sequence[str]] = {1: ["Name", "Place"]}
    rows |= {number: [f"n{number}", "x"] for number in range(2, 300)}
    rows[300] = ["late", "x", "", "new"]
    text, (table,) = written(rows)
    assert text.endswith("late | x | new\n")
    assert table.header == "Name | Place"


def test_bar_of_a_cell_differs_from_those_between_cells() -> None:
    assert cell_text("a|b\n c") == "a¦b c"


def test_gaps_count_but_do_not_divide_where_there_are_no_blocks() -> None:
    text, (table,) = written({1: ["a", "b"], 4: ["1", "2"]}, blocks=False)
    assert text == "a | b\n1 | 2\n"
    assert table.rows == ((0, 1), (6, 4))


def test_wide_drawing_of_few_cells_is_not_padded() -> None:
    rows = {number: ["" for _ in range(number * 3)] + ["x"] for number in range(1, 100)}
    text, _ = written(rows)
    assert text == "x\n" * 99


def test_columns_have_their_letters() -> None:
    assert [column_letters(column) for column in (0, 25, 26, 701, 702, 16383)] == "A Z AA ZZ AAA XFD".split()
