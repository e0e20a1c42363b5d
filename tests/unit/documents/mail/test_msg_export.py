"""A message inside an Outlook message is written as one that travels, and read as such."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from helpers.reading import bytes_inside, inside, read
from readingroom.documents.mail.msg_export import exported
from readingroom.documents.mail.outlook import Store

SUBJECT, SENDER, BODY, DATA, NAME = 0x0037, 0x0C1A, 0x1000, 0x3701, 0x3707


@dataclass
class Stored:
    """Stands in for a storage of the file."""

    texts: dict[int, str] = field(default_factory=dict)
    blobs: dict[int, bytes] = field(default_factory=dict)
    page: str = ""
    attached: list["Stored"] = field(default_factory=list)
    message: "Stored | None" = None

    def text(self, tag: int) -> str:
        return self.texts.get(tag, "")

    def data(self, tag: int) -> bytes:
        return self.blobs.get(tag, b"")

    def time(self, tag: int) -> str:
        return "2024-05-03 14:00 UTC" if tag == 0x0039 else ""

    def attachments(self) -> Iterator[tuple[str, "Stored"]]:
        return ((str(number), stored) for number, stored in enumerate(self.attached))

    def embedded(self) -> "Stored | None":
        return self.message


def export(message: Stored) -> bytes:
    return exported(cast("Store", message), lambda store: cast("Stored", store).page)


def written(path: Path, message: Stored) -> Path:
    path.write_bytes(export(message))
    return path


def test_fields_in_any_script_and_both_bodies(tmp_path: Path) -> None:
    texts = {SUBJECT: "Grüße\r\nX-Forged: yes", SENDER: "Ünal 日本", BODY: "plain words"}
    document = read(written(tmp_path / "a.eml", Stored(texts, page="<p>plain words and <b>more</b>")))
    assert document.title == "Grüße X-Forged: yes"
    assert document.text == (
        "From: Ünal 日本\nDate: 2024-05-03 14:00 UTC\nSubject: Grüße X-Forged: yes\n\nplain words and more\n"
    )


def test_attachments_and_messages_further_in_are_kept(tmp_path: Path) -> None:
    table = Stored({NAME: "Tabelle ä.csv"}, {DATA: b"a;b\r\n--=_mixed_0\r\n"})
    innermost = Stored({SUBJECT: "Deep", BODY: "deep words"}, attached=[table])
    path = written(
        tmp_path / "a.eml",
        Stored({SUBJECT: "Top", BODY: "top"}, attached=[Stored(message=innermost), table]),
    )
    deep, copy = read(path).members
    assert (deep.name, copy.name) == ("Deep.eml", "Tabelle ä.csv")
    assert bytes_inside(path, copy) == table.data(DATA)
    assert "deep words" in inside(path, deep).text
    assert bytes_inside(path, deep, *inside(path, deep).members) == table.data(DATA)


def test_nesting_has_an_end() -> None:
    message = Stored({SUBJECT: "Endless", BODY: "words"})
    message.attached.append(Stored(message=message))
    assert len(export(message)) < 100_000
