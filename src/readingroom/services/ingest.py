"""Reads, cuts, embeds and indexes what is queued, in the background, words first."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog, EmbeddingCache
from readingroom.core.copies import INDEXES_DOUBTED
from readingroom.core.errors import (
    Cancelled,
    DiskFull,
    ReadingRoomError,
    UserFixableError,
    VectorStoreDamaged,
    VectorStoreUnavailable,
    WorkerFailure,
)
from readingroom.core.ids import ChunkId, DocumentId, IndexId, WorkspaceId
from readingroom.core.models import Index, IngestCounts, Source, SourceProgress
from readingroom.core.ports import BulkEmbedder, IngestWorker, VectorStores
from readingroom.core.recognition import PageRecogniser
from readingroom.services.aside import SetAside
from readingroom.services.consistency import repair
from readingroom.services.embed_pump import EmbedPump
from readingroom.services.embedding_speed import EmbeddingSpeeds
from readingroom.services.ingest_state import IngestState
from readingroom.services.listeners import Listeners
from readingroom.services.optimise_pump import OptimisePump
from readingroom.services.preferences import PreferenceService
from readingroom.services.read_pump import ReadPump
from readingroom.services.recognise_pump import RecognisePump
from readingroom.services.words_pump import WordsPump
from readingroom.services.yielding import RightOfWay

log = logging.getLogger(__name__)

_IDLE_S = 5.0
"""A pump that was not woken looks again after this time: a wake-up lost is a delay, never a standstill."""
_AFTER_TROUBLE_S = 5.0
_TELL_S = 1.0
"""Between two words of an index that is being built beside another: each has the window look at all documents."""
RESERVE_BYTES = 256 * 1024 * 1024
"""Indexing waits below this. The index maps files it has not filled yet; where the disk runs out beneath such a map,
the system ends the process with SIGBUS instead of refusing a write."""
_GIVE_UP_S = 20.0
"""How long a command waits for trouble to pass."""


class IngestService:
    """Owns the pumps between catalog, worker children and vector store.

    Five pumps, a thread each: one reads and cuts, one writes words and deletes stale points, one embeds, one has large
    indexes made quick, one recognises text in pictures once everything is read. They share nothing but the catalog, in
    which each finds what is left to do; so a stop at any moment loses nothing.
    `progressed` tells of a workspace in which something moved; it comes often, gather before showing.
    """

    def __init__(
        self,
        catalog: Catalog,
        cache: EmbeddingCache,
        stores: VectorStores,
        reader: IngestWorker,
        embedder: BulkEmbedder,
        preferences: PreferenceService,
        *,
        free_bytes: Callable[[], int],
        passwords: Callable[[], Sequence[str]] = tuple,
        recogniser: PageRecogniser | None = None,
        resting: Callable[[], bool] = lambda: False,
        right_of_way: RightOfWay | None = None,
        speeds: EmbeddingSpeeds | None = None,
    ) -> None:
        """`free_bytes` tells the room left on the disk that holds the data folder; `passwords` those the person gave.

        Without a `recogniser` pictures of text stay without text. `resting` is asked before each step of reading,
        embedding and recognising, and questions on the `right_of_way` go before it.
        """
        self._catalog = catalog
        self._free_bytes = free_bytes
        self._resting = resting
        self._right_of_way = right_of_way or RightOfWay()
        self._stores = stores
        self._state = IngestState()
        self._cancel = CancelToken()
        self._pools: list[threading.Thread] = []
        self._wakers: list[threading.Event] = []
        self.progressed: Listeners[WorkspaceId] = Listeners()
        self._aside = SetAside()
        moved = self._moved
        self._read = ReadPump(catalog, reader, preferences, self._state, moved, self._cancel, passwords)
        self._words = WordsPump(catalog, stores, self._state, moved, self._aside)
        self._embed = EmbedPump(
            catalog, cache, stores, reader, embedder, self._state, moved, self._cancel, self._aside, speeds
        )
        self.recognition: RecognisePump | None = None
        if recogniser is not None:
            self.recognition = RecognisePump(
                catalog, recogniser, reader, preferences, self._state, moved, self._cancel, passwords
            )
        self._optimise = OptimisePump(catalog, stores, self._cancel)
        self._idle = threading.Condition()
        self._checked = threading.Event()
        self._unchecked: dict[IndexId, Index] = {}
        """To be compared with the catalog; those that could not be reached stay here."""
        self._mended = 0
        self._told_at = 0.0

    def start(self) -> None:
        """Mend what a sudden end left behind, then work until `stop`."""
        released = self._catalog.release_claims()
        if released:
            log.info("%s documents were being read when the program ended; they are read again", released)
        steps = {
            "read": self._read.step,
            "words": self._words.step,
            "embed": self._embed.step,
            "optimise": self._optimise.step,
        }
        if self.recognition is not None:
            steps["recognise"] = self.recognition.step
        for name, step in steps.items():
            wake = threading.Event()
            self._wakers.append(wake)
            self._pools.append(
                threading.Thread(
                    target=self._pump, args=(name, step, wake), name=f"ingest-{name}", daemon=True
                )
            )
        for pool in self._pools:
            pool.start()

    def stop(self) -> None:
        """Ends the pumps; what was under way is taken up at the next start."""
        self._cancel.cancel()
        self.wake()
        for pool in self._pools:
            pool.join()
        self._pools = []

    def wake(self) -> None:
        """There is something to do."""
        for wake in self._wakers:
            wake.set()

    def check_again(self) -> None:
        """Compare catalog and indexes as at the start."""
        self._checked.clear()
        self.wake()

    def retry(self, document_ids: Sequence[DocumentId]) -> None:
        """Queue documents again, strikes forgotten."""
        if self.recognition is not None:
            self.recognition.retry(document_ids)
        self._catalog.requeue(document_ids)
        self.wake()

    def embed_first(self, ids: Sequence[ChunkId]) -> None:
        """A question found these passages by their words: those that wait to be found by meaning go before all others."""
        self._embed.embed_first(ids)

    @property
    def problem(self) -> UserFixableError | None:
        """What keeps the work from going on, until it does."""
        return next(iter(list(self._state.problems.values())), None) or self._aside.trouble

    @property
    def mended(self) -> int:
        """How many passages differed between catalog and index at the start of the program, and are put right."""
        return self._mended

    def counts(self) -> IngestCounts:
        """What was done since the start of the program; `found` and the like are the sources'."""
        return self._state.counts()

    def wait_until_idle(
        self,
        workspace_id: WorkspaceId | None,
        *,
        cancel: CancelToken,
        tick: Callable[[], None],
        tick_s: float = 0.2,
    ) -> None:
        """Return when every document of the workspace (None: of all) is current, calling `tick` meanwhile.

        Raises `Cancelled`, and the `problem` that stands in the way when it does not pass.
        """
        stuck_since: float | None = None
        tick_due = 0.0
        while not self._is_current(workspace_id):
            cancel.raise_if_cancelled()
            now = time.monotonic()
            problem = self.problem
            stuck_since = None if problem is None else stuck_since or now
            if problem is not None and stuck_since is not None and now - stuck_since > _GIVE_UP_S:
                raise problem
            if now >= tick_due:
                tick()
                tick_due = time.monotonic() + tick_s
            with self._idle:
                self._idle.wait(tick_s)

    def progress(self, workspace_id: WorkspaceId) -> Sequence[SourceProgress]:
        """One entry a source. Quick."""
        return [self._source_progress(source) for source in self._catalog.sources(workspace_id)]

    def _is_current(self, workspace_id: WorkspaceId | None) -> bool:
        if self._pools and not self._checked.is_set():
            # What a sudden end left undone is not in the catalog yet.
            return False
        building = any(not index.active for index in self._catalog.indexes(workspace_id))
        if building or self._catalog.has_pending_work(workspace_id):
            return False
        if self.recognition is not None and (
            # Then once more: what was recognised just now is owed to the index in its place.
            self.recognition.has_work(workspace_id) or self._catalog.has_pending_work(workspace_id)
        ):
            return False
        # After the catalog: what was read last leaves the queue a moment before it is counted.
        reading = self._state.sources_read()
        return not reading or reading.isdisjoint(source.id for source in self._catalog.sources(workspace_id))

    def _source_progress(self, source: Source) -> SourceProgress:
        return self._state.source_progress(source, self._catalog.state_counts(source.id))

    def _moved(self, workspace_id: WorkspaceId, *, seen: bool = True) -> None:
        """`seen` is False for work on an index that does not answer yet: nobody needs to look at each step of it."""
        self.wake()
        with self._idle:
            self._idle.notify_all()
        now = time.monotonic()
        if seen or now - self._told_at >= _TELL_S:
            self._told_at = now
            self.progressed.publish(workspace_id)

    def _pump(self, name: str, step: Callable[[], bool], wake: threading.Event) -> None:
        while not self._cancel.cancelled:
            wake.clear()
            try:
                self._check_room()
                if name == "words":
                    self._check_indexes()
                busy = self._may_work(name) and step()
                if self._state.problems.pop(name, None) is not None:
                    self._tell_everyone()
            except Cancelled:
                return
            except UserFixableError as error:
                if self._aside.holds(error):
                    # What the other workspaces wait for goes on at once.
                    log.warning("The %s pump passes over a workspace: %s", name, error)
                    self._tell_everyone()
                    continue
                log.warning("The %s pump waits: %s", name, error)
                if isinstance(error, VectorStoreDamaged):
                    self._checked.clear()  # it is made anew, as at the start
                self._state.problems[name] = error
                self._tell_everyone()
                self._cancel.wait(_AFTER_TROUBLE_S)
                continue
            except Exception as error:
                # A child that ends each time, or a bug, must not end the pump for good; the document stays where
                # it was. It is said like any other trouble, since whoever waits would wait without end.
                log.exception("The %s pump failed", name)
                self._state.problems[name] = _in_words(error)
                self._tell_everyone()
                self._cancel.wait(_AFTER_TROUBLE_S)
                continue
            if not busy:
                wake.wait(_IDLE_S)

    def _may_work(self, name: str) -> bool:
        """Wait for questions, then say whether a pump may take its next step. Raises `Cancelled`."""
        if name == "words":
            # Quick, and questions are the better for it: points on their way out crowd the others.
            return True
        self._right_of_way.give_way(self._cancel)
        return not self._resting()

    def _tell_everyone(self) -> None:
        try:
            workspaces = self._catalog.workspaces()
        except ReadingRoomError as error:
            # Called where a pump is in trouble already, perhaps with this catalog; that must not end it.
            log.warning("Nobody could be told: %s", error)
            return
        for workspace in workspaces:
            self.progressed.publish(workspace.id)

    def _check_room(self) -> None:
        free = self._free_bytes()
        if free < RESERVE_BYTES and self._catalog.has_pending_work():
            raise DiskFull(
                f"Indexing waits: {free // 2**20} MB are free on the disk that holds the data folder.",
                hint=f"Free {RESERVE_BYTES // 2**20} MB or more; it goes on by itself, and nothing is lost.",
            )

    def _check_indexes(self) -> None:
        if not self._checked.is_set():
            self._unchecked = {index.id: index for index in self._catalog.indexes()}
        elif not self._unchecked:
            return
        doubted = bool(self._catalog.setting_values().get(INDEXES_DOUBTED))
        aside = self._aside.now()
        for index in list(self._unchecked.values()):
            if index.workspace_id in aside:
                continue
            try:
                with self._aside.minding(index.workspace_id):
                    self._check_index(index, doubted=doubted)
            except VectorStoreUnavailable as error:
                if not self._aside.holds(error):
                    raise
                log.warning("An index is compared later: %s", error)
            else:
                del self._unchecked[index.id]
        if doubted and not self._unchecked:
            self._catalog.set_setting(INDEXES_DOUBTED, False)
        self._checked.set()

    def _check_index(self, index: Index, *, doubted: bool) -> None:
        if doubted:
            # The catalog is of another time than the index: points may bear the right number and the wrong source.
            self._stores.remove(index.workspace_id, index.id)
        difference = repair(self._catalog, self._stores, index)
        if difference.any:
            self._mended += difference.missing + difference.surplus
            log.warning("Catalog and index differed and are being mended: %s", difference)
            self._moved(index.workspace_id)


def _in_words(error: Exception) -> UserFixableError:
    """What to say of trouble that nobody foresaw."""
    if isinstance(error, WorkerFailure):
        return UserFixableError(
            f"Indexing does not go on: {error}",
            hint="It is tried again every few seconds; the log says more. Nothing is lost.",
        )
    return UserFixableError(
        "Indexing does not go on: Reading Room made a mistake.",
        hint="The details are in its log; please report it. Nothing is lost.",
    )
