"""Checks the program's own health, and mends what can be mended without asking."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata

from readingroom import __version__
from readingroom.config.paths import DataPaths
from readingroom.core.catalog import Catalog
from readingroom.core.copies import CatalogCopies, local_now
from readingroom.core.errors import UserFixableError
from readingroom.core.language_model import LanguageModel, LanguageModelCondition
from readingroom.core.models import Check, EmbeddingModel
from readingroom.core.polling import WatchLimits
from readingroom.core.ports import EmbeddingModels, VectorStores
from readingroom.services.consistency import compare, repair

_LIBRARIES = (
    "PySide6-Essentials",
    "qdrant-edge-py",
    "fastembed",
    "onnxruntime",
    "PyMuPDF",
    "watchdog",
    "ollama",
)
CATALOG_CHECK = "catalog integrity"
_LATE = timedelta(days=8)
_LOW_DISK_BYTES = 1024**3
_LOW_WATCHES = 65_536
_FULL = 0.9
"""Of a limit: soon the next folder finds no room."""


class DoctorService:
    """Runs the checks of `readingroom doctor`."""

    def __init__(
        self,
        catalog: Catalog,
        stores: VectorStores,
        embedding_models: EmbeddingModels,
        language_model: LanguageModel,
        paths: DataPaths,
        copies: CatalogCopies,
        *,
        verify_bundled_model: Callable[[], object],
        watch_limits: Callable[[], WatchLimits | None],
    ) -> None:
        """`verify_bundled_model` raises `EmbeddingModelUnavailable` where its checksum is wrong."""
        self._catalog = catalog
        self._stores = stores
        self._embedding_models = embedding_models
        self._language_model = language_model
        self._paths = paths
        self._copies = copies
        self._verify_bundled_model = verify_bundled_model
        self._watch_limits = watch_limits

    def run(self, *, mend: bool = False) -> Iterator[Check]:
        """Yield one check after the other. Mending has the missing written again at the next indexing."""
        yield _versions()
        yield Check("data folder", os.access(self._paths.root, os.W_OK), str(self._paths.root), "")
        yield self._catalog_check(mend=mend)
        yield self._copies_check()
        yield self._cache_check()
        yield self._index_check(mend=mend)
        yield from self._model_checks()
        yield self._language_model_check()
        yield self._disk_check()
        yield watcher_check(self._watch_limits())

    def _catalog_check(self, *, mend: bool) -> Check:
        found = self._catalog.integrity()
        if found != "ok" and mend:
            # Often only a search tree is wrong, and that can be made again from the rows.
            self._catalog.rebuild_search_trees()
            found = self._catalog.integrity()
        if found == "ok":
            return Check(CATALOG_CHECK, True, found)
        self._copies.suspect()
        return Check(
            CATALOG_CHECK,
            False,
            found,
            "Run `readingroom doctor --repair`: it restores the newest good copy.",
        )

    def _copies_check(self) -> Check:
        copies = self._copies.list()
        if not copies:
            return Check("copies of the catalog", True, "none yet; one is made each day")
        newest = copies[0]
        detail = f"{len(copies)}, the newest of {newest.made_at:%Y-%m-%d %H:%M}, {newest.size_bytes / 2**20:.1f} MB"
        late = local_now() - newest.made_at > _LATE
        return Check("copies of the catalog", not late, detail, "Make room for a new one." if late else "")

    def _cache_check(self) -> Check:
        aside = self._paths.damaged_embedding_cache
        if not aside.exists():
            return Check("embedding cache", True, "ok")
        day = datetime.fromtimestamp(aside.stat().st_mtime, UTC).astimezone()
        return Check(
            "embedding cache",
            True,
            f"was damaged and begun anew; the damaged one, last written {day:%Y-%m-%d}, is {aside} and may be deleted",
        )

    def _index_check(self, *, mend: bool) -> Check:
        points = missing = surplus = 0
        work = repair if mend else compare
        try:
            for index in self._catalog.indexes():
                difference = work(self._catalog, self._stores, index)
                points += difference.points
                missing += difference.missing
                surplus += difference.surplus
        except UserFixableError as error:
            return Check("catalog against index", False, str(error), error.hint)
        pending = self._catalog.pending_work()
        detail = f"{points} points, {missing} missing, {surplus} surplus, {pending} documents in work"
        if not (missing or surplus):
            return Check("catalog against index", True, detail)
        if mend:
            return Check(
                "catalog against index",
                True,
                f"{detail}; mended, missing points are written at the next indexing",
            )
        return Check(
            "catalog against index",
            False,
            detail,
            "Run `readingroom doctor --repair`, or just open the program.",
        )

    def _model_checks(self) -> Iterator[Check]:
        try:
            self._verify_bundled_model()
        except UserFixableError as error:
            yield Check("bundled embedding model", False, str(error), error.hint)
        else:
            yield Check("bundled embedding model", True, "checksum as published")
        for name in sorted({index.embedding_model for index in self._catalog.indexes()}):
            try:
                model = self._embedding_models.describe(name)
            except UserFixableError as error:
                yield Check("embedding model", False, str(error), error.hint)
                continue
            present = _present(model)
            hint = "" if present else "Download it in Settings, under Models."
            yield Check("embedding model", present, f"{name}, {model.dimension} dimensions", hint)

    def _language_model_check(self) -> Check:
        status = self._language_model.status()
        ready = status.condition is LanguageModelCondition.READY
        detail = f"{status.address}: {', '.join(status.models) if ready else status.detail}"
        return Check("language model", ready, detail, status.hint)

    def _disk_check(self) -> Check:
        free = shutil.disk_usage(self._paths.root).free
        enough = free >= _LOW_DISK_BYTES
        hint = "" if enough else "Make room on the disk that holds the data folder."
        return Check("free disk", enough, f"{free / 1024**3:.1f} GB", hint)


def _present(model: EmbeddingModel) -> bool:
    return model.bundled or model.downloaded


def _versions() -> Check:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} (bundled)")
    python = f"Python {platform.python_version()} on {sys.platform}"
    return Check("versions", True, f"Reading Room {__version__}, {python}, {', '.join(found)}")


def watcher_check(limits: WatchLimits | None) -> Check:
    """How much of what the system allows to be watched is in use."""
    if limits is None:
        return Check("watcher limits", True, "none known on this system")
    detail = (
        f"{limits.watches_used:,} of {limits.watches_allowed:,} folders watched, "
        f"{limits.instances_used:,} of {limits.instances_allowed:,} observers used, by all of your programs"
    )
    hints = []
    if limits.watches_allowed < _LOW_WATCHES or limits.watches_used >= _FULL * limits.watches_allowed:
        wanted = max(_LOW_WATCHES, 2 * limits.watches_allowed)
        hints.append(f"Raise fs.inotify.max_user_watches to {wanted} or more")
    if limits.instances_used >= _FULL * limits.instances_allowed:
        hints.append(f"{'r' if hints else 'R'}aise fs.inotify.max_user_instances")
    hint = (
        f"{', and '.join(hints)}; until then folders that find no room are looked through every now and then."
    )
    return Check("watcher limits", not hints, detail, hint if hints else "")
