"""Tables of separated values: a row a line."""

import pytest

from readingroom.core.extraction import ReadLimits
from readingroom.documents.csv_table import read_csv


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter: str) -> None:
    rows = [["name", "city", "n"], ["Ann", "Bonn", "1"], ["Bob", "Rome", "2"]]
    data = "\r\n".join(delimiter.join(row) for row in rows).encode()
    assert read_csv(data, tabs=False).text == "name | city | n\nAnn | Bonn | 1\nBob | Rome | 2\n"


def test_quoted_cell_with_newline_stays_in_its_row() -> None:
    data = b'id,text\n1,"two\nlines, one ""cell"""\n2,x\n'
    assert read_csv(data, tabs=False).text == 'id | text\n1 | two lines, one "cell"\n2 | x\n'


def test_quotation_mark_that_is_never_closed_does_not_swallow_the_file() -> None:
    rows = "".join(f"{n},word {n}\n" for n in range(20_000))
    text = read_csv(f'id,text\n0,"open\n{rows}'.encode(), tabs=False).text
    assert "19999 | word 19999\n" in text


def test_tabs_promised_by_the_name_are_used() -> None:
    assert read_csv(b"a, b\tc\nd, e\tf\n", tabs=True).text == "a, b | c\nd, e | f\n"


def test_single_column_is_read() -> None:
    assert read_csv(b"word\nother\n", tabs=False).text == "word\nother\n"


def test_empty_rows_are_left_out() -> None:
    assert read_csv(b"a,b\n,\n\n1,2\n", tabs=False).text == "a | b\n1 | 2\n"


def test_header_and_row_numbers_are_told() -> None:
    document = read_csv(b"List of towns\n\nname,n\nBonn,1\n\nRome,2\n", tabs=False)
    table = document.tables[-1]
    assert document.text[table.start :] == "name | n\nBonn | 1\nRome | 2\n"
    assert table.header == "name | n"
    assert [number for _, number in table.rows] == [3, 6]


def test_bar_in_a_cell_differs_from_those_between_cells() -> None:
    assert read_csv(b"a,b\nx|y,2\n", tabs=False).text == "a | b\nx¦y | 2\n"


def test_rows_past_the_limit_are_left_out_and_noted() -> None:
    document = read_csv(b"name,n\n" + b"Bonn,1\n" * 100, tabs=False, limits=ReadLimits(max_chars=100))
    assert 0 < len(document.text) <= 100
    assert document.notes[0].startswith("Only the first ")
