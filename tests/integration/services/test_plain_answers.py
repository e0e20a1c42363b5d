"""Answers that are passages: each is cited on every page it holds text of."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpers.documents import paged
from readingroom.core.catalog import NewIndex
from readingroom.core.chunking import locations
from readingroom.core.cited_markdown import cited_markdown
from readingroom.core.conversation import Message, Role, Searched
from readingroom.core.extraction import ExtractedDocument
from readingroom.core.models import Chunk, Document, Passage
from readingroom.core.prompts import Material
from readingroom.core.sync_plan import FileStamp, FoundFile, SyncPlan
from readingroom.services.looking_up import Found
from readingroom.services.plain_answers import answer_with_passages, refuse
from readingroom.storage.catalog import SqliteCatalog

ONE = "Unused leave carries over into the year that follows, "
TWO = "and lapses there on the last day of March without notice."


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    opened = SqliteCatalog(tmp_path / "catalog.sqlite", tmp_path / "backups")
    yield opened
    opened.close()


def read(catalog: SqliteCatalog, content: ExtractedDocument) -> Document:
    """A workspace with the document in it, as if it had been read."""
    workspace = catalog.create_workspace("Law", NewIndex("m", 4, "c"))
    index = catalog.active_index(workspace.id)
    assert index is not None
    source = catalog.add_source(workspace.id, Path("/w"), is_folder=True, watch=False)
    path = Path(f"/w/handbook.{content.format}")
    catalog.apply_plan(source.id, SyncPlan(added=(FoundFile(path, FileStamp(1, 1)),)))
    document = catalog.claim_next()
    assert document is not None
    chunks = [Chunk(0, 0, len(content.text), 1, (), content.text, 3, "t")]
    catalog.store_read(
        document.id, index.id, extracted=content, chunks=chunks, content_hash="h", size_bytes=1, modified_at_ns=1,
    )  # fmt: skip
    (kept,) = catalog.documents(workspace.id)
    return kept


def found_in(document: Document, content: ExtractedDocument, place: str = "page 1") -> Found:
    passage = Passage(
        1, 1.0, 0.5, document.id, document.path, 1, 0, len(content.text), content.text,
        locations(0, len(content.text), content.pages), (), place=place,
    )  # fmt: skip
    return Found(Searched(1, 1, 1), Material((), (), [passage]), (passage,))


def asked(catalog: SqliteCatalog) -> Message:
    (workspace,) = catalog.workspaces()
    thread = catalog.create_thread(workspace.id, "")
    return catalog.add_message(thread.id, Role.USER, "When does leave lapse?")


def test_a_passage_over_a_page_border_is_cited_on_both_pages_each_with_its_own_words(
    catalog: SqliteCatalog,
) -> None:
    content = paged(ONE, TWO)
    document = read(catalog, content)
    message = asked(catalog)
    answer_with_passages(catalog, message, found_in(document, content))
    answer = catalog.messages(message.thread_id)[-1]
    assert [(c.n, c.page, c.place, c.quote, c.content_hash) for c in answer.citations] == [
        (1, 1, "page 1", ONE.strip(), "h"),
        (1, 2, "page 2", TWO, "h"),
    ]
    assert [content.text[c.start : c.end] for c in answer.citations] == [ONE.strip(), TWO]
    assert len(answer.passages) == 1
    assert f"[1] handbook.pdf, page 2: “{TWO}”" in cited_markdown(answer).replace("\\", "")


def test_the_nearest_passages_of_a_refusal_are_cited_page_by_page_too(catalog: SqliteCatalog) -> None:
    content = paged(ONE, TWO)
    document = read(catalog, content)
    message = asked(catalog)
    refused = refuse(catalog, message, found_in(document, content), limited=False)
    assert [c.page for c in refused.citations] == [1, 2]


def test_sheets_that_a_passage_runs_over_bear_their_names(catalog: SqliteCatalog) -> None:
    content = paged(ONE, TWO, kind="xlsx")
    first, second = content.pages
    content = replace(content, pages=(replace(first, label="Leave"), replace(second, label="Lapse")))
    document = read(catalog, content)
    message = asked(catalog)
    answer = answer_with_passages(catalog, message, found_in(document, content, "sheet Leave"))
    assert [c.place for c in answer.citations] == ["sheet Leave", "sheet Lapse"]
