"""Rows of the list: what is inside a document follows it, filters that repeat each other are not offered."""

import random
from collections import Counter
from pathlib import Path

import pytest

from readingroom.core.ids import DocumentId, SourceId, WorkspaceId
from readingroom.core.models import Document, DocumentState
from readingroom.ui.models.document_rows import SortBy, StateFilter, offered, rows_of, words_of
from readingroom.ui.models.document_words import cell_words, figures, history, name_words, spoken
from readingroom.ui.models.format_kinds import format_kind


def document(path: str, locator: str = "", *, source: int = 1, **changes: object) -> Document:
    values: dict[str, object] = {
        "id": DocumentId(abs(hash((path, source)))),
        "workspace_id": WorkspaceId(1),
        "source_id": SourceId(source),
        "path": Path(path),
        "state": DocumentState.READY,
        "reason": "",
        "format": "",
        "pages": None,
        "chunks": 1,
        "size_bytes": 100,
        "modified_at_ns": 0,
        "content_hash": None,
        "indexed_at": None,
        "revision": 1,
        "locator": locator,
        "container_id": DocumentId(7) if locator else None,
    }
    return Document(**(values | changes))  # type: ignore[arg-type]


def test_what_is_inside_follows_what_it_is_in() -> None:
    wanted = [
        document("/a/box 2.mbox"),
        document("/a/box 2.mbox/0001 Zeta.eml", "1"),
        document("/a/box 2.mbox/0001 Zeta.eml/report 2.pdf", "1/a"),
        document("/a/box 2.mbox/0001 Zeta.eml/report 10.pdf", "1/b"),
        document("/a/box 2.mbox/0002 Alpha.eml", "2"),
        document("/b/box 2.mbox"),
        document("/b/box 2.mbox/0001 Other.eml", "1"),
        document("/a/box 10.mbox"),
        document("/a/zebra.txt"),
    ]
    mixed = wanted.copy()
    random.Random(3).shuffle(mixed)
    rows = sorted(rows_of(mixed), key=lambda row: row.key(SortBy.NAME))
    assert [row.document.path for row in rows] == [document.path for document in wanted]
    assert [row.depth for row in rows] == [0, 1, 2, 2, 1, 0, 1, 0, 0]
    assert rows[3].folder == "in 0001 Zeta.eml in box 2.mbox"


def test_one_file_in_two_sources_is_two_rows_each_with_its_own_parts() -> None:
    path, inside = "/a/letter.eml", "/a/letter.eml/x.pdf"
    rows = rows_of(
        [document(p, "1" if p == inside else "", source=s) for s in (12, 1) for p in (inside, path)]
    )
    keys = {row.key(SortBy.NAME): row for row in rows}
    assert len(keys) == 4
    ordered = [(keys[key].document.source_id, keys[key].depth) for key in sorted(keys)]
    assert ordered in ([(1, 0), (1, 1), (12, 0), (12, 1)], [(12, 0), (12, 1), (1, 0), (1, 1)])


@pytest.mark.parametrize(
    "sort", [SortBy.WORDS, SortBy.READING, SortBy.CHANGED, SortBy.INDEXED, SortBy.WITHOUT_TEXT]
)
def test_figures_are_sorted_as_numbers(sort: SortBy) -> None:
    def with_figure(number: int) -> Document:
        return document(
            f"/{10 - number}.txt", words=10**number, read_seconds=10.0**number, modified_at_ns=10 ** (number + 9),
            indexed_at=10.0**number, pages_without_text=10**number,
        )  # fmt: skip

    rows = rows_of(with_figure(number) for number in (3, 1, 5))
    unread = rows_of([document("/unread.txt", size_bytes=-1)])[0]
    assert [row.document.words for row in sorted(rows, key=lambda row: row.key(sort))] == [10, 1000, 100_000]
    assert unread.key(sort) < min(row.key(sort) for row in rows)


def test_a_part_is_found_by_the_name_of_what_it_is_in() -> None:
    (row,) = rows_of([document("/a/Budget.mbox/0001 Zeta.eml", "1", reason="Torn at the end.")])
    for words in ("budget zeta", "torn", "ready"):
        assert all(word in row.haystack for word in words_of(words))


def test_a_filter_that_shows_the_same_as_another_is_not_offered() -> None:
    counts = Counter(
        {StateFilter.ALL: 9, StateFilter.FAILED: 2, StateFilter.ATTENTION: 2, StateFilter.NOT_SEARCHABLE: 2}
    )
    assert {state for state in StateFilter if offered(state, counts.__getitem__)} == {
        StateFilter.ALL,
        StateFilter.FAILED,
    }
    counts.update({StateFilter.LOCKED: 1, StateFilter.ATTENTION: 1, StateFilter.NOT_SEARCHABLE: 4})
    assert [
        offered(state, counts.__getitem__) for state in (StateFilter.ATTENTION, StateFilter.NOT_SEARCHABLE)
    ] == [3, 6]


@pytest.mark.parametrize(
    ("path", "form", "word"),
    [
        ("/a.pdf", "pdf", "PDF"),
        ("/a.dat", "xlsx", "Table"),
        ("/letter.EML", "", "E-mail message"),
        ("/a.zip", "", "Archive"),
        ("/Makefile", "code", "Source code"),
        ("/a.unknown", "", "File"),
        ("/a.unknown", "something new", "Text"),
    ],
)
def test_the_kind_is_told_by_the_format_else_by_the_suffix(path: str, form: str, word: str) -> None:
    assert format_kind(document(path, format=form)).word == word


def test_figures_say_what_is_known_and_nothing_else() -> None:
    deck = document("/a.pptx", format="pptx", pages=12, words=1, pages_without_text=2, size_bytes=1_400_000)
    assert figures(deck) == "Presentation · 12 slides, 2 without text · 1 word · 1.4 MB"
    assert figures(document("/a.zip", size_bytes=-1)) == "Archive"
    assert history(document("/a.zip"), 0.0) == ""
    read = document("/a.txt", read_seconds=2.34)
    assert history(read, 0.0) == "Read in 2.3 s"
    assert cell_words(read, SortBy.READING) == "2.3 s"


def test_a_part_is_named_with_what_it_is_in() -> None:
    part = document("/a/mail.mbox/1 a.eml/report.pdf", "1/x", state=DocumentState.FAILED, reason="Torn.")
    assert name_words(part) == "report.pdf in 1 a.eml in mail.mbox"
    assert spoken(part) == "report.pdf in 1 a.eml in mail.mbox, Failed: Torn. PDF, 100 B"
