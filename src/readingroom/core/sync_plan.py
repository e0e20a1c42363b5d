"""Compares what the catalog knows of a source with what the disk shows; pure, touches nothing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from readingroom.core.ids import DocumentId

VANISHED_AT_LEAST = 50
VANISHED_SHARE = 0.5
"""From so many documents and such a share of a source on, a disappearance is more likely an accident than a wish."""


class FileStamp(NamedTuple):
    """What tells, without reading it, that a file is as it was."""

    size_bytes: int
    modified_at_ns: int
    device: int = 0
    inode: int = 0
    """Device and inode together are the file's id; 0 where it is not known."""

    def same_content_likely(self, other: "FileStamp") -> bool:
        """Equal size and time, and not another file put in its place; a hash settles the rest when it is read.

        The numbers of devices change with every mount, those of inodes within one device do not.
        """
        return (
            self.size_bytes == other.size_bytes
            and self.modified_at_ns == other.modified_at_ns
            and (self.inode == other.inode or self.device != other.device or not self.inode)
        )

    def same_file(self, other: "FileStamp") -> bool:
        """The very same file, untouched, whatever it is called now."""
        return self == other and self.inode != 0


UNSETTLED_INODE = -1
"""Kept in place of a file's own where its stamp may not tell of a change: at the next look it is read once more."""

UNREAD_SIZE = -1
"""Kept in place of a size where reading failed because the file changed or went: whatever is found there is read."""

_COARSE_NS = 2_100_000_000
_TICK_NS = 10_000_000


def is_settled(modified_at_ns: int, read_from_ns: int) -> bool:
    """Whether a change after it was read would show in a file's time; both since the epoch.

    A clock that files are stamped by goes on in steps: of 2 s on FAT, of 1 s on some others, of some milliseconds on the
    rest. What is written within one step after it was read bears the same time.
    """
    step_ns = _TICK_NS if modified_at_ns % 1_000_000_000 else _COARSE_NS
    return not -step_ns < read_from_ns - modified_at_ns < step_ns


class Absence:
    """Why a document is kept whose file is not there: values of `KnownFile.absent`."""

    NONE = ""
    VANISHED = "vanished"
    """A large share of its source went at once: the person is to say whether that was meant."""
    DRIVE = "offline"
    """The drive it lies on, within a source that is there, is not connected."""
    KEPT = "kept"
    """The person brought it back though its file is gone."""


class KnownFile(NamedTuple):
    """A document of the catalog."""

    document_id: DocumentId
    path: Path
    stamp: FileStamp
    content_hash: str | None
    """None until it was read."""
    absent: str = Absence.NONE


class FoundFile(NamedTuple):
    """A file on the disk."""

    path: Path
    stamp: FileStamp


KnownRows = Mapping[str, tuple[DocumentId, FileStamp, str | None, str]]
"""Path -> id, stamp, content hash, absence: what a `KnownFile` holds, 40,000 at a time."""
FoundRows = Mapping[str, FileStamp]


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What to do so that the catalog mirrors the disk."""

    added: tuple[FoundFile, ...] = ()
    changed: tuple[tuple[DocumentId, FoundFile], ...] = ()
    moved: tuple[tuple[DocumentId, FoundFile], ...] = ()
    """Also from other sources, and from among the removed."""
    removed: tuple[DocumentId, ...] = ()
    absent: tuple[tuple[DocumentId, str], ...] = ()
    """Documents whose absence begins, ends or is another now."""
    unchanged: int = 0

    @property
    def empty(self) -> bool:
        """Nothing to do."""
        return not (self.added or self.changed or self.moved or self.removed or self.absent)


def differences(known: KnownRows, found: FoundRows) -> tuple[int, list[KnownFile], list[FoundFile]]:
    """How many are as they were, and the two sides of all others.

    Of 40,000 documents mostly none differs: the few that do become objects, the rest are only compared.
    """
    unchanged = 0
    fresh: list[FoundFile] = []
    rest = dict(known)
    still: list[KnownFile] = []
    for path, stamp in found.items():
        row = rest.pop(path, None)
        if row is None:
            fresh.append(FoundFile(Path(path), stamp))
        elif row[3] == Absence.NONE and row[1].same_content_likely(stamp):
            unchanged += 1
        else:
            fresh.append(FoundFile(Path(path), stamp))
            still.append(KnownFile(row[0], Path(path), *row[1:]))
    still += [KnownFile(row[0], Path(path), *row[1:]) for path, row in rest.items()]
    return unchanged, still, fresh


def plan_sync(
    known: Iterable[KnownFile],
    found: Iterable[FoundFile],
    content_hash: Callable[[Path], str | None],
    *,
    elsewhere: Iterable[KnownFile] = (),
    drive_away: Callable[[KnownFile], bool] = lambda _: False,
) -> SyncPlan:
    """The plan for one source.

    `content_hash` is asked only about new files that might be moved ones: same size as a file that is gone,
    content known by hash, and another file id. It returns None for a file that cannot be read now. `elsewhere`
    are documents that new files may go on as: those removed before, and those of other sources of the workspace
    whose file is gone, or which this source owns now; earlier ones are preferred. `drive_away` tells of a document that
    is gone whether that is because its drive is.
    """
    known_by_path = {file.path: file for file in known}
    found_by_path = {file.path: file for file in found}
    gone = [file for path, file in known_by_path.items() if path not in found_by_path]
    fresh = [file for path, file in found_by_path.items() if path not in known_by_path]
    away = {file.document_id for file in gone if drive_away(file)}
    # What is on a drive that is away is there still: the same content elsewhere is another document's.
    here = [file for file in gone if file.document_id not in away]
    moved = _match_moves([*here, *elsewhere], fresh, content_hash)
    moved_ids = {document_id for document_id, _ in moved}
    moved_paths = {file.path for _, file in moved}
    both = [(known_by_path[path], file) for path, file in found_by_path.items() if path in known_by_path]
    changed = tuple(
        (old.document_id, new) for old, new in both if not old.stamp.same_content_likely(new.stamp)
    )
    lost = [file for file in gone if file.document_id not in moved_ids]
    absent = [(file.document_id, _absence(file, away=file.document_id in away)) for file in lost]
    before = {file.document_id: file.absent for file in lost}
    returned = [(old.document_id, Absence.NONE) for old, _ in both if old.absent]
    return SyncPlan(
        added=tuple(file for file in fresh if file.path not in moved_paths),
        changed=changed,
        moved=tuple(moved),
        removed=tuple(document_id for document_id, why in absent if not why),
        absent=(*returned, *((id_, why) for id_, why in absent if why and why != before[id_])),
        unchanged=len(both) - len(changed),
    )


def held_back(
    plan: SyncPlan, documents: int, removed_lately: Collection[DocumentId], waiting: int = 0
) -> SyncPlan:
    """The plan, asking instead of removing where a large share of a source's documents would go at once.

    `documents` are those the source has that are not absent, `removed_lately` those that went in the last minutes,
    `waiting` those that vanished and of which nobody has said what is to become: a folder is not deleted in one instant.
    """
    back = {document_id for document_id, _ in plan.moved}
    removed_lately = [document_id for document_id in removed_lately if document_id not in back]
    before = len(removed_lately) + waiting
    going = len(plan.removed) + before
    if not plan.removed or going < VANISHED_AT_LEAST or going < VANISHED_SHARE * (documents + before):
        return plan
    vanished = [(id_, Absence.VANISHED) for id_ in (*plan.removed, *removed_lately)]
    return replace(plan, removed=(), absent=(*plan.absent, *vanished))


def _absence(file: KnownFile, *, away: bool) -> str:
    """Why a document stays though its file is not there; empty where it does not."""
    if file.absent in (Absence.KEPT, Absence.VANISHED):
        return file.absent
    return Absence.DRIVE if away else Absence.NONE


def _match_moves(
    gone: Sequence[KnownFile], fresh: Sequence[FoundFile], content_hash: Callable[[Path], str | None]
) -> list[tuple[DocumentId, FoundFile]]:
    """Pair vanished documents with new files: the same path, the same file, then the same content."""
    left = list(gone)
    moved: list[tuple[DocumentId, FoundFile]] = []
    unmatched = list(fresh)
    # The same path first: a source that takes over a folder from another has them all.
    for key, same in ((_path, FileStamp.same_content_likely), (_stamp, FileStamp.same_file)):
        candidates: dict[object, KnownFile] = {}
        for file in left:
            candidates.setdefault(key(file), file)
        pairs = [
            (candidates.pop(key(new)), new)
            for new in unmatched
            if key(new) in candidates and same(candidates[key(new)].stamp, new.stamp)
        ]
        moved += [(file.document_id, new) for file, new in pairs]
        taken, placed = {file.document_id for file, _ in pairs}, {new.path for _, new in pairs}
        left = [file for file in left if file.document_id not in taken]
        unmatched = [new for new in unmatched if new.path not in placed]
    moved += _match_content(left, unmatched, content_hash)
    return moved


def _path(file: KnownFile | FoundFile) -> object:
    return file.path


def _stamp(file: KnownFile | FoundFile) -> object:
    return file.stamp


def _match_content(
    gone: Sequence[KnownFile], fresh: Sequence[FoundFile], content_hash: Callable[[Path], str | None]
) -> Iterator[tuple[DocumentId, FoundFile]]:
    by_content: dict[int, dict[str, list[KnownFile]]] = defaultdict(lambda: defaultdict(list))
    # Backwards, so that taking from the end keeps the order.
    for file in reversed(gone):
        if file.content_hash:
            by_content[file.stamp.size_bytes][file.content_hash].append(file)
    for new in fresh:
        candidates = by_content.get(new.stamp.size_bytes)
        if not candidates:
            continue
        digest = content_hash(new.path)
        if digest is None or digest not in candidates:
            continue
        yield candidates[digest].pop().document_id, new
        if not candidates[digest]:
            del candidates[digest]
