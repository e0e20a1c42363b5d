"""Any encoding comes out as the characters that went in."""

import codecs

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from readingroom.documents.decoding import NotText, decode
from readingroom.documents.text import read_text

MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
RUSSIAN = "Все люди рождаются свободными и равными в своем достоинстве и правах.\n" * 3
JAPANESE = "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。\n" * 3
POLISH = "Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni i równi pod względem swej godności.\n" * 3
GERMAN = "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Grüße aus Köln!\n" * 3


@given(text=st.text(st.characters(exclude_categories=["Cs"])), encoding=st.sampled_from(sorted(MARKED)))
def test_marked_unicode_text_comes_out_as_it_went_in(text: str, encoding: str) -> None:
    # The mark of UTF-16 and a NUL are the mark of UTF-32.
    assume(not (encoding == "utf-16-le" and text.startswith("\x00")))
    expected = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    assert read_text(MARKED[encoding] + text.encode(encoding), "text").text == expected


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_unmarked_utf8_comes_out_as_it_went_in(text: str) -> None:
    data = text.encode("utf-8")
    if not data.startswith(tuple(MARKED.values())):
        assert decode(data).text == text


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_not_text(data: bytes) -> None:
    """No other exception, no lone surrogate, no NUL."""
    try:
        text = decode(data).text
    except NotText:
        return
    assert "\x00" not in text
    text.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "koi8_r"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (POLISH, "cp1250"),
        (GERMAN, "cp1252"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (RUSSIAN, "utf-16-le"),
        (GERMAN, "utf-32-le"),
        (GERMAN, "utf-32-be"),
    ],
)
def test_unmarked_text_is_recognised(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_rare_letters_late_in_a_long_file_decide_its_encoding() -> None:
    """The detector sees a sample only; it has to be the telling lines."""
    text = "plain words and nothing else\n" * 20_000 + GERMAN
    assert decode(text.encode("cp1252")).text == text


def test_text_that_was_encoded_twice_is_text() -> None:
    """A table of seasons, each with a dash: its second bytes are control characters, as many as in a picture."""
    text = "1987–88 third, 1988–89 “second”. " * 9
    assert decode(text.encode().decode("latin-1").encode()).text == text


def test_one_bad_byte_does_not_cost_utf8() -> None:
    data = (GERMAN * 10).encode() + b"\xff" + GERMAN.encode()
    assert decode(data).text.count("Würde") == 33


def test_declared_encoding_decides_between_likely_ones() -> None:
    assert decode("Größe: 3 €".encode("cp1252"), declared="windows-1252").text == "Größe: 3 €"


def test_declaration_that_is_wrong_is_overruled() -> None:
    assert decode(RUSSIAN.encode("cp1251"), declared="utf-8").text == RUSSIAN


def test_unknown_declaration_is_ignored() -> None:
    assert decode(GERMAN.encode("cp1252"), declared="x-no-such-thing").text == GERMAN


def test_few_nuls_are_dropped() -> None:
    assert (
        decode(b"a word\x00 and another, and then some more\n").text
        == "a word and another, and then some more\n"
    )


@pytest.mark.parametrize("data", [bytes(1000), bytes(range(256)) * 40, b"\x89\x00\x01\x02" * 500])
def test_binary_is_not_text(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)
