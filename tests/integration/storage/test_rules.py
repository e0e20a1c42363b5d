"""Rules of a source are kept, and what they left out is listed until the next look."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from readingroom.core.models import Source
from readingroom.core.source_rules import LeftOutFile, SourceRules
from readingroom.storage.catalog import SqliteCatalog

ODD = os.fsdecode(b"caf\xe9")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite", tmp_path / "backups")
    yield catalog
    catalog.close()


@pytest.fixture
def source(catalog: SqliteCatalog) -> Source:
    workspace = catalog.create_workspace("w")
    return catalog.add_source(workspace.id, Path("/somewhere"), is_folder=True, watch=True)


def test_rules_are_kept_with_their_source(catalog: SqliteCatalog, source: Source) -> None:
    assert source.rules == SourceRules()
    rules = SourceRules(f"*.log\n{ODD}\n", git_ignore=True, max_file_mb=20)
    catalog.set_source_rules(source.id, rules)
    assert catalog.sources()[0].rules == rules


def test_each_look_replaces_what_was_left_out(catalog: SqliteCatalog, source: Source) -> None:
    first = [
        LeftOutFile(f"{ODD}.log", f"pattern {ODD}*", size_bytes=5),
        LeftOutFile("build", "pattern build/", True),
    ]
    assert catalog.set_left_out(source.id, first, 2)
    assert catalog.left_out(source.id) == [first[1], first[0]], "by path"
    assert not catalog.set_left_out(source.id, first[::-1], 2), "the same is not written again"
    assert catalog.set_left_out(source.id, first[:1], 40_000)
    assert catalog.left_out(source.id) == first[:1]
    found = catalog.source(source.id)
    assert found is not None
    assert found.left_out == 40_000
