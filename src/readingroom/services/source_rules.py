"""Rules of a source: change them, see beforehand what that does, and list what was left out."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from readingroom.core.catalog import Catalog
from readingroom.core.errors import SourceNotFound
from readingroom.core.ids import SourceId
from readingroom.core.models import Source
from readingroom.core.source_rules import LeftOutFile, SourceRules
from readingroom.services.ignore_patterns import lines_not_understood
from readingroom.services.rules import Rules, leaves_out
from readingroom.services.sources import SourceService

_NAMED = 3


@dataclass(frozen=True, slots=True)
class RulesPreview:
    """What rules would do to the documents there are."""

    documents: int
    """How many the source has."""
    gone: int
    """How many of them would be left out."""
    examples: tuple[str, ...] = ()
    """Some of those, relative to the source."""
    back: int = 0
    """Files and folders that are left out now and would be read."""
    not_understood: tuple[int, ...] = ()
    """Numbers, from 1, of lines that are no pattern."""


@dataclass(frozen=True, slots=True)
class RulesChange:
    """What `change` did, so that it can be undone."""

    source: Source
    """As it was before."""
    removed: int
    added: int


class RuleService:
    """Methods block, since folders are compared with the disk: call them from a pool."""

    def __init__(self, catalog: Catalog, sources: SourceService) -> None:
        self._catalog = catalog
        self._sources = sources

    def left_out(self, source_id: SourceId) -> Sequence[LeftOutFile]:
        """What the rules left out when the source was last looked through, by path; the first 10,000."""
        return self._catalog.left_out(source_id)

    def preview(self, source_id: SourceId, rules: SourceRules) -> RulesPreview:
        """What these rules would do; nothing is changed, and the disk is asked for `.gitignore` files only."""
        source = self._source(source_id)
        root = os.fspath(source.path)
        tried, folders = Rules(root, rules), dict[str, str | None]()
        files = self._catalog.source_files(source_id)
        gone = []
        for path, size_bytes in files:
            relative = path[len(root) :].lstrip(os.sep).replace(os.sep, "/")
            if leaves_out(tried, relative, size_bytes, folders) is not None:
                gone.append(relative)
        back = sum(not _still_left_out(tried, entry) for entry in self._catalog.left_out(source_id))
        broken = tuple(lines_not_understood(rules.patterns))
        return RulesPreview(len(files), len(gone), tuple(sorted(gone)[:_NAMED]), back, broken)

    def change(self, source_id: SourceId, rules: SourceRules) -> RulesChange:
        """Have other rules from now on; what they leave out goes, and can be brought back."""
        source = self._source(source_id)
        self._catalog.set_source_rules(source_id, rules)
        counts = self._sources.reconcile(source_id, ask=False)
        return RulesChange(source, counts.removed, counts.found - counts.unchanged - counts.moved)

    def undo(self, change: RulesChange) -> None:
        """Have the rules as they were."""
        self.change(change.source.id, change.source.rules)

    def read_after_all(self, source_id: SourceId, entry: LeftOutFile) -> RulesChange:
        """Read a file or folder that a name or pattern leaves out, by a line that names it."""
        rules = self._source(source_id).rules
        line = f"!/{_escaped(entry.path)}{'/' if entry.is_folder else ''}"
        return self.change(source_id, replace(rules, patterns=f"{rules.patterns.rstrip()}\n{line}".lstrip()))

    def _source(self, source_id: SourceId) -> Source:
        source = self._catalog.source(source_id)
        if source is None:
            raise SourceNotFound("This folder is no longer in the workspace.", hint="Add it again.")
        return source


def _still_left_out(rules: Rules, entry: LeftOutFile) -> bool:
    """Kinds are the workspace's: no rule of a source changes them."""
    name = entry.path.rpartition("/")[2]
    if entry.rule.startswith("kind "):
        return True
    if entry.is_folder:
        return rules.folder(entry.path, name) is not None
    return rules.file(entry.path, name, entry.size_bytes) is not None


def _escaped(path: str) -> str:
    """A path as a pattern that matches it alone."""
    plain = "".join(f"\\{character}" if character in "*?[]\\" else character for character in path)
    return plain[:-1] + "\\ " if plain.endswith(" ") else plain
