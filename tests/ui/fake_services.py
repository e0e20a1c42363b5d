"""Services that live in memory with plausible data, for tests of the window and for looking at it."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from fakes import FakeKeeper, FakeLanguageModel
from readingroom.config.power import Power
from readingroom.config.settings import Settings, settings_from
from readingroom.core.answering import Answering
from readingroom.core.cancellation import CancelToken
from readingroom.core.citations import with_kept
from readingroom.core.conversation import (
    AnswerMode,
    Citation,
    FoundMessage,
    Message,
    Role,
    Searched,
    Support,
    Thread,
)
from readingroom.core.copies import CatalogCopy, CopyKind
from readingroom.core.embedding_forms import EmbeddingForm, FormWorth, Precision
from readingroom.core.errors import (
    FolderDiffers,
    LanguageModelUnreachable,
    NoSuchWorkspace,
    SourceNotFound,
    UserFixableError,
    WorkspaceNameTaken,
)
from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.core.ids import DocumentId, IndexId, MessageId, SourceId, ThreadId, WorkspaceId
from readingroom.core.key_phrases import KeyPhrase
from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.core.model_server import ServedModel, ServerKind
from readingroom.core.models import (
    SEARCHABLE_STATES,
    Document,
    DocumentState,
    DownloadProgress,
    EmbeddingModel,
    Index,
    IngestCounts,
    NamedDocument,
    PageSpan,
    Passage,
    RemovedItem,
    RenderedPage,
    SearchMode,
    SearchScope,
    Source,
    SourceProgress,
    SourceState,
    SwitchCost,
    SwitchProgress,
    Workspace,
)
from readingroom.core.recognition import RecognitionStatus
from readingroom.core.relinking import Fit, Relinked
from readingroom.core.remote import Server
from readingroom.core.snippets import Snippet, Typed, find_marks, snippet, typed
from readingroom.core.source_rules import LeftOutFile, SourceRules
from readingroom.core.tallies import TalliedDocument
from readingroom.core.text_spans import Span
from readingroom.services.answer_events import LookingThrough
from readingroom.services.answering import AnsweringService
from readingroom.services.backups import BackupService
from readingroom.services.bundle import Services
from readingroom.services.chat import (
    Answered,
    AnswerEvent,
    Asked,
    ChatService,
    ReadingPassages,
    Searching,
    Writing,
)
from readingroom.services.documents import DocumentService
from readingroom.services.embedding_forms import FormService, OfferedForms
from readingroom.services.exhaustive import ShownPlace, TallyService
from readingroom.services.exporting import ExportingService, Form
from readingroom.services.find import FindService, Found
from readingroom.services.first_minutes import FirstMinutesService, Greeting
from readingroom.services.ignore_patterns import lines_not_understood
from readingroom.services.ignoring import IgnoreService, LeftOut
from readingroom.services.ingest import IngestService
from readingroom.services.listeners import Listeners
from readingroom.services.model_server import ModelServerService, ServerKeys
from readingroom.services.models import ModelService
from readingroom.services.passwords import PasswordService
from readingroom.services.pausing import PausingService
from readingroom.services.portability import Exported, Imported, PortabilityService, Transfer
from readingroom.services.preferences import PreferenceService
from readingroom.services.recognise import RecogniseService
from readingroom.services.retrieve import RetrieveService
from readingroom.services.rules import Rules, leaves_out
from readingroom.services.server import Moving, ServerService
from readingroom.services.source_cards import SourceCard, SourceCardService
from readingroom.services.source_rules import RulesChange, RuleService, RulesPreview
from readingroom.services.sources import SourceService
from readingroom.services.threads import FoundThread, ThreadService
from readingroom.services.verify import VerifyService
from readingroom.services.workspaces import WorkspaceService

EVERYTHING = SearchScope()
READY = LanguageModelStatus(
    LanguageModelCondition.READY, "http://127.0.0.1:11434", ("qwen3:8b", "gemma3:4b"), version="0.12.3"
)
LAW = WorkspaceId(1)
THESIS = WorkspaceId(2)
HOUSE = WorkspaceId(3)
HANDBOOK = DocumentId(1)
POLICY = DocumentId(2)
CARRY_OVER = ThreadId(1)
NOTICE_PERIODS = ThreadId(2)
LONG_THREAD = ThreadId(10)

_LEAVE = (
    "4.2 Annual leave\n\nEmployees accrue 1.75 days of paid leave for each completed month of service. "
    "Leave is granted by the line manager with regard to the needs of the department.\n\n"
    "Unused leave of up to ten days carries over into the next calendar year. Days beyond that number are "
    "forfeited without compensation unless operational reasons prevented their being taken.\n\n"
    "Requests for more than five consecutive days are made at least two weeks in advance. Illness during "
    "leave is credited on presentation of a medical certificate.\n\n"
    "4.3 Special leave\n\nSpecial leave of up to three days is granted on marriage, birth of a child, death "
    "of a close relative and change of residence.\n"
)
_LAPSE = (
    "4.4 Lapse of leave\n\nLeave carried over lapses on 31 March of the following year. The department "
    "reminds employees of days about to lapse by the end of January.\n"
)
_PART_TIME = (
    "Part-time staff\n\nPart-time staff carry over leave in proportion to their contracted days. The number "
    "is rounded up to the next half day.\n"
)

ANSWER = (
    "Up to **ten** unused days carry over into the next calendar year [1], and they lapse if not taken by "
    "31 March [2].\n\nPart-time staff carry over in proportion to their contracted days [3]."
)


def handbook_pages() -> tuple[Page, ...]:
    """The 48 pages of handbook.pdf."""
    pages, start = [], 0
    for number in range(1, 49):
        text = {12: _LEAVE, 13: _LAPSE}.get(
            number, f"Chapter {number}\n\n" + "The terms of service apply. " * 30
        )
        pages.append(Page(number, start, text))
        start += len(text)
    return tuple(pages)


def policy_pages() -> tuple[Page, ...]:
    """The text of policy-2024.docx, which has no pages."""
    return (Page(None, 0, "Leave policy 2024\n\nThis policy adds to the handbook.\n\n" + _PART_TIME),)


def _citation(
    n: int, document: Document, pages: Sequence[Page], quote: str, *, located: bool = True
) -> Citation:
    text = "".join(page.text for page in pages)
    start = text.index(quote)
    page = next(page for page in pages if page.start <= start < page.end)
    return Citation(n, document.id, document.path, page.number, start, start + len(quote), quote, located)


def _passage(
    rank: int, document: Document, pages: Sequence[Page], text: str, heading: tuple[str, ...]
) -> Passage:
    whole = "".join(page.text for page in pages)
    start = whole.index(text)
    end = start + len(text)
    number = next(page.number for page in pages if page.start <= start < page.end)
    return Passage(
        rank, 1.2 - rank / 10, 0.8 - rank / 20, document.id, document.path, number, start, end, text,
        (PageSpan(number, start, end),), heading,
    )  # fmt: skip


@dataclass
class World:
    """What all fakes share. Change it freely before the window is built; publish afterwards."""

    workspaces: dict[WorkspaceId, Workspace] = field(default_factory=dict)
    threads: dict[ThreadId, Thread] = field(default_factory=dict)
    copies: list[CatalogCopy] = field(default_factory=list)
    messages: dict[ThreadId, list[Message]] = field(default_factory=dict)
    documents: dict[DocumentId, Document] = field(default_factory=dict)
    pages: dict[DocumentId, tuple[Page, ...]] = field(default_factory=dict)
    extracted: dict[DocumentId, ExtractedDocument] = field(default_factory=dict)
    """Where more than pages was read of a document."""
    sources: dict[SourceId, Source] = field(default_factory=dict)
    progress: dict[SourceId, SourceProgress] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    citations: tuple[Citation, ...] = ()
    removed: set[tuple[str, int]] = field(default_factory=set)
    removed_documents: list[RemovedItem] = field(default_factory=list)
    left_out: dict[SourceId, tuple[LeftOutFile, ...]] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    """What was asked of the services, as ("add", workspace id, paths, watch)."""
    status: LanguageModelStatus = field(default_factory=lambda: READY)
    served: tuple[ServedModel, ...] = (
        ServedModel("qwen3:8b", 5_225_388_164, 40_960, "8.2B", "Q4_K_M", "qwen3", loaded_bytes=6_900_000_000),
        ServedModel("gemma3:4b", 3_338_801_804, 131_072, "4.3B", "Q4_K_M", "gemma3"),
        ServedModel("nomic-embed-text:latest", 274_302_450, 2048, "137M", "F16", "nomic-bert", chats=False),
    )
    """What Ollama has on its disk."""
    answering: dict[WorkspaceId, Answering] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1000))
    problem: UserFixableError | None = None
    mended: int = 0
    power: Power | None = None
    speeds: dict[str, float] = field(default_factory=lambda: {"all-MiniLM-L6-v2": 1312.0})
    trial_fault: Exception | None = None
    """Raised where the forms of embeddings are tried."""
    switching: SwitchProgress | None = None
    recognition: RecognitionStatus = field(default_factory=lambda: RecognitionStatus(0, 0, 0, 0.0, False))


class FakeVerify(VerifyService):
    """A document has changed when its hash in the world is another than the citation's."""

    def __init__(self, world: World) -> None:
        self.world = world

    def changed(self, citations: Sequence[Citation]) -> frozenset[Citation]:
        known = self.world.documents
        return frozenset(
            c
            for c in citations
            if c.document_id not in known
            or (c.content_hash and known[c.document_id].content_hash != c.content_hash)
        )

    def keep(self, message: Message, citation: Citation) -> Message:
        self.world.calls.append(("keep", message.id, citation.n))
        messages = self.world.messages[message.thread_id]
        text, citations = with_kept(message.text, message.citations, citation)
        kept = replace(message, text=text, citations=citations)
        messages[messages.index(message)] = kept
        return kept


class FakeWorkspaces(WorkspaceService):
    def __init__(self, world: World) -> None:
        self.world = world

    def list(self) -> Sequence[Workspace]:
        return [w for w in self.world.workspaces.values() if ("workspace", w.id) not in self.world.removed]

    def get(self, name: str) -> Workspace:
        for workspace in self.list():
            if workspace.name == name:
                return workspace
        raise NoSuchWorkspace(f"There is no workspace “{name}”.")

    def create(self, name: str) -> Workspace:
        self._check(name)
        workspace = Workspace(WorkspaceId(next(self.world.ids)), name.strip(), 0, 0, "all-MiniLM-L6-v2")
        self.world.workspaces[workspace.id] = workspace
        return workspace

    def rename(self, workspace_id: WorkspaceId, name: str) -> Workspace:
        self._check(name, besides=workspace_id)
        workspace = replace(self.world.workspaces[workspace_id], name=name.strip())
        self.world.workspaces[workspace_id] = workspace
        return workspace

    def _check(self, name: str, besides: WorkspaceId | None = None) -> None:
        if not name.strip():
            raise UserFixableError("A workspace needs a name.")
        if any(w.name == name.strip() and w.id != besides for w in self.list()):
            raise WorkspaceNameTaken(
                f"There is already a workspace “{name.strip()}”.", hint="Choose another name."
            )

    def remove(self, workspace_id: WorkspaceId) -> None:
        self.world.removed.add(("workspace", workspace_id))

    def restore(self, workspace_id: WorkspaceId) -> None:
        self.world.removed.discard(("workspace", workspace_id))

    def threads(self, workspace_id: WorkspaceId) -> Sequence[Thread]:
        found = [
            t
            for t in self.world.threads.values()
            if t.workspace_id == workspace_id and ("thread", t.id) not in self.world.removed
        ]
        return sorted(found, key=lambda t: (not t.pinned, -t.updated_at))

    def create_thread(self, workspace_id: WorkspaceId, title: str = "") -> Thread:
        thread = Thread(ThreadId(next(self.world.ids)), workspace_id, title, time.time())
        self.world.threads[thread.id] = thread
        return thread

    def rename_thread(self, thread_id: ThreadId, title: str) -> None:
        self.world.threads[thread_id] = replace(self.world.threads[thread_id], title=title)

    def remove_thread(self, thread_id: ThreadId) -> None:
        self.world.removed.add(("thread", thread_id))

    def restore_thread(self, thread_id: ThreadId) -> None:
        self.world.removed.discard(("thread", thread_id))

    def messages(self, thread_id: ThreadId) -> Sequence[Message]:
        return list(self.world.messages.get(thread_id, ()))


class FakeSources(SourceService):
    def __init__(self, world: World) -> None:
        self.world = world
        self.changed = Listeners[WorkspaceId]()

    def sources(self, workspace_id: WorkspaceId) -> Sequence[Source]:
        return [
            s
            for s in self.world.sources.values()
            if s.workspace_id == workspace_id and ("source", s.id) not in self.world.removed
        ]

    def add(
        self, workspace_id: WorkspaceId, paths: Sequence[Path], *, watch: bool = True
    ) -> Sequence[Source]:
        self.world.calls.append(("add", workspace_id, tuple(paths), watch))
        for path in paths:
            if not path.exists():
                raise SourceNotFound(f"{path} is not there.", hint="Check the path.")
        added = []
        for path in paths:
            state = SourceState.WATCHING if watch else SourceState.ONCE
            source = Source(
                SourceId(next(self.world.ids)), workspace_id, path, path.is_dir(), watch, state, time.time()
            )
            self.world.sources[source.id] = source
            self.world.progress[source.id] = SourceProgress(source.id, "scanning", 0, 0, 0, 0)
            added.append(source)
        self.changed.publish(workspace_id)
        return added

    def _set(self, source_id: SourceId, state: SourceState) -> None:
        source = replace(self.world.sources[source_id], state=state)
        self.world.sources[source_id] = source
        self.changed.publish(source.workspace_id)

    def remove(self, source_id: SourceId) -> None:
        self.world.removed.add(("source", source_id))
        self.changed.publish(self.world.sources[source_id].workspace_id)

    def restore(self, source_id: SourceId) -> None:
        self.world.removed.discard(("source", source_id))
        self.changed.publish(self.world.sources[source_id].workspace_id)

    def removed(self, workspace_id: WorkspaceId) -> Sequence[RemovedItem]:
        sources = [
            RemovedItem(s.path, time.time(), self.world.progress[s.id].total, s.id)
            for s in self.world.sources.values()
            if s.workspace_id == workspace_id and ("source", s.id) in self.world.removed
        ]
        return [*sources, *self.world.removed_documents]

    def restore_documents(self, workspace_id: WorkspaceId, document_ids: Sequence[DocumentId]) -> int:
        self.world.calls.append(("restore_documents", tuple(document_ids)))
        kept = [i for i in self.world.removed_documents if i.document_id not in document_ids]
        came = len(self.world.removed_documents) - len(kept)
        self.world.removed_documents = kept
        return came

    def confirm_removal(self, source_id: SourceId) -> int:
        return self._note_answer(source_id, "confirm_removal")

    def keep_vanished(self, source_id: SourceId) -> int:
        return self._note_answer(source_id, "keep_vanished")

    def _note_answer(self, source_id: SourceId, word: str) -> int:
        self.world.calls.append((word, source_id))
        source = self.world.sources[source_id]
        self.world.sources[source_id] = replace(source, vanished=0)
        self._set(source_id, SourceState.WATCHING)
        return source.vanished

    def pause(self, source_id: SourceId) -> None:
        self._set(source_id, SourceState.PAUSED)

    def resume(self, source_id: SourceId) -> None:
        self._set(source_id, SourceState.WATCHING)

    def reconcile(self, source_id: SourceId, *, ask: bool = True) -> IngestCounts:
        self.world.calls.append(("reconcile", source_id))
        return IngestCounts(found=self.world.progress[source_id].total)

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def relink(self, source_id: SourceId, path: Path, *, confirmed: bool = False) -> Relinked:
        self.world.calls.append(("relink", source_id, path, confirmed))
        if not confirmed and not path.name.startswith(self.world.sources[source_id].path.name):
            raise FolderDiffers(f"Of 12 files, 0 are in {path}.", hint="Choose the folder that was moved.")
        former = self.world.sources[source_id]
        now = replace(former, path=path, state=SourceState.WATCHING)
        self.world.sources[source_id] = now
        self.changed.publish(now.workspace_id)
        return Relinked(now, former.path, 12, Fit(12, 12, 12))


class FakePortability(PortabilityService):
    """Yields a step, waits at the gate, and ends with a result."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.gate = threading.Event()
        self.gate.set()
        self.fault: Exception | None = None

    def export(self, workspace_id: WorkspaceId, path: Path, *, cancel: CancelToken) -> Iterator[Transfer]:
        self.world.calls.append(("export", workspace_id, path))
        yield from self._wait(cancel)
        yield Transfer(4, 4, Exported(path, "Law", 1204, 9000, 8000, 3, 24_000_000))

    def import_(self, path: Path, *, cancel: CancelToken, name: str = "") -> Iterator[Transfer]:
        self.world.calls.append(("import", path))
        yield from self._wait(cancel)
        made = Workspace(WorkspaceId(next(self.world.ids)), "Carried", 12, 90, "all-MiniLM-L6-v2")
        self.world.workspaces[made.id] = made
        yield Transfer(4, 4, Imported(made.id, "Carried", 12, 90, 80, 3, "all-MiniLM-L6-v2", False))

    def _wait(self, cancel: CancelToken) -> Iterator[Transfer]:
        if self.fault is not None:
            raise self.fault
        yield Transfer(1, 4)
        cancel.when_cancelled(self.gate.set)
        self.gate.wait()
        cancel.raise_if_cancelled()

    def clean_up(self) -> None:
        pass


class FakeIngest(IngestService):
    def __init__(self, world: World, sources: FakeSources) -> None:
        self.world = world
        self._sources = sources
        self.progressed = Listeners[WorkspaceId]()

    @property
    def mended(self) -> int:
        return self.world.mended

    @property
    def problem(self) -> UserFixableError | None:
        return self.world.problem

    def progress(self, workspace_id: WorkspaceId) -> Sequence[SourceProgress]:
        return [
            self.world.progress[s.id]
            for s in self._sources.sources(workspace_id)
            if s.id in self.world.progress
        ]

    def retry(self, document_ids: Sequence[DocumentId]) -> None:
        self.world.calls.append(("retry", tuple(document_ids)))
        newest = max((d.revision for d in self.world.documents.values()), default=0)
        for document_id in document_ids:
            document = self.world.documents[document_id]
            newest += 1
            self.world.documents[document_id] = replace(
                document, state=DocumentState.QUEUED, reason="", revision=newest
            )
        for workspace_id in {self.world.documents[i].workspace_id for i in document_ids}:
            self.progressed.publish(workspace_id)

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


class FakeDocuments(DocumentService):
    def __init__(self, world: World) -> None:
        self.world = world

    def list(self, workspace_id: WorkspaceId) -> Sequence[Document]:
        return sorted(
            (d for d in self.world.documents.values() if d.workspace_id == workspace_id), key=lambda d: d.path
        )

    def names(self, workspace_id: WorkspaceId) -> Sequence[NamedDocument]:
        return [NamedDocument(d.id, d.path.name, str(d.path.parent)) for d in self.list(workspace_id)]

    def since(
        self, workspace_id: WorkspaceId, revision: int
    ) -> tuple[Sequence[Document], frozenset[DocumentId], int]:
        every = self.list(workspace_id)
        newest = max((d.revision for d in every), default=revision)
        return [d for d in every if d.revision > revision], frozenset(d.id for d in every), newest

    def get(self, document_id: DocumentId) -> Document | None:
        return self.world.documents.get(document_id)

    def find(self, workspace_id: WorkspaceId, path: Path) -> Document | None:
        return next((d for d in self.list(workspace_id) if d.path == path), None)

    def pages(self, document_id: DocumentId) -> Sequence[Page]:
        if document_id in self.world.extracted:
            return self.world.extracted[document_id].pages
        if document_id in self.world.pages:
            return self.world.pages[document_id]
        document = self.world.documents[document_id]
        if document.state not in (DocumentState.READY, DocumentState.WORDS):
            return ()
        text = f"# {document.path.stem}\n\n" + "Nothing in this document is remarkable. " * 40
        return (Page(1 if document.pages else None, 0, text),)

    def content(self, document_id: DocumentId) -> ExtractedDocument:
        if document_id in self.world.extracted:
            return self.world.extracted[document_id]
        return ExtractedDocument(self.world.documents[document_id].format, tuple(self.pages(document_id)))

    def pin(self, document_ids: Sequence[DocumentId], *, pinned: bool) -> None:
        newest = max((d.revision for d in self.world.documents.values()), default=0)
        for number, document_id in enumerate(document_ids, start=newest + 1):
            document = self.world.documents[document_id]
            self.world.documents[document_id] = replace(document, pinned=pinned, revision=number)

    def members(self, document_id: DocumentId) -> Sequence[Document]:
        inside = (d for d in self.world.documents.values() if d.container_id == document_id)
        return sorted(inside, key=lambda d: d.path)

    def render_page(
        self,
        document_id: DocumentId,
        page: int,
        *,
        width_px: int,
        start: int | None = None,
        end: int | None = None,
    ) -> RenderedPage:
        pages = self.pages(document_id)
        wanted = pages[page - 1]
        mark = (0, 0) if start is None or end is None else (start - wanted.start, end - wanted.start)
        return draw_page(wanted.text, page, len(pages), width_px, mark)


class FakeRetrieve(RetrieveService):
    def __init__(self, world: World) -> None:
        self.world = world

    def search(
        self,
        workspace_id: WorkspaceId,
        query: str,
        *,
        limit: int = 8,
        mode: SearchMode = SearchMode.HYBRID,
        scope: SearchScope = EVERYTHING,
        joining: bool = True,
    ) -> Sequence[Passage]:
        return self.world.passages[:limit] if query.strip() else ()


class FakeFind(FindService):
    """The real one over the world's passages, without a catalog to complete words from.

    `hold` is called before each search with how it is done and what was typed, and may block or fail.
    """

    def __init__(self, retrieve: RetrieveService) -> None:
        self._retrieve = retrieve
        self.hold: Callable[[str, str], None] = lambda _how, _text: None

    def by_words(self, workspace_id: WorkspaceId, text: str) -> Sequence[Found]:
        self.hold("words", text)
        return super().by_words(workspace_id, text)

    def by_meaning(self, workspace_id: WorkspaceId, text: str) -> Sequence[Found]:
        self.hold("meaning", text)
        return super().by_meaning(workspace_id, text)

    def _completions(self, workspace_id: WorkspaceId, sought: Typed) -> Sequence[str]:
        return ()


class FakeThreads(ThreadService):
    """Branches are those of the real service: see the tests that use it."""

    def __init__(self, world: World) -> None:
        self.world = world

    def pin(self, thread_id: ThreadId, *, pinned: bool) -> None:
        self.world.threads[thread_id] = replace(self.world.threads[thread_id], pinned=pinned)

    def show_branch(self, message_id: MessageId) -> Sequence[Message]:
        self.world.calls.append(("show_branch", message_id))
        return next(found for found in self.world.messages.values() if any(m.id == message_id for m in found))

    def find(self, text: str) -> Sequence[FoundThread]:
        words = text.casefold().split()
        return [
            FoundThread(
                FoundMessage(self.world.threads[thread_id], message.id, message.role, message.text),
                snippet(message.text, find_marks(message.text, typed(text))),
            )
            for thread_id, messages in self.world.messages.items()
            for message in messages[-1:]
            if words and all(word in message.text.casefold() for word in words)
        ]


class FakeExporting(ExportingService):
    def __init__(self, world: World) -> None:
        self.world = world

    def save(self, threads: Sequence[Thread], form: Form, path: Path) -> int:
        self.world.calls.append(("save", tuple(thread.id for thread in threads), form, path))
        return len(threads)


class FakeChat(ChatService):
    """Streams `pieces`, `delay_s` apart; `hold` is called before each piece and may block."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pieces: list[str] = [word + " " for word in ANSWER.split(" ")]
        self.delay_s = 0.0
        self.refused = False
        self.failure: Exception | None = None
        self.asked_with: dict[str, object] = {}
        self.hold: Callable[[int, CancelToken], None] = lambda _index, _token: None

    def ask(
        self,
        thread_id: ThreadId,
        question: str,
        *,
        mode: AnswerMode = AnswerMode.DOCUMENTS,
        model: str | None = None,
        use_model: bool = True,
        scope: SearchScope = EVERYTHING,
        after: MessageId | None = None,
        again: MessageId | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[AnswerEvent]:
        token = cancel or CancelToken()
        world = self.world
        world.calls.append(("ask", thread_id, question, mode))
        self.asked_with = {"model": model, "scope": scope, "after": after, "again": again}
        kept = world.messages.setdefault(thread_id, [])
        if again is not None:
            asked = next(message for message in kept if message.id == again)
        else:
            asked = Message(MessageId(next(world.ids)), thread_id, Role.USER, question, time.time())
            kept.append(asked)
        thread = world.threads[thread_id]
        if not thread.title:
            world.threads[thread_id] = replace(thread, title=question[:60])
        yield Asked(asked)
        if self.failure is not None:
            raise self.failure
        workspace = world.workspaces[thread.workspace_id]
        yield Searching(workspace.documents)
        token.wait(self.delay_s * 6)
        searched = Searched(workspace.documents, workspace.chunks, len(world.passages))
        yield ReadingPassages(searched, world.passages)
        token.wait(self.delay_s * 6)
        with_model = use_model and world.status.condition is LanguageModelCondition.READY
        text, notice = "", ""
        for index, piece in enumerate(self.pieces if with_model else ()):
            self.hold(index, token)
            if token.cancelled:
                notice = "Stopped."
                break
            text += piece
            yield Writing(piece)
            token.wait(self.delay_s)
        answer = Message(
            MessageId(next(world.ids)),
            thread_id,
            Role.ASSISTANT,
            text.rstrip(),
            time.time(),
            model="qwen3:8b" if with_model else None,
            citations=tuple(c for c in world.citations if f"[{c.n}]" in text),
            searched=searched,
            passages=world.passages,
            refused=self.refused,
            notice=notice,
        )
        kept.append(answer)
        yield Answered(answer)

    def resume(
        self,
        message_id: MessageId,
        *,
        mode: AnswerMode = AnswerMode.DOCUMENTS,
        cancel: CancelToken | None = None,
    ) -> Iterator[AnswerEvent]:
        """Goes on with a summary, in two steps; stopped, it is what it was."""
        self.world.calls.append(("resume", message_id))
        token = cancel or CancelToken()
        for messages in self.world.messages.values():
            for at, message in enumerate(messages):
                if message.id == message_id:
                    yield Asked(messages[at - 1])
                    for step in range(2):
                        self.hold(step, token)
                        if token.cancelled:
                            yield Answered(message)
                            return
                        yield LookingThrough(step, 2, f"Reading section {step + 1} of 2", 90.0)
                    messages[at] = replace(message, text="All of it in short.", notice="")
                    yield Answered(messages[at])


class FakeTallies(TallyService):
    """What answers were made of, by message; each place is on a page of its own and says the same."""

    def __init__(self) -> None:
        self.found: dict[MessageId, Sequence[TalliedDocument]] = {}

    def documents(self, message_id: MessageId) -> Sequence[TalliedDocument]:
        return self.found.get(message_id, ())

    def places(
        self, document: TalliedDocument, *, first: int = 0, most: int = 20, number: int = 1
    ) -> Sequence[ShownPlace]:
        shown = []
        for n, (start, end) in enumerate(document.spans[first : first + most]):
            citation = Citation(
                number + n,
                document.document_id,
                document.path,
                first + n + 1,
                start,
                end,
                "unused leave",
                True,
            )
            shown.append(ShownPlace(citation, Snippet("Of unused leave, ten days.", (Span(3, 15),))))
        return shown


class FakeFirstMinutes(FirstMinutesService):
    """Greets with what the world holds and the questions given."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.questions: tuple[str, ...] = (
            "What does handbook.pdf say about “Annual leave”?",
            "Summarise handbook.pdf",
        )
        self.followed = True

    def greeting(self, workspace_id: WorkspaceId) -> Greeting:
        documents = [d for d in self.world.documents.values() if d.workspace_id == workspace_id]
        states = Counter(d.state for d in documents)
        read = [d for d in documents if d.state in SEARCHABLE_STATES]
        return Greeting(
            len(read),
            tuple(Counter(d.format for d in read).most_common()),
            sum(states[state] for state in (DocumentState.QUEUED, DocumentState.INDEXING)),
            tuple(
                (state, states[state])
                for state in (DocumentState.ENCRYPTED, DocumentState.FAILED)
                if states[state]
            ),
            self.questions,
            self.followed,
        )


class FakeSourceCards(SourceCardService):
    """Two phrases for every document, and all others of its workspace as related."""

    def __init__(self, world: World) -> None:
        self.world = world

    def card(self, document_id: DocumentId) -> SourceCard | None:
        document = self.world.documents.get(document_id)
        if document is None:
            return None
        others = [
            d
            for d in self.world.documents.values()
            if d.workspace_id == document.workspace_id and d is not document
        ]
        phrases = (KeyPhrase("annual leave", 12), KeyPhrase("notice period", 5))
        return SourceCard(document, phrases, tuple(others[:2]))


class FakeModels(ModelService):
    def __init__(self, world: World) -> None:
        self.world = world

    def status(self) -> LanguageModelStatus:
        return self.world.status

    def choose_chat_model(self, name: str) -> None:
        self.world.calls.append(("choose_chat_model", name))

    def embedding_models(self) -> Sequence[EmbeddingModel]:
        return [
            EmbeddingModel(
                "all-MiniLM-L6-v2", 384, 256, 23_000_000, "Small and quick", "Apache-2.0", bundled=True
            ),
            EmbeddingModel("BAAI/bge-small-en-v1.5", 384, 512, 67_000_000, "English", "MIT"),
            EmbeddingModel(
                "intfloat/multilingual-e5-large", 1024, 512, 2_240_000_000, "100 languages", "MIT"
            ),
        ]

    def download(self, name: str, *, cancel: CancelToken) -> Iterator[DownloadProgress]:
        for done in range(0, 101, 10):
            cancel.raise_if_cancelled()
            yield DownloadProgress(done * 670_000, 67_000_000, name)
            cancel.wait(0.05)

    def add_from_folder(self, folder: Path) -> EmbeddingModel:
        self.world.calls.append(("add_from_folder", folder))
        return EmbeddingModel(f"local/{folder.name}", 384, 256, 23_000_000, downloaded=True)

    def speed(self, name: str) -> float | None:
        return self.world.speeds.get(name)

    def measure(self, name: str, *, cancel: CancelToken) -> float | None:
        self.world.calls.append(("measure", name))
        self.world.speeds[name] = 612.0
        return 612.0

    def cost(self, workspace_id: WorkspaceId, model: EmbeddingModel) -> SwitchCost:
        speed = self.speed(model.name)
        passages = self.world.workspaces[workspace_id].chunks
        return SwitchCost(passages, None if speed is None else 60 * passages / speed)

    def switching(self, workspace_id: WorkspaceId) -> SwitchProgress | None:
        return self.world.switching

    def give_up_switching(self, workspace_id: WorkspaceId) -> None:
        self.world.calls.append(("give_up_switching", workspace_id))
        self.world.switching = None

    def change_embedding_model(
        self, workspace_id: WorkspaceId, name: str | None = None, form: EmbeddingForm | None = None
    ) -> Index:
        self.world.calls.append(("change_embedding_model", workspace_id, name or form))
        return Index(
            IndexId(next(self.world.ids)), workspace_id, name or "all-MiniLM-L6-v2", 384, "md1-254", False
        )


class FakeForms(FormService):
    """A model of which 256 of 384 numbers do."""

    def __init__(self, world: World) -> None:
        self.world = world

    def offered(self, workspace_id: WorkspaceId) -> OfferedForms | None:
        forms = [EmbeddingForm(dimension, precision) for dimension in (384, 256) for precision in Precision]
        workspace = self.world.workspaces[workspace_id]
        return OfferedForms(workspace.embedding_model, forms[0], forms, workspace.chunks)

    def compare(
        self, workspace_id: WorkspaceId, forms: Sequence[EmbeddingForm], *, cancel: CancelToken
    ) -> Iterator[FormWorth]:
        self.world.calls.append(("compare", workspace_id))
        if self.world.trial_fault is not None:
            raise self.world.trial_fault
        for form in forms:
            yield FormWorth(form, 1.0 if form.precision is Precision.FULL else 0.9967)


class NoKeyring:
    """A system without a keyring."""

    def load(self, name: str) -> str | None:
        return None

    def save(self, name: str, secret: str | None) -> None:
        raise UserFixableError("This system offers no keyring to keep passwords in.")


class WorldsModel(FakeLanguageModel):
    """The language model whose state is the world's; another address changes that."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.address = world.status.address

    def set_address(self, address: str) -> None:
        self.address = address
        self.world.status = replace(self.world.status, address=address)

    def status(self) -> LanguageModelStatus:
        return self.world.status


def _resolve(kind: ServerKind, written: str) -> str:
    if not written:
        return READY.address if kind is ServerKind.OLLAMA else ""
    if not written.startswith("http"):
        raise UserFixableError("That is not an address.", hint="Write it as http://127.0.0.1:11434")
    return written


class FakeModelServer(ModelServerService):
    """The real one over a language model and an Ollama in memory."""

    def __init__(self, world: World, preferences: PreferenceService) -> None:
        self.world = world
        self.model = WorldsModel(world)
        self.keeper = FakeKeeper(*world.served)
        super().__init__(
            self.model,
            self.keeper,
            preferences,
            ServerKeys(NoKeyring()),
            resolve_address=_resolve,
            available_bytes=lambda: 12_400_000_000,
        )


class FakeAnswering(AnsweringService):
    """Keeps what is set in the world."""

    def __init__(self, world: World, preferences: PreferenceService) -> None:
        self.world = world
        self._preferences = preferences
        self.changed = Listeners()

    def of(self, workspace_id: WorkspaceId) -> Answering:
        return self.world.answering.get(workspace_id, Answering())

    def change(self, workspace_id: WorkspaceId, answering: Answering) -> Answering:
        self.world.calls.append(("answering", workspace_id, answering))
        self.world.answering[workspace_id] = answering
        self.changed.publish(workspace_id)
        return answering


class FakeServer(ServerService):
    """A server that is set up at once; a move yields a step and waits at the gate."""

    def __init__(self) -> None:
        self.saved = Server("")
        self.notice = ""
        self.fault: Exception | None = None
        self.on_server: set[WorkspaceId] = set()
        self.gate = threading.Event()
        self.gate.set()

    @property
    def current(self) -> Server:
        return self.saved

    def test(self, server: Server) -> str:
        if self.fault is not None:
            raise self.fault
        return "Qdrant 1.16.0 answers, and lets you in."

    def save(self, server: Server) -> str:
        if self.fault is not None:
            raise self.fault
        self.saved = server
        return self.notice

    def is_on_server(self, workspace_id: WorkspaceId) -> bool:
        return workspace_id in self.on_server

    def move(self, workspace_id: WorkspaceId, *, to_server: bool, cancel: CancelToken) -> Iterator[Moving]:
        if self.fault is not None:
            raise self.fault
        yield Moving(500, 2000)
        cancel.when_cancelled(self.gate.set)
        self.gate.wait()
        cancel.raise_if_cancelled()
        self.on_server = {workspace_id} if to_server else set()


class FakeCopies:
    """Copies of a catalog that is not there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.failure: Exception | None = None

    def list(self) -> Sequence[CatalogCopy]:
        return tuple(self.world.copies)

    def make(self, cancel: CancelToken) -> CatalogCopy:
        if self.failure is not None:
            raise self.failure
        made_at = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
        copy = CatalogCopy(Path(f"/backups/{len(self.world.copies)}"), CopyKind.DAILY, made_at, 4_200_000)
        self.world.copies.insert(0, copy)
        return copy

    def is_sound(self) -> bool:
        return True

    def suspect(self) -> None:
        self.world.calls.append(("suspect",))

    def request_restore(self, copy: CatalogCopy) -> None:
        if self.failure is not None:
            raise self.failure
        self.world.calls.append(("restore", copy.path))


class FakeIgnoring(IgnoreService):
    """Takes documents out of the world and puts them back."""

    def __init__(self, world: World, sources: FakeSources, preferences: PreferenceService) -> None:
        super().__init__(preferences, sources)
        self.world = world
        self._gone: list[Document] = []

    def ignore(self, workspace_id: WorkspaceId, kinds: Collection[str]) -> LeftOut:
        self.world.calls.append(("ignore", workspace_id, frozenset(kinds)))
        self._keep(workspace_id, {*self.kinds(workspace_id), *kinds})
        gone = [d for d in self.world.documents.values() if d.path.suffix in kinds and d.container_id is None]
        for document in gone:
            del self.world.documents[document.id]
        self._gone += gone
        self._sources.changed.publish(workspace_id)
        return LeftOut(workspace_id, frozenset(kinds), len(gone))

    def take_back(self, workspace_id: WorkspaceId, kinds: Collection[str]) -> None:
        self.world.calls.append(("take_back", workspace_id, frozenset(kinds)))
        self._keep(workspace_id, set(self.kinds(workspace_id)) - set(kinds))
        newest = max((d.revision for d in self.world.documents.values()), default=0)
        back = [d for d in self._gone if d.path.suffix in kinds]
        self._gone = [d for d in self._gone if d.path.suffix not in kinds]
        for number, document in enumerate(back, start=newest + 1):
            self.world.documents[document.id] = replace(document, revision=number)
        self._sources.changed.publish(workspace_id)


class FakeRules(RuleService):
    """Tries rules on the documents of the world; a change is noted, and takes no document away."""

    def __init__(self, world: World) -> None:
        self.world = world

    def left_out(self, source_id: SourceId) -> Sequence[LeftOutFile]:
        return self.world.left_out.get(source_id, ())

    def preview(self, source_id: SourceId, rules: SourceRules) -> RulesPreview:
        source = self.world.sources[source_id]
        tried = Rules(str(source.path), rules)
        names = [
            d.path.relative_to(source.path).as_posix()
            for d in self.world.documents.values()
            if d.source_id == source_id
        ]
        gone = sorted(name for name in names if leaves_out(tried, name, 1) is not None)
        broken = tuple(lines_not_understood(rules.patterns))
        return RulesPreview(len(names), len(gone), tuple(gone[:3]), 0, broken)

    def change(self, source_id: SourceId, rules: SourceRules) -> RulesChange:
        self.world.calls.append(("rules", source_id, rules))
        source = self.world.sources[source_id]
        gone = self.preview(source_id, rules).gone
        self.world.sources[source_id] = replace(source, rules=rules)
        return RulesChange(source, gone, 0)

    def read_after_all(self, source_id: SourceId, entry: LeftOutFile) -> RulesChange:
        self.world.calls.append(("read_after_all", source_id, entry))
        return RulesChange(self.world.sources[source_id], 0, 1)


class FakeRecognise(RecogniseService):
    """Says what the world says; pausing changes it."""

    def __init__(self, world: World, preferences: PreferenceService) -> None:
        self.world = world
        self._preferences = preferences
        self.beginning = Listeners()
        self.changed = Listeners()

    def status(self, workspace_id: WorkspaceId | None = None) -> RecognitionStatus:
        return self.world.recognition

    def pause(self) -> None:
        self._say(paused=True, current="")

    def resume(self) -> None:
        self._say(paused=False)

    def set_automatic(self, *, automatic: bool) -> None:
        self._preferences.update(recognise=automatic)
        self.changed.publish(self.world.recognition)

    def set_languages(self, languages: Sequence[str]) -> None:
        self._preferences.update(recognition_languages=" ".join(languages))
        self.changed.publish(self.world.recognition)

    def _say(self, **changes: Any) -> None:
        self.world.recognition = replace(self.world.recognition, **changes)
        self.changed.publish(self.world.recognition)


class FakePreferences(PreferenceService):
    def __init__(self) -> None:
        self.changed = Listeners[Settings]()
        self._settings = Settings()

    @property
    def settings(self) -> Settings:
        return self._settings

    def update(self, **changes: object) -> Settings:
        self._settings = replace(self._settings, **settings_changes(changes))  # type: ignore[arg-type]
        self.changed.publish(self._settings)
        return self._settings


def settings_changes(changes: dict[str, object]) -> dict[str, object]:
    """Only what `Settings` knows, of the right type; anything else is a mistake of the caller."""
    checked = settings_from(dict(changes))
    return {name: getattr(checked, name) for name in changes}


def draw_page(text: str, page: int, page_count: int, width_px: int, mark: tuple[int, int]) -> RenderedPage:
    """A sheet of A4 with the text on it, wrapped by hand so that every word's place is known."""
    scale = width_px / 425
    height = round(width_px * 1.414)
    image = QImage(width_px, height, QImage.Format.Format_RGB888)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setPen(QColor("#23262B"))
    marks: dict[float, QRectF] = {}
    left, right, y, offset = 40 * scale, width_px - 40 * scale, 34 * scale, 0
    for paragraph in text.strip().split("\n\n"):
        font = QFont("Liberation Serif")
        font.setPixelSize(max(1, round((14 if len(paragraph) < 40 else 12.5) * scale)))
        font.setBold(len(paragraph) < 40)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        line_height, x = metrics.height() * 1.35, left
        position = offset
        for word in paragraph.split(" "):
            width = metrics.horizontalAdvance(word + " ")
            if x + width > right:
                x, y = left, y + line_height
            box = QRectF(x, y, width, metrics.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), word)
            if mark[0] <= position < mark[1]:
                marks[y] = marks[y].united(box) if y in marks else box
            x, position = x + width, position + len(word) + 1
        y, offset = y + line_height + 8 * scale, offset + len(paragraph) + 2
    painter.end()
    bits = bytes(image.constBits())
    stride = image.bytesPerLine()
    rows = [bits[row * stride : row * stride + width_px * 3] for row in range(height)]
    rectangles = tuple((r.left(), r.top(), r.right(), r.bottom()) for r in marks.values())
    return RenderedPage(page, page_count, width_px, height, b"".join(rows), rectangles)


def _law_documents() -> Iterator[Document]:
    contracts, usb, policies = SourceId(1), SourceId(2), SourceId(3)
    folder = Path("/home/mira/Documents")
    states: list[tuple[DocumentState, str]] = [
        (DocumentState.ENCRYPTED, "The file needs a password."),
        (DocumentState.FAILED, "The file is broken: its cross-reference table is missing."),
        (
            DocumentState.QUARANTINED,
            "Reading it failed three times: it went over the time limit of 5 minutes.",
        ),
        (DocumentState.NO_TEXT, "Its pages are pictures without text."),
        (DocumentState.UNSUPPORTED, "No reader for .pages files."),
        (DocumentState.INDEXING, ""),
        (DocumentState.QUEUED, ""),
        (DocumentState.QUEUED, ""),
        (DocumentState.WORDS, ""),
        (DocumentState.OFFLINE, "The drive is not connected."),
    ]
    formats = ("pdf", "docx", "markdown", "html", "text")
    suffixes = {"pdf": "pdf", "docx": "docx", "markdown": "md", "html": "html", "text": "txt"}
    for number in range(1, 466):
        form = formats[number % 5]
        source = policies if number <= 2 else (usb if number > 254 else contracts)
        root = {
            contracts: folder / "Contracts",
            usb: Path("/media/mira/USB archive"),
            policies: folder / "Policies",
        }
        path = root[source] / f"{2015 + number % 10}" / f"agreement {number:03d}.{suffixes[form]}"
        state, reason = states[number - 3] if 3 <= number < 13 else (DocumentState.READY, "")
        if source == usb:
            state, reason = DocumentState.OFFLINE, "The drive is not connected."
        pages = 2 + number % 60 if form == "pdf" else None
        if number == 1:
            path, form, pages = root[policies] / "handbook.pdf", "pdf", 48
        if number == 2:
            path, form, pages = root[policies] / "policy-2024.docx", "docx", None
        yield Document(
            DocumentId(number), LAW, source, path, state, reason, form, pages, 26, 40_000 + 977 * number,
            1_750_000_000_000_000_000, f"{number:064x}", 1_760_000_000.0, number,
            words=900 + 37 * number, pages_without_text=3 if number == 1 else 0, read_seconds=number / 100,
        )  # fmt: skip


def full_world() -> World:
    """Three workspaces, 465 documents in the first, a thread with an answer, one of 200 messages."""
    world = World()
    for workspace in (
        Workspace(LAW, "Employment law", 465, 12_304, "all-MiniLM-L6-v2"),
        Workspace(THESIS, "Thesis sources", 1208, 48_112, "all-MiniLM-L6-v2"),
        Workspace(HOUSE, "House", 37, 611, "all-MiniLM-L6-v2"),
    ):
        world.workspaces[workspace.id] = workspace
    for thread in (
        Thread(CARRY_OVER, LAW, "Carry-over of leave", 1_760_000_300.0),
        Thread(NOTICE_PERIODS, LAW, "Notice periods by country", 1_760_000_200.0),
        Thread(LONG_THREAD, THESIS, "Reading notes", 1_760_000_000.0),
    ):
        world.threads[thread.id] = thread
    documents = Path("/home/mira/Documents")
    for source in (
        Source(SourceId(1), LAW, documents / "Contracts", True, True, SourceState.WATCHING, 1_760_000_000.0),
        Source(
            SourceId(2),
            LAW,
            Path("/media/mira/USB archive"),
            True,
            True,
            SourceState.OFFLINE,
            1_759_000_000.0,
        ),
        Source(SourceId(3), LAW, documents / "Policies", True, True, SourceState.WATCHING, 1_760_000_000.0),
    ):
        world.sources[source.id] = source
    world.progress = {
        SourceId(1): SourceProgress(
            SourceId(1),
            "embedding",
            1942,
            1204,
            92,
            3,
            "agreement 008.html",
            passages_per_s=41.0,
            seconds_left=180.0,
        ),
        SourceId(2): SourceProgress(SourceId(2), "idle", 211, 211, 0, 0),
        SourceId(3): SourceProgress(SourceId(3), "idle", 2, 2, 0, 0),
    }
    world.documents = {document.id: document for document in _law_documents()}
    world.pages = {HANDBOOK: handbook_pages(), POLICY: policy_pages()}
    handbook, policy = world.documents[HANDBOOK], world.documents[POLICY]
    book, paper = world.pages[HANDBOOK], world.pages[POLICY]
    world.citations = (
        _citation(
            1, handbook, book, "Unused leave of up to ten days carries over into the next calendar year."
        ),
        _citation(2, handbook, book, "Leave carried over lapses on 31 March of the following year."),
        _citation(
            3, policy, paper, "Part-time staff carry over leave in proportion to their contracted days."
        ),
    )
    world.passages = (
        _passage(1, handbook, book, _LEAVE.strip(), ("4 Leave", "4.2 Annual leave")),
        _passage(2, handbook, book, _LAPSE.strip(), ("4 Leave", "4.4 Lapse of leave")),
        _passage(3, policy, paper, _PART_TIME.strip(), ("Part-time staff",)),
        *(_passage(n, handbook, book, book[n].text[:400].strip(), (f"Chapter {n + 1}",)) for n in (4, 5, 6)),
    )
    searched = Searched(465, 12_304, 6)
    world.messages[CARRY_OVER] = [
        Message(
            MessageId(1), CARRY_OVER, Role.USER,
            "How many unused leave days carry over, and until when must they be taken?", 1_760_000_000.0,
        ),
        Message(
            MessageId(2), CARRY_OVER, Role.ASSISTANT, ANSWER, 1_760_000_005.0, model="qwen3:8b",
            citations=world.citations, searched=searched, passages=world.passages,
        ),
    ]  # fmt: skip
    world.messages[LONG_THREAD] = [
        Message(
            MessageId(100 + n), LONG_THREAD, Role.USER if n % 2 == 0 else Role.ASSISTANT,
            f"What does source {n} say?" if n % 2 == 0 else f"Source {n} says this [1].\n\n{ANSWER}",
            1_750_000_000.0 + n, model=None if n % 2 == 0 else "qwen3:8b",
            citations=() if n % 2 == 0 else world.citations, searched=None if n % 2 == 0 else searched,
            passages=() if n % 2 == 0 else world.passages,
        )
        for n in range(200)
    ]  # fmt: skip
    return world


def sources_with_troubles(world: World) -> None:
    """One folder of which much vanished, one that is polled, and documents that were removed."""
    now = time.time()
    contracts, usb, policies = (SourceId(n) for n in (1, 2, 3))
    left_out = (
        LeftOutFile(".git", "hidden", is_folder=True),
        LeftOutFile("node_modules", "build or cache folder", is_folder=True),
        LeftOutFile("2019/~$agreement 004.docx", "office lock file", size_bytes=162),
        LeftOutFile("2020/scan of the whole archive.pdf", "over 200 MB", size_bytes=312_000_000),
        LeftOutFile("old drafts", "pattern old drafts/", is_folder=True),
        *(LeftOutFile(f"2021/export {n:03d}.log", "pattern *.log", size_bytes=n * 300) for n in range(1, 38)),
    )
    world.left_out[policies] = left_out
    world.sources[contracts] = replace(
        world.sources[contracts], state=SourceState.ASKING, vanished=1204, last_checked_at=now - 20
    )
    world.progress[contracts] = SourceProgress(contracts, "idle", 1942, 1942, 0, 0)
    world.sources[usb] = replace(
        world.sources[usb], reason="It is not where it was: the drive is not connected."
    )
    world.sources[policies] = replace(
        world.sources[policies],
        state=SourceState.POLLING,
        reason="A network folder does not tell of changes.",
        last_checked_at=now - 190,
        left_out=len(left_out),
        rules=SourceRules("*.log\nold drafts/\n", git_ignore=True, max_file_mb=200),
    )
    world.removed_documents = [
        RemovedItem(Path("/home/mira/Documents/Letters"), now - 3 * 86_400, 84, source_id=SourceId(9)),
        *(
            RemovedItem(
                Path(f"/home/mira/Documents/Contracts/2016/agreement {n:03d}.pdf"),
                now - n * 86_400,
                1,
                document_id=DocumentId(9000 + n),
            )
            for n in (4, 12, 29)
        ),
    ]


def no_model_status() -> LanguageModelStatus:
    """Ollama does not answer."""
    return LanguageModelStatus(
        LanguageModelCondition.NOT_RUNNING,
        "http://127.0.0.1:11434",
        detail="Ollama does not answer at http://127.0.0.1:11434.",
        hint="Start Ollama, or set its address in Settings.",
    )


def model_gone() -> LanguageModelUnreachable:
    """The error an adapter raises when the server is not there."""
    return LanguageModelUnreachable("Ollama does not answer.", hint="Start Ollama and ask again.")


def fake_services(world: World | None = None) -> Services:
    """A bundle over one world; an empty `World()` is a new person's."""
    world = full_world() if world is None else world
    sources, preferences = FakeSources(world), FakePreferences()
    retrieve = FakeRetrieve(world)
    pausing = PausingService(preferences, read_power=lambda: world.power, wake=lambda: None)
    pausing.follow()
    return Services(
        workspaces=FakeWorkspaces(world),
        sources=sources,
        ingest=FakeIngest(world, sources),
        documents=FakeDocuments(world),
        retrieve=retrieve,
        find=FakeFind(retrieve),
        chat=FakeChat(world),
        threads=FakeThreads(world),
        exporting=FakeExporting(world),
        tallies=FakeTallies(),
        first_minutes=FakeFirstMinutes(world),
        source_cards=FakeSourceCards(world),
        models=FakeModels(world),
        forms=FakeForms(world),
        model_server=FakeModelServer(world, preferences),
        answering=FakeAnswering(world, preferences),
        preferences=preferences,
        passwords=PasswordService(NoKeyring(), preferences),
        ignoring=FakeIgnoring(world, sources, preferences),
        recognise=FakeRecognise(world, preferences),
        pausing=pausing,
        rules=FakeRules(world),
        backups=BackupService(FakeCopies(world), is_worth_it=lambda: True),
        portability=FakePortability(world),
        server=FakeServer(),
        verify=FakeVerify(world),
    )


def checked_answer(world: World) -> None:
    """Let the first answer have a source a sentence: borne out, changed since, not found, and one that is offered."""
    question, answer = world.messages[CARRY_OVER]
    said = (
        "Up to **ten** unused days carry over into the next calendar year [1], and employees accrue 1.75 days a month [1].",
        "Leave carried over lapses on 31 March of the following year [2].",
        "Managers may extend that date by a month [1].",
        "Part-time staff carry over in proportion to their contracted days.",
    )
    text = " ".join(said[:2]) + "\n\n" + " ".join(said[2:])
    first, lapse, part_time = answer.citations[:3]
    accrual = _citation(
        1, world.documents[HANDBOOK], handbook_pages(), "Employees accrue 1.75 days of paid leave"
    )

    def claimed(citation: Citation, sentence: str, **more: Any) -> Citation:
        start = text.index(sentence)
        return replace(citation, claim_start=start, claim_end=start + len(sentence), **more)

    world.messages[CARRY_OVER] = [
        question,
        replace(
            answer,
            text=text,
            citations=(
                claimed(
                    first,
                    "Up to **ten** unused days carry over into the next calendar year",
                    support=Support.CLOSE,
                ),
                claimed(accrual, "and employees accrue", support=Support.EXACT),
                claimed(first, said[2], support=Support.NONE, located=False, quote=""),
                claimed(lapse, said[1], support=Support.EXACT, content_hash="as it was"),
                claimed(part_time, said[3], support=Support.CLOSE, offered=True),
            ),
        ),
    ]


def world_of(services: Services) -> World:
    """The world behind a fake bundle."""
    assert isinstance(services.workspaces, FakeWorkspaces)
    return services.workspaces.world
