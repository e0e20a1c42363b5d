"""Cutting with the real tokenizer of the model that comes with the program."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.documents import paged, unpaged
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.chunking import MAX_CHARS_PER_TOKEN
from readingroom.core.extraction import ExtractedDocument, Heading, Page, Table
from readingroom.core.models import Chunk
from readingroom.embedding.splitting import WindowChunker, chunker_for
from readingroom.embedding.tokens import load_counter

NOWHERE = Path("no-models-here")
COUNTER, MAX_TOKENS = load_counter(NOWHERE, BUNDLED_EMBEDDING_MODEL)
SMALL = WindowChunker(COUNTER, 14)
"""A window of twelve tokens reaches every branch with short texts."""


@pytest.fixture(scope="module")
def chunker() -> WindowChunker:
    return chunker_for(NOWHERE, BUNDLED_EMBEDDING_MODEL)


def assert_sound(document: ExtractedDocument, chunks: list[Chunk], limit: int) -> None:
    """What holds of every cutting."""
    text = document.text
    covered = 0
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        assert covered <= chunk.start < chunk.end <= len(text)
        assert not text[covered : chunk.start].strip(), "text left out"
        assert chunk.text == text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip()
        assert chunk.tokens <= limit
        assert len(chunk.text) <= limit * MAX_CHARS_PER_TOKEN
        covered = chunk.end
    assert not text[covered:].strip(), "text left out at the end"
    assert [chunk.tokens for chunk in chunks] == COUNTER.count([chunk.text for chunk in chunks])


alphabet = st.one_of(
    st.characters(codec=None),  # with lone surrogates: a reader should not give them, cutting bears them
    st.sampled_from("ab .,\n\n\n\t#*|`-\u3000\u00a0\u2028\x0c\x1c中文字é\u0301👩\u200d💻"),
)
words = st.sampled_from(
    ["the ", "house. ", "\n\n", "\n# Head\n", "x" * 230, "| a | b |\n", "- item\n", "中文。", " "]
)
texts = st.one_of(st.text(alphabet, max_size=300), st.lists(words, max_size=60).map("".join))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pages=st.lists(texts, max_size=5),
    kind=st.sampled_from(["pdf", "markdown"]),
    headings=st.lists(st.builds(Heading, st.integers(1, 4), st.just("H"), st.integers(0, 400)), max_size=4),
)
def test_any_text_is_cut_exactly_and_wholly(pages: list[str], kind: str, headings: list[Heading]) -> None:
    document = paged(*pages, kind=kind, headings=tuple(headings))
    assert_sound(document, list(SMALL.cut(document)), 12)


def test_a_document_without_text_gives_no_chunks(chunker: WindowChunker) -> None:
    assert list(chunker.cut(unpaged(" \n\n\t"))) == []
    assert list(chunker.cut(ExtractedDocument("pdf", ()))) == []


def test_a_run_without_seams_is_cut_all_the_same(chunker: WindowChunker) -> None:
    """A WordPiece tokenizer counts such a run as one unknown token, whatever its length."""
    document = unpaged("Q" * 100_000 + " end")
    chunks = list(chunker.cut(document))
    assert_sound(document, chunks, 254)
    assert len(chunks) > 20


def test_paragraphs_are_kept_whole_where_they_fit(chunker: WindowChunker) -> None:
    paragraph = "The library keeps its oldest maps in a dry room behind the reading hall. " * 6
    document = unpaged("\n\n".join([paragraph.strip()] * 12))
    chunks = list(chunker.cut(document))
    assert_sound(document, chunks, 254)
    assert all(chunk.text.startswith("The library") and chunk.text.endswith("hall.") for chunk in chunks)
    assert all(chunk.tokens > 150 for chunk in chunks[:-1])


def test_sentences_are_kept_whole_in_a_long_paragraph(chunker: WindowChunker) -> None:
    document = unpaged("The library keeps its oldest maps in a dry room behind the reading hall. " * 200)
    chunks = list(chunker.cut(document))
    assert_sound(document, chunks, 254)
    assert all(chunk.text.endswith("hall.") and chunk.text.startswith("The") for chunk in chunks)
    assert all(chunk.tokens >= 200 for chunk in chunks[:-1])


def test_a_section_starts_a_new_chunk_and_names_it(chunker: WindowChunker) -> None:
    body = "Rain falls on the roof and runs to the sea. " * 10
    text = f"# Water\n\n{body}\n\n## Salt\n\n{body}\n\n# Fire\n\n{body}"
    headings = (
        Heading(1, "Water", 0),
        Heading(2, "Salt", text.index("Salt")),
        Heading(1, "Fire", text.index("# Fire")),
    )
    chunks = list(chunker.cut(unpaged(text, "markdown", headings)))
    assert [chunk.heading for chunk in chunks] == [("Water",), ("Water", "Salt"), ("Fire",)]
    assert [chunk.text.split("\n")[0] for chunk in chunks] == ["# Water", "## Salt", "# Fire"]


def test_a_chunk_bears_the_page_on_which_it_starts(chunker: WindowChunker) -> None:
    page = "One fish swims under the bridge at noon. " * 18
    chunks = list(chunker.cut(paged(page, page, page)))
    assert [chunk.page for chunk in chunks] == [1, 2, 3]


def test_a_scrap_at_the_foot_of_a_page_goes_with_the_next(chunker: WindowChunker) -> None:
    chunks = list(chunker.cut(paged("A title alone", "and the text that follows it.")))
    assert [(chunk.page, chunk.text) for chunk in chunks] == [
        (1, "A title aloneand the text that follows it.")
    ]


def test_rows_of_a_table_stay_whole(chunker: WindowChunker) -> None:
    rows = "".join(f"| row {i} | some words about it | {i * 7} |\n" for i in range(80))
    document = unpaged("| a | b | c |\n| --- | --- | --- |\n" + rows, "docx")
    chunks = list(chunker.cut(document))
    assert_sound(document, chunks, 254)
    assert all(chunk.text.startswith("|") and chunk.text.endswith("|") for chunk in chunks)


def test_each_chunk_of_a_table_is_told_its_header(chunker: WindowChunker) -> None:
    header = "Customer | City | Amount due"
    rows = [f"Customer number {n} | Amsterdam | {n * 17} euros" for n in range(400)]
    before = "The list of all that is owed.\n\n"
    text = before + "\n".join([header, *rows]) + "\n"
    table = Table(len(before), len(text), header)
    document = ExtractedDocument("csv", (Page(None, 0, text),), tables=(table,))
    chunks = list(chunker.cut(document))
    assert_sound(document, chunks, MAX_TOKENS - 2)
    inside = [chunk for chunk in chunks if chunk.start >= table.start]
    assert [chunk.context for chunk in inside] == ["", *[header] * (len(inside) - 1)]
    assert inside[0].text.startswith(header)
    assert all(chunk.text.splitlines()[0] in rows for chunk in inside[1:])
    assert max(COUNTER.count([chunk.embedded_text for chunk in chunks])) <= MAX_TOKENS - 2


def test_what_stands_under_a_heading_is_embedded_with_it_and_fits(chunker: WindowChunker) -> None:
    heading = "Duties of the harbour master"
    text = f"{heading}\n\n" + "\n\n".join(
        f"Ships of berth {n} wait for the tide there. " * 9 for n in range(40)
    )
    document = ExtractedDocument("docx", (Page(None, 0, text),), headings=(Heading(1, heading, 0),))
    first, *others = chunker.cut(document)
    assert first.topic == ""  # it holds the heading itself
    assert {chunk.topic for chunk in others} <= {heading, ""}
    assert sum(bool(chunk.topic) for chunk in others) > len(others) / 2
    assert all(heading not in chunk.text and heading not in chunk.worded_text for chunk in others)
    assert max(COUNTER.count([chunk.embedded_text for chunk in others])) <= MAX_TOKENS - 2


def test_a_plain_text_s_own_first_line_is_its_title(chunker: WindowChunker) -> None:
    rest = "\n\n".join(f"Ships of berth {n} wait for the tide there. " * 9 for n in range(9))
    titled = ExtractedDocument("text", (Page(None, 0, f"Of harbours\n\n{rest}"),))
    assert [chunk.topic for chunk in chunker.cut(titled)][1:].count("Of harbours") > 2
    untitled = ExtractedDocument("text", (Page(None, 0, f"Of harbours\nand more\n\n{rest}"),))
    assert not any(chunk.topic for chunk in chunker.cut(untitled))
    long = ExtractedDocument("text", (Page(None, 0, f"Of harbours\n\n{rest * 9}"),))
    assert not any(chunk.topic for chunk in chunker.cut(long))


def test_a_part_of_a_document_is_cut_at_its_own_offsets(chunker: WindowChunker) -> None:
    whole = paged("One page with words.\n", "Another page with words.\n")
    part = replace(whole, pages=whole.pages[1:], headings=(Heading(1, "Before", 2),))
    (chunk,) = chunker.cut(part)
    assert whole.text[chunk.start : chunk.end] == chunk.text == "Another page with words."
    assert (chunk.page, chunk.heading) == (2, ("Before",))


def test_equal_text_has_an_equal_hash_and_other_text_another(chunker: WindowChunker) -> None:
    one, same, other = (next(chunker.cut(unpaged(text))) for text in ("A b c", "\n\nA b c ", "A b d"))
    assert one.text_hash == same.text_hash != other.text_hash
    assert len(one.text_hash) == 32


def test_offsets_count_characters_not_bytes(chunker: WindowChunker) -> None:
    document = unpaged("Ähre 👩‍💻 中文。" * 300)
    chunks = list(chunker.cut(document))
    assert_sound(document, chunks, 254)
    assert all(before.end <= after.start for before, after in pairwise(chunks))
