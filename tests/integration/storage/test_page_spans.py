"""Pages and their text are found by offsets, also where pages are empty."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.core.ids import DocumentId
from readingroom.core.sync_plan import FileStamp, FoundFile, SyncPlan
from readingroom.storage.catalog import SqliteCatalog
from readingroom.storage.page_spans import page_at, pages_within, text_within

TEXTS = ("", "one\n", "", "", "two and more\n", "three\n", "")
WHOLE = "".join(TEXTS)
_STARTS = [sum(map(len, TEXTS[:at])) for at in range(len(TEXTS))]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> SqliteCatalog:
    folder = tmp_path_factory.mktemp("catalog")
    opened = SqliteCatalog(folder / "catalog.sqlite", folder / "backups")
    workspace = opened.create_workspace("Law")
    index = opened.create_index(workspace.id, "m", 8, "c", active=True)
    source = opened.add_source(workspace.id, Path("/docs"), is_folder=True, watch=True)
    for name in ("a", "b"):
        opened.apply_plan(source.id, SyncPlan(added=(FoundFile(Path(f"/docs/{name}"), FileStamp(1, 1)),)))
        document = opened.claim_next()
        assert document is not None
        pages = tuple(
            Page(n, start, text) for n, (start, text) in enumerate(zip(_STARTS, TEXTS, strict=True), 1)
        )
        opened.store_read(
            document.id, index.id, extracted=ExtractedDocument("pdf", pages), chunks=(), content_hash=name,
            size_bytes=1, modified_at_ns=1,
        )  # fmt: skip
    return opened


@given(st.lists(st.integers(0, len(WHOLE) + 3), min_size=2, max_size=2).map(sorted))
def test_what_a_span_meets_is_found_with_its_text(catalog: SqliteCatalog, span: list[int]) -> None:
    start, end = span
    met = [
        n
        for n, (first, text) in enumerate(zip(_STARTS, TEXTS, strict=True), 1)
        if first < end and first + len(text) > start
    ]
    found = catalog._lane.read(lambda db: pages_within(db, DocumentId(1), start, end))
    assert [row["number"] for row in found] == met
    text = "".join(catalog._lane.read(lambda db: text_within(db, DocumentId(2), start, end)))
    assert text == (WHOLE[start:end] if met else "")


@given(st.integers(0, len(WHOLE) + 3))
def test_each_character_stands_on_one_page(catalog: SqliteCatalog, offset: int) -> None:
    row = catalog._lane.read(lambda db: page_at(db, DocumentId(1), offset))
    if offset >= len(WHOLE):
        assert row is None
    else:
        assert row is not None
        assert row["start"] <= offset < row["stop"]


@given(st.lists(st.integers(0, len(WHOLE) + 3), min_size=2, max_size=2).map(sorted))
def test_a_span_is_divided_by_the_pages_it_stands_on(catalog: SqliteCatalog, span: list[int]) -> None:
    (found,) = catalog.locations([(DocumentId(1), span[0], span[1])])
    assert [(place.start, place.end) for place in found] == [
        (max(first, span[0]), min(first + len(text), span[1]))
        for first, text in zip(_STARTS, TEXTS, strict=True)
        if first < span[1] and first + len(text) > span[0]
    ]
    assert [TEXTS[(place.page or 0) - 1] for place in found] == [
        WHOLE[_STARTS[(place.page or 0) - 1] :][: len(TEXTS[(place.page or 0) - 1])] for place in found
    ]
