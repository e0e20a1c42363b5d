"""Text of any length comes in parts that together are the whole."""

import io
import random
import tracemalloc
from collections.abc import Iterator

import pytest

from readingroom.core.extraction import ExtractedDocument, ReadLimits, joined
from readingroom.documents.decoding import NotText
from readingroom.documents.readers import OpenText
from readingroom.documents.text import FIRST_PART_CHARS, read_text_parts

LINE = "Zażółć gęślą jaźń, and the quick brown fox jumps over the lazy dog.\n"


def parts_of(data: bytes, limits: ReadLimits | None = None) -> list[ExtractedDocument]:
    return list(_read(io.BytesIO(data), len(data), limits or ReadLimits()))


def _read(stream: io.RawIOBase | io.BytesIO, size: int, limits: ReadLimits) -> Iterator[ExtractedDocument]:
    return read_text_parts(OpenText(stream, size), "text", limits, lambda _done, _total: None)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_parts_together_are_the_text(encoding: str) -> None:
    text = LINE * 60_000
    parts = parts_of(text.encode(encoding))
    assert len(parts) > 1
    assert joined(parts).text == text


def test_parts_together_are_the_text_in_an_encoding_that_is_only_found_out() -> None:
    text = "Все люди рождаются свободными и равными в своем достоинстве и правах.\n" * 20_000
    parts = parts_of(text.encode("cp1251"))
    assert len(parts) > 1
    assert joined(parts).text == text


def test_offsets_go_on_from_part_to_part_and_parts_end_at_line_ends() -> None:
    parts = parts_of((LINE * 60_000).encode())
    end = 0
    for part in parts:
        assert part.pages[0].number is None
        assert part.pages[0].start == end
        assert part.text.endswith("\n")
        end = part.pages[0].end


def test_first_part_is_small_so_that_it_is_soon_found_in() -> None:
    parts = parts_of((LINE * 60_000).encode())
    assert len(parts[0].text) <= FIRST_PART_CHARS < len(parts[1].text)


def test_short_text_is_one_part() -> None:
    assert [part.text for part in parts_of(LINE.encode())] == [LINE]


def test_empty_text_is_one_part() -> None:
    assert [part.text for part in parts_of(b"")] == [""]


def test_line_ends_become_newlines_also_where_blocks_meet() -> None:
    data = b"ab\r\n" * 1_000_000
    assert joined(parts_of(data)).text == "ab\n" * 1_000_000


def test_letters_beyond_ascii_are_read_though_they_come_late() -> None:
    text = "plain words\n" * 200_000 + "jaźń\n"
    assert joined(parts_of(text.encode())).text == text
    assert joined(parts_of(text.encode("cp1250"))).text.startswith("plain words")


def test_damaged_bytes_further_on_are_replaced() -> None:
    data = (LINE * 30_000).encode() + b"\xff\xfe\n" + LINE.encode()
    text = joined(parts_of(data)).text
    assert "\ufffd" in text
    assert text.endswith(LINE)


def test_text_over_the_limit_is_read_up_to_it_and_says_so() -> None:
    parts = parts_of(b"word, " * 200_000, ReadLimits(max_chars=500_000))
    assert len(joined(parts).text) == 500_000
    assert joined(parts).notes == ("Only the first 500,000 characters were read: that is the limit.",)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(NotText):
        parts_of(random.Random(1).randbytes(2_000_000))


def test_little_is_in_memory_however_long_the_text_is() -> None:
    block = (LINE * 20_000).encode()

    class Endless(io.RawIOBase):
        """Gives the same lines again and again."""

        def read(self, size: int = -1) -> bytes:
            return block[:size]

    tracemalloc.start()
    try:
        chars = sum(len(part.text) for part in _read(Endless(), 100_000_000, ReadLimits(max_chars=10**9)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert chars > 80_000_000
    assert peak < 32_000_000
