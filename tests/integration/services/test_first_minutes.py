"""What a workspace begins with and what a document is about, on a real catalog and a real index."""

from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.ids import DocumentId
from readingroom.core.models import Workspace
from readingroom.services.first_minutes import CommonWords, FirstMinutesService
from readingroom.services.source_cards import SourceCardService
from readingroom.storage.embedding_cache import SqliteEmbeddingCache

_TEXTS = {
    "lease.md": "# Lease\n\n## Security deposit\n\nThe security deposit is paid by the tenant.\n" * 6,
    "letter.md": "Your security deposit will be repaid. The security deposit was 900.\n" * 6,
    "recipe.md": "Bake the apple cake for an hour. The apple cake is done when it is brown.\n" * 6,
}


@pytest.fixture
def workspace(room: Room, tmp_path: Path) -> Workspace:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, text in _TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    made = room.workspaces.create("Papers")
    room.sources.add(made.id, [folder])
    room.ingest.start()
    room.settle()
    return made


def test_a_workspace_is_greeted_with_what_was_read_and_what_to_ask(room: Room, workspace: Workspace) -> None:
    greeting = FirstMinutesService(room.catalog, CommonWords(room.catalog)).greeting(workspace.id)
    assert (greeting.read, greeting.pending, greeting.unread) == (3, 0, ())
    assert greeting.followed
    assert any("security deposit" in question.casefold() for question in greeting.questions)
    assert 1 <= len(greeting.questions) <= 3


def test_a_card_tells_the_documents_own_phrases_and_what_it_shares_them_with(
    room: Room, workspace: Workspace, tmp_path: Path
) -> None:
    """Without embeddings, as while they are being made, the phrases find the others."""
    cache = SqliteEmbeddingCache(tmp_path / "empty.sqlite")
    cards = SourceCardService(room.catalog, cache, room.stores, CommonWords(room.catalog))
    card = cards.card(room.documents(workspace)["lease.md"].id)
    cache.close()
    assert card is not None
    assert card.phrases[0].text.casefold() == "security deposit"
    assert [document.path.name for document in card.related] == ["letter.md"]


def test_the_same_file_elsewhere_is_no_related_document(room: Room, workspace: Workspace) -> None:
    copied = room.documents(workspace)["lease.md"].path.with_name("copy of lease.md")
    copied.write_text(_TEXTS["lease.md"], encoding="utf-8")
    room.sources.reconcile(room.catalog.sources(workspace.id)[0].id)
    room.settle()
    cards = SourceCardService(room.catalog, room.cache, room.stores, CommonWords(room.catalog))
    card = cards.card(room.documents(workspace)["lease.md"].id)
    assert card is not None
    assert "copy of lease.md" not in [document.path.name for document in card.related]


def test_a_document_that_is_gone_has_no_card(room: Room, workspace: Workspace) -> None:
    cards = SourceCardService(room.catalog, room.cache, room.stores, CommonWords(room.catalog))
    assert cards.card(DocumentId(10**9)) is None
