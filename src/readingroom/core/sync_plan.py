"""Compares what the catalog knows of a source with what the disk shows; pure, touches nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from readingroom.core.ids import DocumentId


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells, without reading it, that a file is as it was."""

    size_bytes: int
    modified_at_ns: int
    device: int = 0
    inode: int = 0

    def same_content_likely(self, other: "FileStamp") -> bool:
        """Equal size and time; a hash settles the rest when it is read."""
        return self.size_bytes == other.size_bytes and self.modified_at_ns == other.modified_at_ns


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A document of the catalog."""

    document_id: DocumentId
    path: Path
    stamp: FileStamp
    content_hash: str | None
    """None until it was read."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file on the disk."""

    path: Path
    stamp: FileStamp


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What to do so that the catalog mirrors the disk."""

    added: tuple[FoundFile, ...] = ()
    changed: tuple[tuple[DocumentId, FoundFile], ...] = ()
    moved: tuple[tuple[DocumentId, FoundFile], ...] = ()
    removed: tuple[DocumentId, ...] = ()
    unchanged: int = 0

    @property
    def empty(self) -> bool:
        """Nothing to do."""
        return not (self.added or self.changed or self.moved or self.removed)


def plan_sync(
    known: Iterable[KnownFile],
    found: Iterable[FoundFile],
    content_hash: Callable[[Path], str | None],
) -> SyncPlan:
    """The plan for one source.

    `content_hash` is asked only about new files that might be moved ones: same size as a file that is gone,
    and content known by hash. It returns None for a file that cannot be read now.
    """
    known_by_path = {file.path: file for file in known}
    found_by_path = {file.path: file for file in found}
    gone = [file for path, file in known_by_path.items() if path not in found_by_path]
    fresh = [file for path, file in found_by_path.items() if path not in known_by_path]
    moved = _match_moves(gone, fresh, content_hash)
    moved_ids = {document_id for document_id, _ in moved}
    moved_paths = {file.path for _, file in moved}
    both = [(known_by_path[path], file) for path, file in found_by_path.items() if path in known_by_path]
    changed = tuple(
        (old.document_id, new) for old, new in both if not old.stamp.same_content_likely(new.stamp)
    )
    return SyncPlan(
        added=tuple(file for file in fresh if file.path not in moved_paths),
        changed=changed,
        moved=tuple(moved),
        removed=tuple(file.document_id for file in gone if file.document_id not in moved_ids),
        unchanged=len(both) - len(changed),
    )


def _match_moves(
    gone: Iterable[KnownFile], fresh: Iterable[FoundFile], content_hash: Callable[[Path], str | None]
) -> list[tuple[DocumentId, FoundFile]]:
    """Pair vanished documents with new files of the same content."""
    by_content: dict[int, dict[str, list[KnownFile]]] = defaultdict(lambda: defaultdict(list))
    # Backwards, so that taking from the end keeps the order.
    for file in reversed(list(gone)):
        if file.content_hash is not None:
            by_content[file.stamp.size_bytes][file.content_hash].append(file)
    moved = []
    for new in fresh:
        candidates = by_content.get(new.stamp.size_bytes)
        if not candidates:
            continue
        digest = content_hash(new.path)
        if digest is None or digest not in candidates:
            continue
        moved.append((candidates[digest].pop().document_id, new))
        if not candidates[digest]:
            del candidates[digest]
    return moved
