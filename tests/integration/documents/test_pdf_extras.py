"""What a PDF file holds beside its pages' text: comments, forms, attachments, passwords, parts of a long file."""

import hashlib
from pathlib import Path

import pytest

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentEncrypted, DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, ReadLimits, joined
from readingroom.documents import pdf as reader
from readingroom.documents.mupdf import pymupdf
from readingroom.documents.pdf import read_pdf
from readingroom.documents.pdf_attachments import embedded_file

DATA = Path(__file__).parents[2] / "data" / "documents"


def read(path: Path, *passwords: str, limits: ReadLimits | None = None) -> ExtractedDocument:
    return joined(read_pdf(path, limits or ReadLimits(), lambda _done, _total: None, passwords))


def test_comments_follow_the_page_with_their_authors(tmp_path: Path) -> None:
    path = tmp_path / "comments.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_text((40, 40), "The number is 12.")
        page.add_text_annot((300, 40), "Is it?\nI doubt it.").set_info(title="Ada")
        page.add_highlight_annot((40, 25, 140, 45)).set_info(content="Nice")
        page.add_freetext_annot((40, 200, 200, 240), "A box of text")
        hidden = page.add_text_annot((300, 90), "Nobody sees this")
        hidden.set_flags(pymupdf.PDF_ANNOT_IS_HIDDEN)
        pdf.save(path)
    text = read(path).text
    assert text.endswith("\n\nComment by Ada: Is it?\nI doubt it.\n\nComment: Nice\n")
    assert text.count("A box of text") == 1, "what is drawn already is not told again"
    assert "Nobody" not in text


def test_values_of_a_form_are_read_once(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        for row, (name, kind, value) in enumerate(
            [
                ("Town", pymupdf.PDF_WIDGET_TYPE_TEXT, "Utrecht"),
                ("Agreed", pymupdf.PDF_WIDGET_TYPE_CHECKBOX, True),
                ("Refused", pymupdf.PDF_WIDGET_TYPE_CHECKBOX, False),
            ]
        ):
            field = pymupdf.Widget()
            field.field_name, field.field_type = name, kind
            field.rect = pymupdf.Rect(40, 100 + row * 40, 200, 120 + row * 40)
            field.field_value = value
            page.add_widget(field)
        pdf.save(path)
    text = read(path).text
    assert text.count("Utrecht") == 1
    assert "Agreed: ticked" in text
    assert "Refused" not in text


def test_attachments_are_documents_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "attached.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_text((40, 40), "See the files.")
        pdf.embfile_add("one", b"a,b\n1,2\n", filename="../../etc/figures.csv")
        pdf.embfile_add("two", b"other", filename="figures.csv")
        page.add_file_annot((300, 40), b"pinned to the page", "note.txt")
        pdf.save(path)
    document = read(path)
    assert document.notes == ("3 attachments: figures.csv, figures (2).csv, note.txt.",)
    contents = [embedded_file(path, member.locator, ReadLimits()) for member in document.members]
    assert contents == [b"a,b\n1,2\n", b"other", b"pinned to the page"]
    for member, data in zip(document.members, contents, strict=True):
        assert member.size_bytes == len(data)
        assert member.content_hash == hashlib.blake2b(data, digest_size=32).hexdigest()
        assert member.locator.startswith("embed")


def test_attachment_that_would_fill_memory_is_named_and_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pdf"
    with pymupdf.open() as pdf:
        pdf.new_page()
        pdf.embfile_add("bomb", bytes(5_000_000), filename="bomb.bin")
        pdf.save(path, deflate=True)
    document = read(path, limits=ReadLimits(max_bytes=1_000_000))
    assert document.members == ()
    assert document.notes[0] == "1 attachment: bomb.bin."
    assert "could not be read" in document.notes[1]
    with pymupdf.open(path) as pdf:
        number = next(
            n for n in range(1, pdf.xref_length()) if pdf.xref_get_key(n, "Type")[1] == "/EmbeddedFile"
        )
    with pytest.raises(DocumentTooLarge):
        embedded_file(path, f"embed{number}", ReadLimits(max_bytes=1_000_000))


@pytest.mark.parametrize("locator", ["embed0", "embed99999", "embed", "0001", "embed1"])
def test_attachment_that_is_gone_is_a_changed_document(locator: str) -> None:
    with pytest.raises(DocumentChanged):
        embedded_file(DATA / "rotated-page-90.pdf", locator, ReadLimits())


def test_file_opens_with_the_one_password_that_fits() -> None:
    assert read(DATA / "password.pdf", "no", "password").text.strip()


def test_missing_and_wrong_passwords_are_told_apart() -> None:
    with pytest.raises(DocumentEncrypted, match=r"needs a password\.$"):
        read(DATA / "password.pdf")
    with pytest.raises(DocumentEncrypted, match="not one of those"):
        read(DATA / "password.pdf", "no", "", "\ud800", "neither")


def test_long_file_comes_in_parts_that_follow_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_FIRST_PART_S", 0.0)
    monkeypatch.setattr(reader, "_PART_S", 0.0)
    path = tmp_path / "long.pdf"
    with pymupdf.open() as pdf:
        for number in range(1, 6):
            pdf.new_page().insert_text((40, 40), f"This is page {number}")
        pdf.save(path)
    parts = list(read_pdf(path, ReadLimits(), lambda _done, _total: None))
    assert [page.number for part in parts for page in part.pages] == [1, 2, 3, 4, 5]
    assert len(parts) > 1
    whole = joined(parts)
    for page in whole.pages:
        assert whole.text[page.start : page.end] == page.text


def test_limits_keep_what_was_read_and_say_so(tmp_path: Path) -> None:
    path = tmp_path / "many.pdf"
    with pymupdf.open() as pdf:
        for number in range(1, 6):
            pdf.new_page().insert_text((40, 40), f"This is page {number}")
        pdf.save(path)
    few = read(path, limits=ReadLimits(max_pages=2))
    assert [page.number for page in few.pages] == [1, 2]
    assert few.notes == ("Only the first 2 of 5 pages were read: that is the limit.",)
    short = read(path, limits=ReadLimits(max_chars=30))
    assert [page.number for page in short.pages] == [1, 2]
    assert "the limit of 30 characters was reached" in short.notes[0]


def _pdf_of(objects: dict[int, str]) -> bytes:
    data = b"%PDF-1.4\n"
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(data)
        data += f"{number} 0 obj\n{body}\nendobj\n".encode()
    xref = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for number in objects:
        data += f"{offsets[number]:010} 00000 n \n".encode()
    return data + f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n".encode()


def _deep_tree(depth: int) -> dict[int, str]:
    objects = {1: "<</Type/Catalog/Pages 2 0 R>>"}
    for number in range(2, depth + 2):
        objects[number] = f"<</Type/Pages/Count 1/Kids[{number + 1} 0 R]/MediaBox[0 0 100 100]>>"
    objects[depth + 2] = "<</Type/Page/MediaBox[0 0 100 100]>>"
    return objects


def outcome(path: Path) -> str:
    try:
        return read(path).text or "no text"
    except DocumentCorrupt as error:
        return str(error)


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param(
            {1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Count 9/Kids[2 0 R]>>"},
            id="tree in itself",
        ),
        pytest.param(
            {
                1: "<</Type/Catalog/Pages 2 0 R>>",
                2: "<</Type/Pages/Count 9/Kids[3 0 R]>>",
                3: "<</Type/Pages/Count 9/Kids[2 0 R]/Parent 2 0 R>>",
            },
            id="tree in a ring",
        ),
        pytest.param(
            {1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Count 0/Kids[]>>"}, id="no pages"
        ),
        pytest.param(
            {1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Count 2000000000/Kids[]>>"},
            id="pages promised",
        ),
        pytest.param({1: "<</Type/Catalog>>"}, id="no tree"),
        pytest.param(_deep_tree(3000), id="tree 3000 deep"),
    ],
)
def test_odd_page_trees_end_in_a_state(tmp_path: Path, objects: dict[int, str]) -> None:
    path = tmp_path / "tree.pdf"
    path.write_bytes(_pdf_of(objects))
    assert outcome(path).startswith(("no text", "The PDF file is damaged"))
