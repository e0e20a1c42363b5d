"""Real children, ended after each test; nothing of them may be left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.children import is_reaped
from readingroom.worker.bulk import EmbedWorker
from readingroom.worker.process import ChildProcess
from readingroom.worker.querying import QueryWorker
from readingroom.worker.reading import ReadWorker


def ended(child: ChildProcess) -> Iterator[None]:
    """After the test: nothing of the child may be left."""
    yield
    pid = child.pid
    child.close()
    assert child.pid is None
    assert pid is None or is_reaped(pid)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[ReadWorker]:
    worker = ReadWorker(tmp_path / "data")
    for _ in ended(worker.child):
        yield worker


@pytest.fixture
def embedder(tmp_path: Path) -> Iterator[EmbedWorker]:
    worker = EmbedWorker(tmp_path / "data")
    for _ in ended(worker.child):
        yield worker


@pytest.fixture
def querier(tmp_path: Path) -> Iterator[QueryWorker]:
    worker = QueryWorker(tmp_path / "data")
    for _ in ended(worker.child):
        yield worker
