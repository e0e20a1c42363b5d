"""Sets a collection with judged spans into PDF files, so that each span has a page.

    python benchmarks/typeset.py FOLDER INTO

FOLDER as for passages.py, its questions with spans. INTO gets documents/*.pdf, on A4 and Letter in turn, with a running
head and a page number, and questions.jsonl, where a reference is {page, text}: what of a span was put on a page, so that
one over a border is two. The pages are read back and must hold the text in order, sign by sign; nothing of it is taken
from the program that is to be measured.
"""

import argparse
import html
import io
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pymupdf

_PAPERS = ("a4", "letter")
_MARGIN = 72
_CSS = "body {font-family: serif; font-size: 10.5pt;} p {margin: 0 0 6pt 0;}"


@dataclass(frozen=True, slots=True)
class Typeset:
    """A text on pages."""

    text: str
    signs: tuple[int, ...]
    """Of the text, where each sign stands that is no white space."""
    ends: tuple[int, ...]
    """How many of these are on each page and those before it."""

    def parts(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """What of [start, end) is on which page, 1-based."""
        first, last = (bisect_right(self.signs, offset - 1) for offset in (start, end))
        for page, (before, until) in enumerate(pairwise((0, *self.ends)), start=1):
            low, high = max(first, before), min(last, until)
            if low < high:
                yield page, self.text[self.signs[low] : self.signs[high - 1] + 1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("into", type=Path)
    arguments = parser.parse_args()
    documents = arguments.into / "documents"
    documents.mkdir(parents=True)
    files = sorted((arguments.folder / "documents").iterdir())
    made = {
        path.name: typeset(path, documents / f"{path.stem}.pdf", _PAPERS[turn % len(_PAPERS)])
        for turn, path in enumerate(files)
    }
    with (arguments.folder / "questions.jsonl").open(encoding="utf-8") as lines:
        questions = [_on_pages(json.loads(line), made) for line in lines]
    (arguments.into / "questions.jsonl").write_text(
        "".join(f"{json.dumps(question, ensure_ascii=False)}\n" for question in questions), encoding="utf-8"
    )
    spans = [question["references"] for question in questions]
    print(json.dumps({
        "pages": sum(len(one.ends) for one in made.values()),
        "questions": len(questions),
        "parts of spans": sum(map(len, spans)),
        "questions with text on several pages": sum(len({p["page"] for p in parts}) > 1 for parts in spans),
    }))  # fmt: skip


def typeset(source: Path, target: Path, paper: str) -> Typeset:
    """Write the PDF of a text, a paragraph a line of it."""
    text = source.read_bytes().decode("utf-8")
    body = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line.strip())
    story, written = pymupdf.Story(body, user_css=_CSS), io.BytesIO()
    sheet = pymupdf.paper_rect(paper)
    room = pymupdf.Rect(_MARGIN, _MARGIN, sheet.width - _MARGIN, sheet.height - _MARGIN)
    writer, more = pymupdf.DocumentWriter(written), 1
    while more:
        device = writer.begin_page(sheet)
        more, _ = story.place(room)
        story.draw(device)
        writer.end_page()
    writer.close()
    with pymupdf.open("pdf", written.getvalue()) as document:
        pages = ["".join(page.get_text("text", flags=0).split()) for page in document]
        signs = tuple(place for place, sign in enumerate(text) if not sign.isspace())
        if "".join(pages) != "".join(text[place] for place in signs):
            raise ValueError(f"{target.name} does not hold the text of {source.name}")
        for number, page in enumerate(document, start=1):
            page.insert_text((_MARGIN, 45), source.stem.replace("_", " ").capitalize(), fontsize=8)
            page.insert_text((sheet.width / 2 - 5, sheet.height - 40), str(number), fontsize=8)
        document.save(target, garbage=3, deflate=True)
    return Typeset(text, signs, tuple(accumulate(map(len, pages))))


def _on_pages(question: dict[str, Any], made: dict[str, Typeset]) -> dict[str, Any]:
    document = made[question["document"]]
    parts = [
        {"page": page, "text": text}
        for reference in question["references"]
        for page, text in document.parts(reference["start"], reference["end"])
    ]
    return {**question, "document": f"{Path(question['document']).stem}.pdf", "references": parts}


if __name__ == "__main__":
    main()
