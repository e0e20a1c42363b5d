"""Searches on the pool while one types into the command palette; the answer to the latest keystroke is shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import Citation, Thread
from readingroom.core.errors import UserFixableError
from readingroom.core.ids import DocumentId, MessageId, WorkspaceId
from readingroom.core.models import NamedDocument, Workspace
from readingroom.services.bundle import Services
from readingroom.services.find import LEAST_TYPED, Found
from readingroom.services.threads import FoundThread
from readingroom.ui.palette_entries import document_entries, passage_entries, said_entries
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.command_palette import CommandPalette
from readingroom.ui.widgets.fuzzy import fuzzy_filter
from readingroom.ui.widgets.palette_rows import PaletteEntry

PAUSE_MS = 250
"""Longer than between two keystrokes of most people: words are looked up with each, meaning once."""
_MOST_DOCUMENTS = 4

LOOKING = "Looking by meaning, too…"
NOTHING = "Nothing found for these words. Try others, or ask it as a question below."
WORDS_ALONE = "Found by words alone: meaning is not there yet for these documents."
NO_TEXT = "No text can be searched here yet. Add a folder, or wait until its files are read."
ONLY_NAMES = "There is no workspace yet, so there are no passages to find."


@dataclass(frozen=True, slots=True)
class _ByWords:
    documents: Sequence[PaletteEntry]
    passages: Sequence[Found]
    said: Sequence[FoundThread] = ()
    problem: Exception | None = None


class PaletteSearch(QObject):
    """What is asked while a search is under way waits, and only the latest of it is done."""

    def __init__(
        self,
        palette: CommandPalette,
        services: Services,
        runner: TaskRunner,
        workspace: Callable[[], Workspace | None],
        open_document: Callable[[DocumentId], None],
        open_citation: Callable[[Citation, Sequence[Citation]], None],
        show_message: Callable[[Thread, MessageId], None],
        workspace_names: Callable[[], Mapping[WorkspaceId, str]],
    ) -> None:
        super().__init__(palette)
        self._palette = palette
        self._services = services
        self._runner = runner
        self._workspace = workspace
        self._open_document = open_document
        self._open_citation = open_citation
        self._show_message = show_message
        self._workspace_names = workspace_names
        self._text = ""
        self._by_words = _Latest(self._look_by_words)
        self._by_meaning = _Latest(self._look_by_meaning)
        self._meaning: object = None
        """The search by meaning that is awaited; another, or None, once something else was typed."""
        self._names: _Names | None = None
        self._documents: Sequence[PaletteEntry] = ()
        self._said: Sequence[PaletteEntry] = ()
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._by_meaning.ask)
        palette.typed_changed.connect(self._take)

    def open(self, known: Sequence[PaletteEntry]) -> None:
        """Show the palette over what is known at once."""
        workspace = self._workspace()
        self._take("")
        self._names = None if workspace is None else _Names(self._services, workspace.id, self._open_document)
        self._palette.open(known)

    def _take(self, text: str) -> None:
        self._text = text
        self._meaning = None
        self._pause.stop()
        self._by_words.forget()
        self._by_meaning.forget()
        if len(text.strip()) < LEAST_TYPED:
            return
        if self._workspace() is None:
            self._palette.say("" if self._palette.found else ONLY_NAMES)
            return
        self._pause.start()
        self._by_words.ask()

    def _look_by_words(self) -> bool:
        workspace, names, text = self._workspace(), self._names, self._text
        if workspace is None or names is None:
            return False
        find, threads = self._services.find, self._services.threads

        def work(_token: CancelToken) -> Iterator[object]:
            try:
                passages, problem = find.by_words(workspace.id, text), None
            except UserFixableError as error:
                passages, problem = (), error
            yield _ByWords(names.like(text), passages, threads.find(text), problem)

        def answer(found: object) -> None:
            assert isinstance(found, _ByWords)  # noqa: S101  (it is what was yielded)
            if text == self._text:
                self._show_words(found)

        self._runner.start(work, on_progress=answer, on_finished=self._by_words.ended)
        return True

    def _show_words(self, found: _ByWords) -> None:
        self._documents = found.documents
        self._said = said_entries(found.said, self._show_message, self._workspace_names())
        self._show(found.passages)
        if found.problem is not None:
            self._meaning = None
            self._pause.stop()
            self._palette.say(f"Passages cannot be searched now: {found.problem}")
        elif self._pause.isActive() or self._meaning is not None:
            self._palette.say(LOOKING if not found.passages else "")

    def _look_by_meaning(self) -> bool:
        workspace, text = self._workspace(), self._text
        if workspace is None:
            return False
        asked = self._meaning = object()

        def work(_token: CancelToken) -> Iterator[object]:
            yield find.by_meaning(workspace.id, text)

        def answer(passages: object) -> None:
            if asked is self._meaning and isinstance(passages, Sequence):
                self._meaning = None
                self._show_meaning(passages, workspace)

        def fail(error: Exception) -> None:
            if asked is self._meaning:
                self._meaning = None
                self._palette.say(f"Passages cannot be searched now: {error}")

        find = self._services.find
        self._runner.start(work, on_progress=answer, on_failure=fail, on_finished=self._by_meaning.ended)
        return True

    def _show_meaning(self, passages: Sequence[Found], workspace: Workspace) -> None:
        if not passages:
            # By words something may have been found that does not answer as a question; it stays.
            found = self._palette.found
            nothing = NO_TEXT if workspace.chunks == 0 else NOTHING
            self._palette.say("" if any(entry.snippet for entry in found) else nothing)
            return
        self._show(passages)
        by_meaning = any(found.passage.similarity is not None for found in passages)
        self._palette.say("" if by_meaning else WORDS_ALONE)

    def _show(self, passages: Sequence[Found]) -> None:
        entries = passage_entries(passages, self._open_citation)
        self._palette.show_found([*self._documents, *entries, *self._said])


class _Latest:
    """Has one search under way and at most one waiting."""

    def __init__(self, start: Callable[[], bool]) -> None:
        """`start` begins a search for what is typed then, of which `ended` is told; False where it did not."""
        self._start = start
        self._busy = False
        self._waiting = False

    def ask(self) -> None:
        """Search now, or after the search under way."""
        self._waiting = self._busy
        if not self._busy:
            self._busy = self._start()

    def forget(self) -> None:
        """Let nothing wait: something else is typed."""
        self._waiting = False

    def ended(self) -> None:
        """The search under way is over."""
        self._busy = False
        if self._waiting:
            self.ask()


class _Names:
    """The workspace's documents by name, listed when first asked for. Knows no Qt: the pool may drop it last."""

    def __init__(
        self, services: Services, workspace_id: WorkspaceId, open_document: Callable[[DocumentId], None]
    ) -> None:
        self._services = services
        self._workspace_id = workspace_id
        self._open_document = open_document
        self._listed: Sequence[NamedDocument] | None = None

    def like(self, text: str) -> Sequence[PaletteEntry]:
        """Those whose names fit, the best first; runs on the pool, one call at a time."""
        if self._listed is None:
            # Names alone: whole documents, of 20,000, held the window up for a quarter of a second.
            self._listed = self._services.documents.names(self._workspace_id)
        return document_entries(fuzzy_filter(self._listed, text, _MOST_DOCUMENTS), self._open_document)
