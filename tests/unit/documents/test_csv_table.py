"""Tables of separated values: a row a line."""

import pytest

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
