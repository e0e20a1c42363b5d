"""Outlook's messages say the same as those that travel."""

import contextlib
import gzip
from pathlib import Path

import pytest

from helpers.reading import DATA, bytes_inside, inside, read, read_named
from readingroom.core.errors import DocumentCorrupt, DocumentEncrypted
from readingroom.documents.mail.rtf_body import html_in, unpacked


@pytest.fixture
def with_message(tmp_path: Path) -> Path:
    """A message with a message and a PDF file attached."""
    path = tmp_path / "outer.msg"
    path.write_bytes(gzip.decompress((DATA / "testMSG_att_msg.msg.gz").read_bytes()))
    return path


def test_headers_text_and_attachments(with_message: Path) -> None:
    document = read(with_message)
    assert (document.format, document.title) == ("msg", "test email")
    assert document.text.startswith("From: Nick Booth")
    assert "Test email with 1 msg attachment, 1 pdf" in document.text
    assert [member.name for member in document.members] == [
        "Test Attachment.eml",
        "smbprn.00009008.KdcPjl.pdf",
    ]
    assert bytes_inside(with_message, document.members[1]).startswith(b"%PDF-1.4")


def test_message_inside_is_read_as_one_that_travels(with_message: Path) -> None:
    inner = inside(with_message, read(with_message).members[0])
    assert (inner.format, inner.title) == ("eml", "Test Attachment")
    assert "From: Nick Booth\n" in inner.text
    assert "Date: 2010-06-17 23:52 UTC" in inner.text
    assert inner.text.count("Blah blah blah") == 1


def test_message_inside_has_the_same_bytes_each_time(with_message: Path) -> None:
    assert read(with_message).members == read(with_message).members


def test_appointment_says_when_and_where() -> None:
    text = read_named("testMSG_Appointment.msg").text
    assert "Start: 2017-02-28 18:30 UTC\nEnd: 2017-02-28 19:00 UTC\nLocation: under lazy dog" in text
    assert "This is a meeting to discuss jumping" in text


def test_encrypted_message_is_reported_as_such() -> None:
    with pytest.raises(DocumentEncrypted):
        read_named("fake-encrypted.msg")


def test_message_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "invitation"
    path.write_bytes((DATA / "testMSG_Appointment.msg").read_bytes())
    assert read(path).title == "Quick brown fox"


def test_cut_off_message_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "cut.msg"
    path.write_bytes((DATA / "testMSG_Appointment.msg").read_bytes()[:2000])
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read(path)


def test_compressed_rich_text_is_unpacked() -> None:
    """The example of MS-OXRTFCP 4.1.1, and its second, in which a reference runs into itself."""
    simple = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpacked(simple) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert unpacked(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


@pytest.mark.parametrize("data", [b"", b"short", bytes(16), b"\0" * 8 + b"LZFu\0\0\0\0"])
def test_broken_compressed_text_has_an_end(data: bytes) -> None:
    with contextlib.suppress(DocumentCorrupt):
        assert unpacked(data) == b""


def test_page_wrapped_in_rich_text_is_taken_out() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}"
        rb"{\*\htmltag19 <html>}{\*\htmltag64 <p>}\htmlrtf {\b \htmlrtf0 Gr\'fc\'dfe \u1040? "
        rb"{\*\htmltag84 &amp;}\htmlrtf &\htmlrtf0  more\htmlrtf }\par\htmlrtf0 {\*\htmltag72 </p>}}"
    )
    assert html_in(rtf) == "<html><p>Grüße А &amp; more</p>"


def test_rich_text_that_was_no_page_holds_none() -> None:
    assert html_in(rb"{\rtf1\ansi words}") == ""
