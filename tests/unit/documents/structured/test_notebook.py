"""Notebooks are read as text, code, and what the code printed."""

import io
import json
from typing import Any

from readingroom.core.extraction import ExtractedDocument, ReadLimits, joined
from readingroom.documents.readers import OpenText
from readingroom.documents.structured.notebook import read_notebook


def read(notebook: Any) -> ExtractedDocument:
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return joined(
        read_notebook(OpenText(io.BytesIO(data), len(data)), ReadLimits(), lambda _done, _total: None)
    )


def code(*outputs: dict[str, Any], source: str = "run()") -> dict[str, Any]:
    return {"cell_type": "code", "source": [source], "outputs": list(outputs)}


def test_cells_are_markdown_and_code_with_headings() -> None:
    document = read(
        {
            "metadata": {"kernelspec": {"language": "python"}},
            "cells": [
                {"cell_type": "markdown", "source": ["# Study\n", "\n", "Some words"]},
                code(source="# no heading\nx = 1"),
                {"cell_type": "markdown", "source": "## Results"},
            ],
        }
    )
    assert document.text == "# Study\n\nSome words\n\n```python\n# no heading\nx = 1\n```\n\n## Results\n"
    assert [(h.level, h.title, document.text[h.start]) for h in document.headings] == [
        (1, "Study", "#"),
        (2, "Results", "#"),
    ]
    assert document.title == "Study"


def test_printed_text_is_kept_and_pictures_and_pages_are_not() -> None:
    text = read(
        {
            "cells": [
                code(
                    {"output_type": "stream", "text": ["\x1b[31mforty\x1b[0m two\n"]},
                    {
                        "output_type": "execute_result",
                        "data": {"text/plain": "a frame", "text/html": "<b>page</b>"},
                    },
                    {
                        "output_type": "display_data",
                        "data": {"text/plain": "<Figure>", "image/png": "iVBORw0KGgo"},
                    },
                    {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["deep"]},
                ),
                {"cell_type": "markdown", "source": "![x](data:image/png;base64,AAAABBBB) after"},
            ]
        }
    ).text
    for kept in ("forty two", "a frame", "ValueError: bad", "after"):
        assert kept in text
    for left in ("\x1b", "page", "Figure", "iVBOR", "deep", "AAAABBBB"):
        assert left not in text


def test_long_output_is_cut() -> None:
    assert len(read({"cells": [code({"output_type": "stream", "text": "x" * 50_000})]}).text) < 11_000


def test_damaged_notebook_is_read_as_plain_text_and_says_so() -> None:
    document = read(b'{"cells": [{"cell_type": "markdown", "source": "some words')
    assert "some words" in document.text
    assert "damaged" in document.notes[0]


def test_cells_of_the_wrong_kind_do_no_harm() -> None:
    assert (
        read({"cells": [None, 7, {"cell_type": "code", "source": {"a": 1}, "outputs": [3]}, {}]}).text == ""
    )
