"""What the catalog keeps of sources: how each stands with the disk, and what is known of their files."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from readingroom.core.ids import DocumentId, SourceId, WorkspaceId
from readingroom.core.models import RemovedItem, Source, SourceState
from readingroom.core.sync_plan import FileStamp, KnownFile, KnownRows, SyncPlan


class SourceCatalog(Protocol):
    """Sources and what the catalog knows of their files."""

    def sources(self, workspace_id: WorkspaceId | None = None) -> Sequence[Source]:
        """Of one workspace, else of all; removed ones left out."""
        ...

    def source(self, source_id: SourceId) -> Source | None: ...

    def add_source(
        self,
        workspace_id: WorkspaceId,
        path: Path,
        *,
        is_folder: bool,
        watch: bool,
        git_ignore: bool = False,
    ) -> Source:
        """The source at that path, brought back if it had been removed; `git_ignore` is for one not linked before."""
        ...

    def set_source_state(
        self,
        source_id: SourceId,
        state: SourceState,
        *,
        reason: str = "",
        checked_at: float | None = None,
        unless_paused: bool = False,
    ) -> None:
        """`reason` says in plain words why it is polled or offline."""
        ...

    def source_seen(
        self, source_id: SourceId, checked_at: float, identity: tuple[int, int] | None = None
    ) -> None:
        """It was compared with the disk; `identity` (device, inode) of its root, where it was seen whole."""
        ...

    def source_identity(self, source_id: SourceId) -> tuple[int, int] | None:
        """Of its root, when it was last seen whole."""
        ...

    def set_source_removed(self, source_id: SourceId, *, removed: bool) -> None:
        """Hide it and mark its points stale, or bring it back and have its documents indexed from known text."""
        ...


class SyncCatalog(Protocol):
    """What is known of the files of sources, and what became of them."""

    def known_files(self, source_id: SourceId, places: Collection[str] | None = None) -> KnownRows:
        """The documents of a source, or those at or below some paths."""
        ...

    def document_count(self, source_id: SourceId) -> int:
        """Documents whose file is there; those inside others not counted."""
        ...

    def lost_files(
        self, workspace_id: WorkspaceId, source_id: SourceId, sizes: Collection[int]
    ) -> Sequence[KnownFile]:
        """Documents of these sizes (bytes) in other sources of the workspace and among the removed, the latter last.

        Their `absent` is `removed` where they are.
        """
        ...

    def other_names(self, files: Iterable[tuple[Path, FileStamp]]) -> Sequence[tuple[SourceId, Path]]:
        """Documents of all workspaces that are these very files under other names (hard links)."""
        ...

    def removed_lately(self, source_id: SourceId, since: float) -> Sequence[DocumentId]:
        """Documents of that source removed since that time, other than by the person's word."""
        ...

    def apply_plan(self, source_id: SourceId, plan: SyncPlan, *, meant: bool = False) -> None:
        """Write what the plan says and queue what must be read. What is removed can be brought back.

        `meant`: what goes does so by the person's word.
        """
        ...

    def look_again(self, document_id: DocumentId) -> None:
        """Have its file read at the next look, whatever its time says."""
        ...

    def answer_vanished(self, source_id: SourceId, *, keep: bool) -> int:
        """Keep the documents that vanished at once, or remove them; how many."""
        ...

    def removed_items(self, workspace_id: WorkspaceId) -> Sequence[RemovedItem]:
        """Sources and documents that can be brought back, latest first."""
        ...

    def restore_documents(self, document_ids: Sequence[DocumentId], *, absent: Collection[DocumentId]) -> int:
        """Bring removed documents back, `absent` those whose file is not there; how many came."""
        ...

    def removed_paths(self, document_ids: Sequence[DocumentId]) -> dict[DocumentId, Path]:
        """Where removed documents stood."""
        ...

    def purge_removed(self, removed_before: float) -> None:
        """Forget for good the sources and documents removed before that time."""
        ...
