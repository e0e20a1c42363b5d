"""Each message of a mailbox is a document of its own, found again by its place."""

import os
from pathlib import Path

import pytest

from helpers.reading import DATA, bytes_inside, inside, read
from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentTooLarge, DocumentUnsupported
from readingroom.core.extraction import FileRef, ReadLimits
from readingroom.documents.members import opened

DATE = "Mon Jan  1 10:00:00 2024"


def message(subject: str, body: str) -> str:
    return f"From ann@example.org {DATE}\nFrom: ann@example.org\nSubject: {subject}\n\n{body}\n\n"


@pytest.fixture
def mbox(tmp_path: Path) -> Path:
    return tmp_path / "Inbox.mbox"


def test_messages_are_members_and_the_mailbox_has_no_text(mbox: Path) -> None:
    mbox.write_text(message("One", "first") + message("Two / three", "second"), encoding="utf-8")
    document = read(mbox)
    assert document.text == ""
    assert document.notes == ("2 messages, each a document of its own.",)
    assert [member.name for member in document.members] == ["0001 One.eml", "0002 Two - three.eml"]
    assert bytes_inside(mbox, document.members[0]) == b"From: ann@example.org\nSubject: One\n\nfirst\n"
    assert inside(mbox, document.members[1]).text.endswith("\n\nsecond\n")


def test_real_mailbox() -> None:
    document = read(DATA / "simple.mbox")
    assert [inside(DATA / "simple.mbox", member).text.strip() for member in document.members] == [
        "Test content 1",
        "Test content 2",
    ]


def test_lines_that_only_look_like_a_separator_divide_nothing(mbox: Path) -> None:
    body = "said:\n\nFrom here on it was easy.\n\nFrom now until 10:00 nothing\nFrom x Mon Jan  1 10:00:00 2024 in a paragraph"
    mbox.write_text(message("One", body), encoding="utf-8")
    (member,) = read(mbox).members
    assert "From here on" in inside(mbox, member).text
    assert "in a paragraph" in inside(mbox, member).text


def test_quoted_separators_are_unquoted_once(mbox: Path) -> None:
    mbox.write_text(message("One", "words\n>From him\n>>From her"), encoding="utf-8")
    (member,) = read(mbox).members
    assert bytes_inside(mbox, member).endswith(b"words\nFrom him\n>From her\n")


def test_messages_longer_than_a_block_are_whole(mbox: Path) -> None:
    """Blocks are cut anywhere: within lines, separators and quotation marks."""
    bodies = ["".join(f">From line {n} of {size}\n" for n in range(size)) for size in (60_000, 3, 90_000, 1)]
    mbox.write_text("".join(message(str(n), body) for n, body in enumerate(bodies)), encoding="utf-8")
    members = read(mbox).members
    assert len(members) == 4
    for member, body in zip(members, bodies, strict=True):
        data = bytes_inside(mbox, member)
        assert data.endswith(body.replace(">From", "From").encode() + b"\n")
        assert len(data) == member.size_bytes


@pytest.mark.parametrize("before", [0, 1, 2, 6, 8, 9, 10, 14, 17, 40])
def test_separator_cut_in_two_by_blocks_divides(mbox: Path, before: int) -> None:
    megabyte = 1024 * 1024
    head = message("One", "{}")
    filler = "y" * (megabyte - before - len(head) + 2)
    undated = "From ann\nSubject: Two\n\nsecond\n"
    mbox.write_text(head.format(filler) + undated, encoding="utf-8")
    assert mbox.read_bytes()[megabyte - before :].startswith(b"From ann\n")
    assert [member.name for member in read(mbox).members] == ["0001 One.eml", "0002 Two.eml"]


def test_line_without_end_is_not_held(mbox: Path) -> None:
    mbox.write_text(message("One", "x" * 5_000_000) + message("Two", "y"), encoding="utf-8")
    first, second = read(mbox).members
    assert first.size_bytes > 5_000_000
    assert inside(mbox, second).text.endswith("y\n")


def test_windows_line_ends(mbox: Path) -> None:
    mbox.write_bytes((message("One", "first") + message("Two", "second")).replace("\n", "\r\n").encode())
    first, second = read(mbox).members
    assert bytes_inside(mbox, first).endswith(b"\r\n\r\nfirst\r\n")
    assert second.name == "0002 Two.eml"


def test_messages_deleted_but_still_in_the_file_are_left_out(mbox: Path) -> None:
    deleted = message("Gone", "secret").replace("Subject:", "X-Mozilla-Status: 0009\nSubject:")
    mbox.write_text(deleted + message("Kept", "words"), encoding="utf-8")
    document = read(mbox)
    assert [member.name for member in document.members] == ["0001 Kept.eml"]
    assert any("1 message was left out" in note for note in document.notes)


def test_mailbox_of_thunderbird_is_known_without_a_suffix(tmp_path: Path) -> None:
    path = tmp_path / "Sent"
    path.write_text(f"From - {DATE}\nSubject: One\nFrom: a@example.org\n\nwords\n", encoding="utf-8")
    assert len(read(path).members) == 1


def test_size_of_the_mailbox_is_not_limited(mbox: Path) -> None:
    mbox.write_text(message("One", "words") * 50, encoding="utf-8")
    limits = ReadLimits(max_bytes=1000)
    document = read(mbox, limits)
    assert len(document.members) == 50
    assert "words" in inside(mbox, document.members[49], limits=limits).text


def test_message_over_the_limit_is_too_large(mbox: Path) -> None:
    mbox.write_text(message("One", "words " * 1000), encoding="utf-8")
    (member,) = read(mbox).members
    with pytest.raises(DocumentTooLarge):
        inside(mbox, member, limits=ReadLimits(max_bytes=1000))


def test_mailbox_without_a_message_is_corrupt(mbox: Path) -> None:
    mbox.write_bytes(b"Fro")
    with pytest.raises(DocumentCorrupt, match="no message"):
        read(mbox)


def test_message_that_moved_is_a_changed_document(mbox: Path) -> None:
    mbox.write_text(message("One", "words"), encoding="utf-8")
    (member,) = read(mbox).members
    mbox.write_text(message("Before", "other") + message("One", "words"), encoding="utf-8")
    with pytest.raises(DocumentChanged):
        bytes_inside(mbox, member)


def test_copy_is_private_bears_the_suffix_and_is_gone_afterwards(mbox: Path) -> None:
    mbox.write_text(message("One", "words"), encoding="utf-8")
    (member,) = read(mbox).members
    with opened(FileRef(mbox, member.locator), ReadLimits()) as copy:
        assert copy.suffix == ".eml"
        if os.name == "posix":
            assert copy.stat().st_mode & 0o777 == 0o600
            assert copy.parent.stat().st_mode & 0o777 == 0o700
        assert copy.exists()
    assert not copy.parent.exists()


def test_file_itself_is_opened_in_place(mbox: Path) -> None:
    with opened(FileRef(mbox), ReadLimits()) as path:
        assert path == mbox


@pytest.mark.parametrize("locator", ["mbox", "mbox1-", "nobody12~0123456789abcdef.eml", "mbox..-1", "a b"])
def test_locator_that_leads_nowhere_is_a_changed_document(mbox: Path, locator: str) -> None:
    mbox.write_text(message("One", "words"), encoding="utf-8")
    with pytest.raises(DocumentChanged), opened(FileRef(mbox, locator), ReadLimits()):
        pass


def test_vanished_mailbox_is_a_changed_document(mbox: Path) -> None:
    mbox.write_text(message("One", "words"), encoding="utf-8")
    (member,) = read(mbox).members
    mbox.unlink()
    with pytest.raises(DocumentChanged):
        bytes_inside(mbox, member)


def test_document_too_deep_in_others_is_unsupported(mbox: Path) -> None:
    locator = "/".join(["mime0-1-n"] * 6)
    with (
        pytest.raises(DocumentUnsupported, match="more than 5"),
        opened(FileRef(mbox, locator), ReadLimits()),
    ):
        pass
