"""Finding quoted words in a text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.text_spans import locate, sentences


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        (
            "Unused leave  of up\nto ten days.",
            "unused leave of up to ten days",
            "Unused leave  of up\nto ten days",
        ),
        ("The infor-\nmation is here", "information", "infor-\nmation"),
        ("He said “carry over” twice", '"carry over"', "“carry over”"),
        ("ﬁnal oﬃce", "final office", "ﬁnal oﬃce"),
        ("op\u00adtional hyphen", "optional", "op\u00adtional"),
        ("caf\u0065\u0301 noir", "café", "caf\u0065\u0301"),
        ("Straße und Größe", "STRASSE UND GRÖSSE", "Straße und Größe"),
        ("中文句子在这里。", "句子", "句子"),
        ("a well-known fact", "well-known", "well-known"),
    ],
)
def test_a_quote_is_found_whatever_its_typography(text: str, quote: str, found: str) -> None:
    span = locate(text, quote)
    assert span is not None
    assert text[span.start : span.end] == found


def test_words_that_do_not_stand_there_are_not_found() -> None:
    assert locate("Ten days carry over.", "eleven days carry over") is None


def test_an_empty_quote_is_nowhere() -> None:
    assert locate("text", " \n") is None


@given(st.text(min_size=1), st.data())
def test_any_slice_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    span = locate(text, quote)
    if span is None:
        # Only what folds to nothing, or begins in the middle of a folded sequence, may be missed.
        assert locate(quote, quote) is None or "-" in text
    else:
        assert 0 <= span.start < span.end <= len(text)


@given(st.text())
def test_sentences_stand_in_order_and_lose_no_words(text: str) -> None:
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    kept = "".join("".join(text[span.start : span.end].split()) for span in spans)
    assert kept == "".join(text.split())
