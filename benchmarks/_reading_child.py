"""Reads files with one of several tools, each file in a process of its own; runs under any interpreter.

    python _reading_child.py TOOL [--recognise]

Takes `{"path": ..., "limit_s": ...}` a line on standard input and answers a line each: `state` (`text`, `no text`,
`error`, `timed out`, `crashed`; Reading Room's own states besides), `reason`, `pages` ([number or null, text]),
`members` (the same for documents inside), CPU seconds and peak memory. The tool is imported once, then the process
forks for each file, so importing is not counted; the file is read twice where the first reading was quick, and the
second is what `cpu_s` counts, so that nothing loaded on first use is counted either. Linux and macOS only.
"""

import contextlib
import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

_AGAIN_WITHIN_S = 5.0
_MEMBERS_DEEP = 4
_DPI = 200.0
_SLIDE = re.compile(r"<!-- Slide number: (\d+) -->")
_SHEET = re.compile(r"^## (?=\S)", re.MULTILINE)


class PyMuPDF:
    def __init__(self, _recognise):
        import pymupdf

        pymupdf.TOOLS.mupdf_display_errors(False)
        self._open = pymupdf.open

    def prepare(self):
        pass

    def read(self, path):
        with self._open(path) as document:
            return {"pages": [[page.number + 1, page.get_text()] for page in document]}


class Pdftotext:
    def __init__(self, _recognise):
        pass

    def prepare(self):
        pass

    def read(self, path):
        done = subprocess.run(["pdftotext", path, "-"], check=False, capture_output=True)
        if done.returncode:
            raise ValueError(done.stderr.decode("utf-8", "replace").strip())
        texts = done.stdout.decode("utf-8", "replace").split("\f")
        return {"pages": [[number, text] for number, text in enumerate(texts[:-1] or texts, 1)]}


class Markitdown:
    """Its slides are told apart by its comments, its sheets by its headings, its PDF pages by form feeds if any."""

    def __init__(self, _recognise):
        import markitdown

        self._make = markitdown.MarkItDown
        self._converter = None

    def prepare(self):
        self._converter = self._make()

    def read(self, path):
        text = self._converter.convert(path).text_content
        if _SLIDE.search(text):
            parts = _SLIDE.split(text)
            return {"pages": [[int(parts[at]), parts[at + 1]] for at in range(1, len(parts), 2)]}
        if path.endswith((".xlsx", ".xls")):
            return {"pages": [[number, part] for number, part in enumerate(_SHEET.split(text)[1:], 1)]}
        if "\f" in text:
            return {"pages": [[number, part] for number, part in enumerate(text.split("\f"), 1)]}
        return {"pages": [[None, text]]}


class Kreuzberg:
    """What stands on which page is in up to three places: pages, their tables, and bounds within the whole text."""

    def __init__(self, recognise):
        import kreuzberg

        self._kreuzberg = kreuzberg
        self._config = kreuzberg.ExtractionConfig(
            pages=kreuzberg.PageConfig(extract_pages=True), disable_ocr=not recognise, use_cache=False
        )

    def prepare(self):
        pass

    def read(self, path):
        result = self._kreuzberg.extract_file_sync(path, config=self._config)
        pages = [[None, result.content]]
        for page in result.pages or []:
            pages.append([page["page_number"], page["content"]])
            for table in page["tables"]:
                rows = (" ".join(row) for row in table.cells)
                pages.append([page["page_number"], "\n".join(rows)])
        content = result.content.encode()
        for bound in (result.metadata.get("pages") or {}).get("boundaries") or []:
            part = content[bound["byte_start"] : bound["byte_end"]]
            pages.append([bound["page_number"], part.decode("utf-8", "replace")])
        return {"pages": pages}


class ReadingRoom:
    def __init__(self, recognise):
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
        from readingroom.core import errors, extraction
        from readingroom.documents import registry

        self._failure = errors.ReadFailure
        self._states = {
            errors.DocumentEncrypted: "encrypted",
            errors.DocumentUnsupported: "unsupported",
            errors.DocumentCorrupt: "corrupt",
        }
        self._limits = extraction.ReadLimits()
        self._file_ref = extraction.FileRef
        self._read_document = registry.read_document
        self._recognise = recognise
        self._engine = None

    def prepare(self):
        pass

    def read(self, path):
        return self._read(Path(path), Path(path), "", 0)

    def _read(self, path, root, locator, depth):
        try:
            document = self._read_document(path, self._limits, lambda _done, _total: None)
        except self._failure as error:
            return self._failed(error)
        inside = document.members if depth < _MEMBERS_DEEP else ()
        pictured = [page.number for page in document.pages if page.pictured] if self._recognise else []
        recognised, spent_s = self._recognised(path, pictured)
        return {
            "reason": " ".join(document.notes),
            "pages": [[page.number, page.text + recognised.get(page.number, "")] for page in document.pages],
            "members": [self._read_member(member, root, locator, depth + 1) for member in inside],
            "recognised_pages": len(recognised),
            "recognised_cpu_s": spent_s,
        }

    def _recognised(self, path, numbers):
        """The text in the pictures of these pages, and the CPU time it took."""
        if not numbers:
            return {}, 0.0
        from readingroom.documents.rendering import page_image
        from readingroom.recognition.recogniser import Recogniser

        self._engine = self._engine or Recogniser()
        began, texts = cpu_s(), {}
        for number in numbers:
            with contextlib.suppress(self._failure):
                texts[number] = self._engine.recognise(page_image(path, number, _DPI), ()).text
        return texts, cpu_s() - began

    def _read_member(self, member, root, locator, depth):
        from readingroom.documents.members import opened

        inner = f"{locator}/{member.locator}" if locator else member.locator
        try:
            with opened(self._file_ref(root, inner), self._limits) as path:
                answer = self._read(path, root, inner, depth)
        except self._failure as error:
            answer = self._failed(error)
        return {"name": member.name, **answer}

    def _failed(self, error):
        return {"state": self._states.get(type(error), "failed"), "reason": str(error), "pages": []}


TOOLS = {
    "readingroom": ReadingRoom,
    "pymupdf": PyMuPDF,
    "pdftotext": Pdftotext,
    "markitdown": Markitdown,
    "kreuzberg": Kreuzberg,
}


def cpu_s():
    mine, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


def peak_bytes():
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * max(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    )


def read_once(tool, path):
    began = cpu_s()
    try:
        answer = tool.read(path)
    except Exception as error:  # noqa: BLE001  (each is that file's outcome)
        answer = {"state": "error", "reason": f"{type(error).__name__}: {error}"[:500], "pages": []}
    return answer, cpu_s() - began


def read_in_this_process(tool, path):
    began, began_s = cpu_s(), time.monotonic()
    tool.prepare()
    start_cpu_s = cpu_s() - began
    answer, first_cpu_s = read_once(tool, path)
    again = time.monotonic() - began_s < _AGAIN_WITHIN_S
    last_cpu_s = read_once(tool, path)[1] if again else first_cpu_s
    blank = not any(text.strip() for _number, text in answer["pages"])
    return {
        "state": "no text" if blank else "text",
        "members": [],
        **answer,
        "start_cpu_s": start_cpu_s,
        "first_cpu_s": first_cpu_s,
        "cpu_s": last_cpu_s,
        "peak_bytes": peak_bytes(),
    }


def read_apart(tool, path, limit_s):
    """Fork, read there, and end it when its time is over."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            os.setsid()
            os.close(here)
            answer = json.dumps(read_in_this_process(tool, path)).encode()
            with os.fdopen(there, "wb") as out:
                out.write(answer)
            code = 0
        os._exit(code)
    os.close(there)
    deadline, pieces, late = time.monotonic() + limit_s, [], False
    while True:
        ready, _, _ = select.select([here], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            late = True
            break
        if not (piece := os.read(here, 1 << 20)):
            break
        pieces.append(piece)
    os.close(here)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        # What it started ends with it.
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not late and pieces:
        with contextlib.suppress(ValueError):
            return json.loads(b"".join(pieces))
    if late:
        return {"state": "timed out", "reason": f"It took longer than {limit_s:g} s.", "pages": []}
    words = f"It ended with {os.waitstatus_to_exitcode(status)}."
    return {"state": "crashed", "reason": words, "pages": []}


def main():
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print
    tool = TOOLS[sys.argv[1]]("--recognise" in sys.argv)
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(read_apart(tool, request["path"], request["limit_s"])) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
