"""Threads written as Markdown, HTML and JSON."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.conversation import Citation, Role, Thread
from readingroom.core.errors import UserFixableError
from readingroom.services.exporting import ExportingService, Form

HOSTILE = (
    "It does [1]. <script>alert(1)</script> ![x](http://evil/a.png) [here](javascript:alert(1))\n\n"
    "<img src=x onerror=alert(1)>\n\n| a | b |\n|---|---|\n| 1 | 2 |"
)
CITATION = Citation(1, None, Path("/d/<b>hand\udcffbook.pdf"), 12, 0, 9, "Unused leave", located=True)


@pytest.fixture
def thread(room: Room) -> Thread:
    workspace = room.workspaces.create("Law")
    thread = room.workspaces.create_thread(workspace.id, "Leave </title><script>")
    asked = room.catalog.add_message(thread.id, Role.USER, "Does <i>leave</i> carry over?")
    room.catalog.add_message(thread.id, Role.ASSISTANT, "Once.", model="m1", after=asked.id)
    room.catalog.add_message(
        thread.id,
        Role.ASSISTANT,
        HOSTILE,
        model="m2",
        citations=[CITATION],
        after=asked.id,
        notice="Stopped.",
    )
    return thread


def written(room: Room, thread: Thread, form: Form, folder: Path) -> str:
    path = folder / f"thread.{form.value}"
    assert ExportingService(room.catalog).save([thread], form, path) == 1
    assert [left.name for left in folder.glob(".readingroom-*")] == []
    return path.read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Gathers the elements of a page and where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.leads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.leads += [
            value or "" for name, value in attrs if name in ("href", "src") or name.startswith("on")
        ]


def test_a_page_names_file_and_page_and_neither_runs_nor_loads_anything(
    room: Room, thread: Thread, tmp_path: Path
) -> None:
    page = written(room, thread, Form.HTML, tmp_path)
    elements = Elements()
    elements.feed(page)
    assert not elements.found & {"script", "img", "b>hand", "i", "iframe", "link"}
    # A picture is a link to it: nothing is fetched until someone follows it.
    assert elements.leads == ["http://evil/a.png"]
    assert "a" in elements.found
    assert "table" in elements.found
    assert "default-src 'none'" in page
    assert "&lt;b&gt;hand\\udcffbook.pdf, page 12" in page
    assert "Once." not in page


def test_markdown_names_file_and_page(room: Room, thread: Thread, tmp_path: Path) -> None:
    text = written(room, thread, Form.MARKDOWN, tmp_path)
    assert text.startswith(r"# Leave \</title\>\<script\>")
    assert "page 12: “Unused leave”" in text
    assert "> Does \\<i\\>leave" in text
    assert "&lt;script>" in text
    assert "![x]" not in text


def test_json_holds_every_branch_and_tells_the_one_that_is_shown(
    room: Room, thread: Thread, tmp_path: Path
) -> None:
    (record,) = json.loads(written(room, thread, Form.JSON, tmp_path))["threads"]
    assert [(m["text"][:5], m["shown"]) for m in record["messages"]] == [
        ("Does ", True), ("Once.", False), ("It do", True),
    ]  # fmt: skip
    (citation,) = record["messages"][2]["citations"]
    assert (citation["n"], citation["page"], citation["quote"]) == (1, 12, "Unused leave")
    assert citation["path"].endswith("book.pdf")


def test_several_threads_come_into_one_file(room: Room, thread: Thread, tmp_path: Path) -> None:
    other = room.workspaces.create_thread(thread.workspace_id, "Other")
    path = tmp_path / "all.json"
    assert ExportingService(room.catalog).save([thread, other], Form.JSON, path) == 2
    assert [t["title"] for t in json.loads(path.read_text("utf-8"))["threads"]][1] == "Other"


def test_a_folder_that_cannot_be_written_to_is_told(room: Room, thread: Thread, tmp_path: Path) -> None:
    with pytest.raises(UserFixableError, match="cannot be written"):
        ExportingService(room.catalog).save([thread], Form.HTML, tmp_path / "missing" / "a.html")
