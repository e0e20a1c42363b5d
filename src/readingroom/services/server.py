"""A Qdrant server for large workspaces: set up, tried out, and workspaces moved there and back."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog, EmbeddingCache
from readingroom.core.embedding_forms import shortened
from readingroom.core.errors import UserFixableError, VectorStoreUnavailable
from readingroom.core.ids import ChunkId, IndexId, WorkspaceId
from readingroom.core.models import Index, StoredChunk
from readingroom.core.ports import Point, VectorStore, VectorStores
from readingroom.core.remote import Server, ServerProbe, with_place
from readingroom.services.consistency import repair
from readingroom.services.passwords import SecretStore
from readingroom.services.placed_stores import PlacedVectorStores
from readingroom.services.preferences import PreferenceService
from readingroom.services.words_pump import words_point

log = logging.getLogger(__name__)

_KEY_NAME = "qdrant server"
_AT_ONCE = 500
_LEFT = {True: "server", False: "here"}


@dataclass(frozen=True, slots=True)
class Moving:
    """How far a move is, in passages."""

    done: int
    total: int


class ServerKey:
    """A server's API key: in the system's keyring, or where there is none kept until the program ends."""

    def __init__(self, secrets: SecretStore, name: str = _KEY_NAME) -> None:
        self._secrets = secrets
        self._name = name
        self._lock = threading.Lock()
        self._known: str | None = None

    def get(self) -> str:
        """It, or nothing. May block while the system asks the person."""
        with self._lock:
            if self._known is None:
                try:
                    self._known = self._secrets.load(self._name) or ""
                except UserFixableError as error:
                    log.info("No key from the keyring: %s", error)
                    self._known = ""
            return self._known

    def set(self, key: str) -> bool:
        """Keep it; False where it is kept for this run alone."""
        with self._lock:
            self._known = key
            try:
                self._secrets.save(self._name, key or None)
            except UserFixableError as error:
                log.info("The key is kept for this run alone: %s", error)
                return not key
            return True


class ServerService:
    """Methods block: call them from a pool."""

    def __init__(
        self,
        catalog: Catalog,
        cache: EmbeddingCache,
        stores: PlacedVectorStores,
        preferences: PreferenceService,
        key: ServerKey,
        probe: ServerProbe,
        moved: Callable[[], None],
    ) -> None:
        """`moved` is called after a move: what was on its way to the old place is to be looked for."""
        self._catalog = catalog
        self._cache = cache
        self._stores = stores
        self._preferences = preferences
        self._key = key
        self._probe = probe
        self._moved = moved
        self._moving = threading.Lock()

    @property
    def current(self) -> Server:
        """As it is set up; without an address where it is not."""
        settings = self._preferences.settings
        return Server(settings.qdrant_url, self._key.get(), settings.qdrant_ca_file)

    def test(self, server: Server) -> str:
        """Say what was found there, in a sentence. Raises `UserFixableError` that says what is wrong."""
        server = replace(server, address=cleaned_address(server.address))
        version = self._probe(server)
        words = f"Qdrant {version} answers, and lets you in."
        if server.address.startswith("http://") and not _is_here(server.address):
            words += " The connection is not encrypted: whoever is on the way can read passages and key."
        return words

    def save(self, server: Server) -> str:
        """Keep address and key; what the person should know of it, or nothing.

        Raises `UserFixableError` for a malformed address, and where workspaces on the server would be out of reach.
        """
        address = cleaned_address(server.address) if server.address.strip() else ""
        if not address and self._preferences.settings.qdrant_workspaces:
            raise UserFixableError(
                "Workspaces are kept on this server.", hint="Move them to this computer first."
            )
        kept = self._key.set(server.api_key)
        self._preferences.update(qdrant_url=address, qdrant_ca_file=server.ca_file.strip())
        self._stores.reconnect()
        if kept:
            return ""
        return "This system offers no keyring: the key is used until Reading Room is closed, and asked for again then."

    def is_on_server(self, workspace_id: WorkspaceId) -> bool:
        """Where its passages are kept."""
        return self._stores.is_on_server(workspace_id)

    def move(self, workspace_id: WorkspaceId, *, to_server: bool, cancel: CancelToken) -> Iterator[Moving]:
        """Copy its passages to the other place and search them there from then on; nothing is embedded again.

        Questions are answered from the old place until the end. After a stop or a crash what was copied is kept
        there, and another move goes on from it. Raises `VectorStoreUnavailable`, `Cancelled`.
        """
        if self.is_on_server(workspace_id) == to_server:
            return
        if not self._moving.acquire(blocking=False):
            raise UserFixableError("Another workspace is being moved.", hint="Wait until that is done.")
        try:
            target = self._stores.server if to_server else self._stores.local
            indexes = self._catalog.indexes(workspace_id)
            for index in indexes:
                yield from self._copy(index, target, cancel)
            self._change_place(workspace_id, indexes, to_server=to_server)
            for index in indexes:
                # What was written while it was copied.
                repair(self._catalog, self._stores, index)
            self._moved()
            self.clean_up()
        finally:
            self._moving.release()

    def clean_up(self) -> None:
        """Delete what moves left behind; what cannot be reached is tried again at the next start."""
        left = self._preferences.settings.qdrant_left.split()
        kept = []
        for entry in left:
            workspace, index, place = entry.split(":")
            on_server = place == _LEFT[True]
            if self.is_on_server(WorkspaceId(int(workspace))) == on_server:
                continue  # moved back since
            try:
                stores = self._stores.server if on_server else self._stores.local
                stores.remove(WorkspaceId(int(workspace)), IndexId(int(index)))
            except VectorStoreUnavailable as error:
                log.warning("What a move left behind is still there: %s", error)
                kept.append(entry)
        if kept != left:
            self._preferences.update(qdrant_left=" ".join(kept))

    def _change_place(self, workspace_id: WorkspaceId, indexes: Sequence[Index], *, to_server: bool) -> None:
        settings = self._preferences.settings
        left = [f"{workspace_id}:{index.id}:{_LEFT[not to_server]}" for index in indexes]
        # Noted first: a crash between the two leaves a note that is of no consequence.
        self._preferences.update(qdrant_left=" ".join(dict.fromkeys([*settings.qdrant_left.split(), *left])))
        self._preferences.update(
            qdrant_workspaces=with_place(settings.qdrant_workspaces, workspace_id, on_server=to_server)
        )

    def _copy(self, index: Index, target: VectorStores, cancel: CancelToken) -> Iterator[Moving]:
        store = target.open(index.workspace_id, index.id, index.dimension, index.precision)
        expected = {
            chunk: bool(embedded)
            for batch in self._catalog.expected_points(index.id)
            for chunk, embedded in batch
        }
        there = {
            chunk for batch in store.ids() for chunk, embedded in batch if embedded or not expected.get(chunk)
        }
        yield Moving(len(there), max(1, len(expected)))
        waiting: list[StoredChunk] = []
        done = len(there)
        for document in self._catalog.documents(index.workspace_id):
            waiting += [
                stored
                for stored in self._catalog.chunks_of(index.id, document.id)
                if stored.id not in there and stored.id in expected
            ]
            while len(waiting) >= _AT_ONCE:
                cancel.raise_if_cancelled()
                self._write(index, store, waiting[:_AT_ONCE], expected)
                del waiting[:_AT_ONCE]
                done += _AT_ONCE
                yield Moving(done, max(1, len(expected)))
        cancel.raise_if_cancelled()
        self._write(index, store, waiting, expected)
        store.flush()
        yield Moving(len(expected), max(1, len(expected)))

    def _write(
        self, index: Index, store: VectorStore, chunks: Sequence[StoredChunk], expected: dict[ChunkId, bool]
    ) -> None:
        hashes = [stored.chunk.text_hash for stored in chunks if expected[stored.id]]
        known = self._cache.get(index.embedding_model, hashes)
        points: list[Point] = []
        for stored in chunks:
            embedding = known.get(stored.chunk.text_hash) if expected[stored.id] else None
            # One that the cache has lost is made again: `repair` sees that it lacks.
            kept = None if embedding is None else shortened(embedding, index.dimension)
            points.append(replace(words_point(stored), embedding=kept))
        store.upsert(points)


def cleaned_address(written: str) -> str:
    """Make it `scheme://host:port`. Raises `UserFixableError`."""
    text = written.strip().rstrip("/")
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
        port = parts.port
    except ValueError:
        usable, port = False, None
    if not usable or any(character.isspace() for character in text) or parts.query or parts.fragment:
        raise UserFixableError(
            f"`{written.strip()}` is not the address of a server.",
            hint="Write it like https://qdrant.example.org:6333.",
        )
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port or 6333}{parts.path}"


def _is_here(address: str) -> bool:
    return urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}
