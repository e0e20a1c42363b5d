"""Answers as Markdown to be given away."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from readingroom.core.cited_markdown import cited_markdown, harmless
from readingroom.core.conversation import Citation, Message, Role, Support
from readingroom.core.ids import DocumentId, MessageId, ThreadId

LEAVE = Citation(
    1, DocumentId(1), Path("/d/handbook.pdf"), 12, 0, 9, "Unused  leave\ncarries over.", located=True
)


def answer(text: str, *citations: Citation) -> Message:
    return Message(MessageId(2), ThreadId(1), Role.ASSISTANT, text, 0.0, model="m", citations=citations)


def test_sources_are_listed_below_with_file_page_and_words() -> None:
    assert cited_markdown(answer("It does [1].", LEAVE)) == (
        "It does [1].\n\nSources:\n\n- [1] handbook.pdf, page 12: “Unused leave carries over.”"
    )


def test_a_place_cited_twice_is_listed_once_and_doubt_is_told() -> None:
    again = replace(LEAVE, claim_start=20, claim_end=30)
    doubtful = replace(LEAVE, n=2, support=Support.NONE, quote="", located=False)
    listed = cited_markdown(answer("It does [1]. Twice [1]. Or not [2].", LEAVE, again, doubtful))
    assert listed.count("- [1]") == 1
    assert listed.endswith("- [2] handbook.pdf, page 12 (not found in the source)")


def test_the_name_of_a_file_is_never_markup() -> None:
    hostile = replace(LEAVE, path=Path("/d/![x](http:⁄⁄evil).pdf"), quote="<img src=x>")
    listed = cited_markdown(answer("It does [1].", hostile))
    assert "<img" not in MarkdownIt("commonmark").render(listed)


PIECES = [
    "![x](http://evil/?q=1)", "<img src=http://evil>", "<script>alert(1)</script>", "\\", "`", "```", "~~~", "``", "\n",
    "\n\n", "\r", "- a", "> ", "    ", "  ", "1. ", "text", "```python", "[x]: http://evil", "![x]", "<!-- ", "-->",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_whatever_a_model_writes_no_picture_and_no_markup_is_left(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(harmless(text))
    kinds = {inner.type for token in tokens for inner in (token, *(token.children or ()))}
    assert not kinds & {"image", "html_inline", "html_block"}


@pytest.mark.parametrize("code", ["```html\n<b>![x](y)</b>\n```", "~~~\n<b>\n~~~"])
def test_code_stays_as_it_is(code: str) -> None:
    assert harmless(f"Write\n\n{code}\n\nthen") == f"Write\n\n{code}\n\nthen"
