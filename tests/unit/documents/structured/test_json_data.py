"""Data is read as lines that make sense without its braces."""

import io
import json
from itertools import pairwise

import pytest

from readingroom.core.extraction import ExtractedDocument, ReadLimits, joined
from readingroom.documents.readers import OpenText, ReadOpenText
from readingroom.documents.structured.json_data import read_json, read_json_lines


def read(text: str, limits: ReadLimits | None = None) -> ExtractedDocument:
    return _read(read_json, text, limits)


def read_lines(text: str, limits: ReadLimits | None = None) -> ExtractedDocument:
    return _read(read_json_lines, text, limits)


def _read(reader: ReadOpenText, text: str, limits: ReadLimits | None) -> ExtractedDocument:
    data = text.encode()
    return joined(
        reader(OpenText(io.BytesIO(data), len(data)), limits or ReadLimits(), lambda _done, _total: None)
    )


def test_objects_are_lines_of_key_and_value_nested_by_indentation() -> None:
    text = read(
        '{"name": "Trowel", "size": {"length": 12.50, "unit": "cm"}, "tags": ["tool", "garden"], "old": false}'
    ).text
    assert text == "name: Trowel\nsize:\n  length: 12.50\n  unit: cm\ntags: tool, garden\nold: false\n"


def test_objects_of_a_list_are_paragraphs() -> None:
    text = read('[{"a": 1, "b": {"c": 2}}, {"a": 3, "b": {"c": 4}}]').text
    assert text == "a: 1\nb:\n  c: 2\n\na: 3\nb:\n  c: 4\n\n"


def test_objects_that_are_alike_are_a_table() -> None:
    people = [{"name": name, "city": "Bonn | Rhine"} for name in ("Ann", "Bob", "Eve")]
    document = read(json.dumps({"title": "People", "people": people}))
    (table,) = document.tables
    assert document.title == "People"
    assert table.header == "name | city"
    assert document.text[table.start : table.end] == (
        "name | city\nAnn | Bonn ¦ Rhine\nBob | Bonn ¦ Rhine\nEve | Bonn ¦ Rhine\n"
    )
    assert table.rows == ((document.text.index("Ann"), 1),)


def test_long_values_stay_under_their_keys() -> None:
    assert not read(json.dumps([{"text": "word " * 100}] * 5)).tables


@pytest.mark.parametrize("damaged", ['{"a": "some words', '{"a" "some words"}', "some words"])
def test_damaged_data_is_read_as_plain_text_and_says_so(damaged: str) -> None:
    document = read(damaged)
    assert document.text == damaged
    assert "read as plain text" in document.notes[0]


def test_data_nested_without_end_is_read_as_plain_text() -> None:
    assert read("[" * 100_000).text == "[" * 100_000


def test_data_nested_deeply_is_kept() -> None:
    assert "deep" in read('{"a":' * 60 + '"deep"' + "}" * 60).text


def test_long_data_is_read_up_to_the_limit_and_says_so() -> None:
    document = read(json.dumps(["word"] * 1000), ReadLimits(max_chars=100))
    assert len(document.text) == 100
    assert "Only the first 100 characters" in document.notes[0]


def test_records_of_a_line_each_under_a_json_name_are_read() -> None:
    assert read('{"a": 1}\n{"b": 2}\n').text == "a: 1\nb: 2\n"


def test_a_record_is_a_line() -> None:
    text = read_lines('{"a": 1, "b": {"c": "two\\nlines"}}\nno json\n\n{"d": [1, {"e": 2}]}\n').text
    assert text == "a: 1; b.c: two lines\nno json\nd: 1; d.e: 2\n"


def test_records_that_are_alike_are_a_table_with_their_line_numbers() -> None:
    document = read_lines('{"x": "odd"}\n' + "".join(f'{{"id": {n}, "v": "{n}{n}"}}\n' for n in range(5)))
    (table,) = document.tables
    assert table.header == "id | v"
    assert table.rows == ((document.text.index("0 | 00"), 2),)


@pytest.mark.parametrize(("count", "words"), [(8000, 100), (12, 80_000)])
def test_records_are_whole_though_parts_meet_within_them(count: int, words: int) -> None:
    middle = " ".join(["word"] * words)
    document = read_lines(
        "\n".join(json.dumps({"id": n, "text": f"begin {middle} end {n}"}) for n in range(count))
    )
    assert len(document.pages) > 1
    records = [line for line in document.text.split("\n") if line]
    assert records == [f"id: {n}; text: begin {middle} end {n}" for n in range(count)]
    assert all(a.end == b.start for a, b in pairwise(document.pages))
