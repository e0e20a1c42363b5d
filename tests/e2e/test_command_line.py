"""The command line of the real program, with its real children and the bundled model."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from helpers.fake_ollama import FakeOllama
from helpers.program import command, environment, json_lines, run

DATA = Path(__file__).parents[1] / "data" / "documents"


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    for name in (
        "multicolumn.pdf",
        "password.pdf",
        "testOCR.pdf",
        "blocks.md",
        "word_tables.docx",
        "stanley-cups.xlsx",
    ):
        shutil.copy(DATA / name, folder)
    (folder / "leave.txt").write_text(
        "Employees accrue leave monthly.\n\nUnused leave of up to ten days carries over into the next year.\n"
    )
    (folder / "song.mp3").write_bytes(b"ID3\x03" + bytes(600))
    (folder / "rent.txt").write_text("The rent is due on the first of the month.\n")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, docs: Path) -> Path:
    """A data folder with the documents added."""
    folder = tmp_path_factory.mktemp("home") / "data folder"
    (counts,) = json_lines(folder, "add", "-w", "Demo", docs)
    assert (counts["found"], counts["indexed"], counts["skipped"], counts["failed"]) == (9, 7, 2, 0)
    assert counts["chunks"] == counts["embedded"] + counts["reused"] > 5
    return folder


def test_every_document_has_a_state_and_a_reason(data: Path, docs: Path) -> None:
    documents = {Path(line["path"]).name: line for line in json_lines(data, "documents", "-w", "Demo")}
    states = {name: line["state"] for name, line in documents.items()}
    assert states == {
        "multicolumn.pdf": "ready",
        "blocks.md": "ready",
        "word_tables.docx": "ready",
        "leave.txt": "ready",
        "rent.txt": "ready",
        "password.pdf": "encrypted",
        "testOCR.pdf": "ready",
        "stanley-cups.xlsx": "ready",
        "song.mp3": "unsupported",
    }
    assert all(line["reason"] for line in documents.values() if line["state"] != "ready")
    assert documents["multicolumn.pdf"]["pages"] == 3
    assert documents["leave.txt"]["pages"] is None


def test_search_finds_the_right_page_with_exact_offsets(data: Path, docs: Path) -> None:
    (hit, *_) = json_lines(data, "search", "-w", "Demo", "luctus et ultrices posuere cubilia Curae")
    assert Path(hit["path"]) == docs / "multicolumn.pdf"
    pages = json_lines(data, "show", "-w", "Demo", docs / "multicolumn.pdf")
    text = "".join(page["text"] for page in pages)
    assert text[hit["start"] : hit["end"]] == hit["text"]
    assert hit["page"] in [place["page"] for place in hit["locations"]]
    assert pages[1]["start"] == len(pages[0]["text"])


@pytest.mark.parametrize("mode", ["hybrid", "words", "meaning"])
def test_each_mode_finds_what_was_asked(data: Path, docs: Path, mode: str) -> None:
    (hit, *_) = json_lines(
        data, "search", "-w", "Demo", "How many unused leave days carry over?", "--mode", mode
    )
    assert Path(hit["path"]) == docs / "leave.txt"


def test_adding_again_changes_nothing(data: Path, docs: Path) -> None:
    (counts,) = json_lines(data, "add", "-w", "Demo", docs)
    assert (counts["found"], counts["unchanged"], counts["indexed"], counts["embedded"]) == (9, 9, 0, 0)


def test_an_answer_streams_with_citations(data: Path, docs: Path) -> None:
    with FakeOllama(answer=("Ten days ", "carry over [1].")) as server:
        (answer,) = json_lines(
            data, "ask", "-w", "Demo", "How many unused leave days carry over?", OLLAMA_HOST=server.address
        )
    assert answer["answer"] == "Ten days carry over [1]."
    (citation,) = answer["citations"]
    assert citation["quote"] == "Unused leave of up to ten days carries over into the next year."
    assert citation["located"]
    assert not answer["refused"]
    assert answer["searched"]["used"] >= 1


def test_without_a_model_the_passages_answer(data: Path) -> None:
    (answer,) = json_lines(data, "ask", "-w", "Demo", "When is the rent due?", "--no-llm")
    assert answer["model"] is None
    assert "rent is due" in answer["citations"][0]["quote"]


def test_a_question_beside_the_documents_is_refused(data: Path) -> None:
    (answer,) = json_lines(data, "ask", "-w", "Demo", "Which tungsten alloy withstands reentry plasma?")
    assert answer["refused"]
    assert answer["searched"]["used"] == 0


def test_doctor_finds_catalog_and_index_equal(data: Path) -> None:
    checks = {line["check"]: line for line in json_lines(data, "doctor")}
    assert checks["catalog integrity"]["ok"]
    assert checks["catalog against index"]["ok"], checks["catalog against index"]
    assert checks["bundled embedding model"]["ok"]
    assert not checks["language model"]["ok"]
    assert checks["language model"]["hint"]


def test_reindex_switches_to_a_complete_index_without_embedding_again(data: Path) -> None:
    before = json_lines(data, "workspace", "list")
    (counts,) = json_lines(data, "reindex", "-w", "Demo")
    assert counts["embedded"] == 0
    assert counts["reused"] == before[0]["chunks"]
    assert json_lines(data, "workspace", "list") == before
    assert json_lines(data, "search", "-w", "Demo", "rent")[0]["text"].startswith("The rent")


def test_the_data_folder_can_be_named_before_or_after_the_command(data: Path, tmp_path: Path) -> None:
    out = subprocess.run(
        [*command(tmp_path / "other", "workspace", "list", "--json"), "--data-dir", str(data)],
        capture_output=True, text=True, env=environment(), check=True,
    ).stdout  # fmt: skip
    assert json.loads(out)["name"] == "Demo"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("documents", "-w", "Nowhere"), 1, "no workspace named"),
        (("add", "-w", "Demo", "/there/is/nothing"), 1, "There is nothing at /there/is/nothing"),
        (("search", "-w", "Demo"), 2, "QUERY"),
        (("workspace", "create", "demo"), 1, "already"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    data: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = run(data, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_program_on_the_same_folder_is_refused(data: Path) -> None:
    with subprocess.Popen(
        command(data, "sync", "--watch", "--json"), env=environment(), stdout=subprocess.PIPE, text=True
    ) as first:
        # Its children come after it has taken the folder. To ask with a command would be to take the folder oneself.
        while not psutil.Process(first.pid).children():
            assert first.poll() is None
        second = run(data, "workspace", "list")
        assert second.returncode == 3
        assert "Another Reading Room is using" in second.stderr
        first.send_signal(signal.SIGTERM)
        first.wait(timeout=30)
    assert first.returncode == 1
    assert run(data, "workspace", "list").returncode == 0


def test_watching_follows_an_in_place_save(data: Path, docs: Path) -> None:
    with subprocess.Popen(
        command(data, "sync", "--watch", "--json"), env=environment(), stdout=subprocess.PIPE, text=True
    ) as following:
        assert following.stdout is not None
        try:
            (docs / "new.txt").write_text("Parking is on the left.\n")
            assert json.loads(following.stdout.readline())["indexed"] >= 1
            with (docs / "new.txt").open("r+") as file:
                file.write("Parking is on the roof.\n")
            assert json.loads(following.stdout.readline())["indexed"] == 1
            (docs / "new.txt").unlink()
            assert json.loads(following.stdout.readline())["removed"] == 1
        finally:
            following.send_signal(signal.SIGINT)
            following.wait(timeout=30)


def test_an_interrupted_add_is_finished_by_the_next(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(60):
        (docs / f"{number}.txt").write_text(f"Clause {number} of the agreement.\n\n" * 40)
    with subprocess.Popen(command(tmp_path / "data", "add", "-w", "W", docs), env=environment()) as adding:
        index = tmp_path / "data" / "vectors"
        while not (index.is_dir() and any(index.iterdir())):
            assert adding.poll() is None
        os.kill(adding.pid, signal.SIGKILL)
    (counts,) = json_lines(tmp_path / "data", "add", "-w", "W", docs)
    assert counts["found"] == 60
    states = {line["state"] for line in json_lines(tmp_path / "data", "documents", "-w", "W")}
    assert states == {"ready"}
    checks = {line["check"]: line for line in json_lines(tmp_path / "data", "doctor")}
    assert checks["catalog against index"]["ok"]


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [*command(Path("x"))[:1], "-X", "importtime", "-m", "readingroom", "--help"],
        capture_output=True, text=True, env=environment(), check=True,
    )  # fmt: skip
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert not loaded & {"numpy", "PySide6", "sqlite3", "httpx", "qdrant_edge", "fastembed", "pymupdf"}


def test_a_workspace_goes_to_another_data_folder_and_back_to_its_documents(tmp_path: Path) -> None:
    here, there, docs, moved = (tmp_path / name for name in ("here", "there", "docs", "moved"))
    docs.mkdir()
    (docs / "rent.txt").write_text("The rent is due on the first of the month.")
    json_lines(here, "add", "-w", "Law", docs)
    (told,) = json_lines(here, "workspace", "export", "Law", tmp_path / "law")
    assert told["path"] == str(tmp_path / "law.readingroom")
    (imported,) = json_lines(there, "workspace", "import", tmp_path / "law.readingroom")
    assert (imported["name"], imported["embedded"], imported["reused"]) == ("Law", 0, told["chunks"])
    docs.rename(moved)
    (relinked,) = json_lines(there, "relink", "-w", "Law", "docs", moved)
    assert (relinked["to"], relinked["embedded"]) == (str(moved), 0)
    (passage,) = json_lines(there, "search", "-w", "Law", "When is the rent due?", "-k", "1")
    assert passage["path"] == str(moved / "rent.txt")
    refused = run(there, "relink", "-w", "Law", "papers", moved)
    assert refused.returncode == 1
    assert "No folder is linked as “papers”" in refused.stderr
