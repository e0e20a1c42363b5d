"""The list of documents on the command line: for people, and as JSON with the fields of CLI.md."""

import argparse
import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from readingroom.cli import parse
from readingroom.commands.documents import as_json, documents, lines
from readingroom.commands.output import emit
from readingroom.core.ids import DocumentId, SourceId, WorkspaceId
from readingroom.core.models import Document, DocumentState

SCAN = Document(
    DocumentId(3), WorkspaceId(1), SourceId(1), Path("/mail/letter.eml/scan.pdf"), DocumentState.FAILED,
    "The file is damaged: it is cut off.", "pdf", 1_250, 0, 48_400_000, 1_700_000_000_500_000_000, None, None, 1,
    words=12_000, pages_without_text=7, container_id=DocumentId(2), locator="part-2",
)  # fmt: skip


def test_json_has_the_fixed_fields_and_the_new_ones(capsys: pytest.CaptureFixture[str]) -> None:
    emit(as_json(SCAN))
    printed = json.loads(capsys.readouterr().out)
    assert printed == {
        "path": "/mail/letter.eml/scan.pdf",
        "state": "failed",
        "reason": "The file is damaged: it is cut off.",
        "pages": 1250,
        "chunks": 0,
        "size_bytes": 48_400_000,
        "content_hash": None,
        "indexed_at": None,
        "pages_without_text": 7,
        "words": 12_000,
        "format": "pdf",
        "title": "",
        "read_seconds": None,
        "modified_at": 1_700_000_000.5,
        "container": "/mail/letter.eml",
    }
    assert as_json(replace(SCAN, container_id=None))["container"] is None


def test_people_get_aligned_figures_and_the_reason_below() -> None:
    tidy = replace(
        SCAN, path=Path("/notes.txt"), state=DocumentState.READY, reason="", pages=None, size_bytes=998
    )
    heading, failed, reason, ready = lines([SCAN, tidy])
    assert failed.split() == ["failed", "1,250", "12,000", "48", "MB", "/mail/letter.eml/scan.pdf"]
    assert reason.strip() == SCAN.reason
    assert ready.split() == ["ready", "12,000", "998", "B", "/notes.txt"]
    assert heading.index("path") == failed.index("/mail") == ready.index("/notes")


def test_an_empty_workspace_prints_nothing() -> None:
    assert lines([]) == []


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder with a workspace of one document."""
    services = SimpleNamespace(
        workspaces=SimpleNamespace(get=lambda _name: SimpleNamespace(id=WorkspaceId(1))),
        documents=SimpleNamespace(list=lambda _id: [SCAN]),
    )
    room = nullcontext(SimpleNamespace(services=services))
    monkeypatch.setattr("readingroom.commands.documents.runtime", lambda _arguments: room)


def parsed(*words: str) -> argparse.Namespace:
    return parse(["documents", "-w", "Mail", *words])


@pytest.mark.usefixtures("listing")
def test_csv_goes_to_standard_output_or_a_file(
    capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    assert documents(parsed("--csv", "-")) == 0
    printed = capfdbinary.readouterr().out
    assert printed.startswith(b"\xef\xbb\xbfpath,state,reason")
    assert documents(parsed("--csv", str(tmp_path / "list.csv"))) == 0
    assert (tmp_path / "list.csv").read_bytes() == printed
    assert capfdbinary.readouterr().out == b""


@pytest.mark.usefixtures("listing")
def test_two_forms_at_once_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert documents(parsed("--csv", "-", "--json")) == 2
    assert capsys.readouterr().out == ""
