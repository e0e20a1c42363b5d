"""Reads a folder of real files and compares what was found with its MANIFEST.tsv, beside other tools if asked.

    python benchmarks/reading.py FOLDER [FORMAT ...] [--rivals] [--recognise]

`--rivals` reads the same files with plain PyMuPDF (`page.get_text()` of whatever it opens), markitdown and
kreuzberg, the last two from environments of their own, made by hand:

    python -m venv m && m/bin/pip install "markitdown[pptx,docx,xlsx,xls,outlook,pdf]"
    python -m venv k && k/bin/pip install kreuzberg
    ... --rivals --markitdown-python m/bin/python --kreuzberg-python k/bin/python

Each tool reads each file in a process of its own, ended after `--limit-s`. What is counted:

found   files of state `ok` whose phrase stands in the text, or in that of a document inside (a mail in a mailbox,
        an attachment); with `--recognise` scanned ones too, read by the recognition engine.
page    of those with a page, slide or sheet: the phrase stands on each page named. Of markitdown, slides count by
        its comments and sheets by its headings; of kreuzberg, its pages, their tables and its page bounds.
state   the file ended as it is to. Ours: the very state that the manifest names (a mailbox has text when its
        messages have); of formats not claimed, and of those that take LibreOffice where there is none,
        `unsupported` is right as well. Theirs, who have no states:
            ok           text
            scanned      no text, an error, or text that holds the phrase
            encrypted    an error; any text was not the document's, and silence hides that a password is needed
            corrupt      an error or no text; any text was made up
            empty        no text
            unsupported  an error; text too, since they may read what we do not (but not of random bytes)
        Never right: a hang, a crash.

Then the cost, on the files that every tool compared has read: pages of PDF a CPU second beside pdftotext (with its
process), for the rest CPU time a file; importing is left out, and the second reading counts (see
`_reading_child.py`). Peak memory is the largest of any process that read one of them, imported libraries included.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from _manifest import Row, manifest_rows
from _reading_judging import NOT_CLAIMED, Tally, judge, total
from _reading_tools import Answer, ToolProcess

_OURS = "Reading Room"

Answers = dict[str, dict[str, Answer]]
"""Tool -> file -> answer."""


def main() -> None:
    arguments = _arguments()
    rows = manifest_rows(arguments.folder, arguments.formats)
    answers: Answers = {}
    for name, tool, interpreter in _tools(arguments):
        only_pdf = tool == "pdftotext"
        recognise = arguments.recognise and tool in {"readingroom", "kreuzberg"}
        with ToolProcess(tool, interpreter, recognise=recognise) as process:
            answers[name] = {
                row.file: process.read(arguments.folder / row.file, limit_s=arguments.limit_s)
                for row in _shown(rows, name)
                if row.format == "pdf" or not only_pdf
            }
    compared = [name for name in answers if name != "pdftotext"]
    table, faults = _judged(rows, answers, compared, recognised=arguments.recognise)
    print(*table, sep="\n")
    for name in compared if arguments.all_misses else compared[:1]:
        print(f"\n{name}: {len(faults[name])} files of which something is wrong", *faults[name], sep="\n")
    print(*_pdf_cost(rows, answers), *_other_cost(rows, answers, compared), sep="\n")
    if arguments.recognise:
        print(*_recognition_cost(answers[_OURS]), sep="\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("formats", nargs="*", metavar="FORMAT")
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--markitdown-python", type=Path)
    parser.add_argument("--kreuzberg-python", type=Path)
    parser.add_argument("--recognise", action="store_true")
    parser.add_argument("--limit-s", type=float, default=120.0, help="for a file (default 120)")
    parser.add_argument("--all-misses", action="store_true", help="list what the rivals got wrong too")
    return parser.parse_args()


def _tools(arguments: argparse.Namespace) -> Iterator[tuple[str, str, Path]]:
    here = Path(sys.executable)
    yield _OURS, "readingroom", here
    if shutil.which("pdftotext"):
        yield "pdftotext", "pdftotext", here
    yield "PyMuPDF", "pymupdf", here
    if arguments.rivals:
        for tool, interpreter in (
            ("markitdown", arguments.markitdown_python),
            ("kreuzberg", arguments.kreuzberg_python),
        ):
            if interpreter is None:
                print(f"{tool} is left out: give its interpreter with --{tool}-python.", file=sys.stderr)
            else:
                yield tool, tool, interpreter


def _shown(rows: Sequence[Row], name: str) -> Iterator[Row]:
    """The rows, telling on a terminal how far it is."""
    for number, row in enumerate(rows, 1):
        if sys.stderr.isatty():
            print(f"\r{name} {number}/{len(rows)} {row.file[:60]:60}", end="", file=sys.stderr)
        yield row
    if sys.stderr.isatty():
        print("\r" + " " * 100 + "\r", end="", file=sys.stderr)


def _judged(
    rows: Sequence[Row], answers: Answers, compared: Sequence[str], *, recognised: bool
) -> tuple[list[str], dict[str, list[str]]]:
    """The table side by side, and for each tool the files of which something is wrong."""
    tallies: dict[str, dict[str, Tally]] = {}
    faults: dict[str, list[str]] = {name: [] for name in compared}
    for row in rows:
        tally = tallies.setdefault(row.format, {name: Tally() for name in compared})
        for name in compared:
            verdict = judge(row, answers[name][row.file], ours=name == _OURS, recognised=recognised)
            tally[name].add(verdict)
            if verdict.fault:
                faults[name].append(f"  {row.file}: {verdict.fault}")
    table = [
        " " * 15 + "".join(f"| {name:25}" for name in compared),
        f"{'format':10}{'files':>5}" + f"| {'found':>7} {'page':>7} {'state':>7}  " * len(compared),
    ]
    claimed_first = sorted(tallies.items(), key=lambda item: (item[0] in NOT_CLAIMED, item[0]))
    table += [_line(format_name, tally, compared) for format_name, tally in claimed_first]
    if len(tallies) > 1:
        table.append(
            _line("all", {name: total(t[name] for t in tallies.values()) for name in compared}, compared)
        )
    return table, faults


def _line(format_name: str, tally: Mapping[str, Tally], compared: Sequence[str]) -> str:
    def share(one: Tally, name: str, of: int) -> str:
        return f"{f'{one.counts[name]}/{of}' if of else '':>7}"

    cells = "".join(
        f"| {share(one, 'found', one.counts['found of'])} {share(one, 'placed', one.counts['placed of'])} "
        f"{share(one, 'right', one.files)}  "
        for one in (tally[name] for name in compared)
    )
    return f"{format_name:10}{tally[compared[0]].files:5}{cells}"


def _pdf_cost(rows: Sequence[Row], answers: Answers) -> Iterator[str]:
    everyone = list(answers)
    files = [
        row.file
        for row in rows
        if (row.format, row.expected) == ("pdf", "ok")
        and all(answers[name][row.file].state == "text" for name in everyone)
        and not answers[_OURS][row.file].recognised_pages
    ]
    if not files:
        return
    pages = sum(len(answers[_OURS][file].pages) for file in files)
    yield f"\nPDF with text, {len(files)} files that all have read, {pages} pages"
    yield f"{'':14}{'CPU s':>8}{'pages a CPU s':>15}{'with loading':>14}{'peak MB':>9}"
    for name in everyone:
        mine = [answers[name][file] for file in files]
        cpu_s, first_s = sum(one.cpu_s for one in mine), sum(one.first_cpu_s for one in mine)
        yield f"{name:14}{cpu_s:8.2f}{pages / cpu_s:15.0f}{pages / first_s:14.0f}{_peak_mb(mine):9.0f}"


def _other_cost(rows: Sequence[Row], answers: Answers, compared: Sequence[str]) -> Iterator[str]:
    """CPU time a file of the other formats; files that Reading Room and markitdown have both read."""
    tools = [name for name in compared if name != "PyMuPDF"]
    by_format: dict[str, list[str]] = {}
    for row in rows:
        states = [answers[name][row.file].state for name in tools if name != "kreuzberg"]
        if row.format != "pdf" and row.expected == "ok" and set(states) == {"text"}:
            by_format.setdefault(row.format, []).append(row.file)
    if not by_format:
        return
    yield "\nOther formats: CPU ms a file (with what is loaded on first use), peak MB; of the files all have read"
    yield f"{'format':10}{'files':>5}" + "".join(f"| {name:26}" for name in tools)
    every = [file for files in by_format.values() for file in files]
    for format_name, files in [*sorted(by_format.items()), ("all", every)]:
        cells = []
        for name in tools:
            mine = [answers[name][file] for file in files if answers[name][file].state == "text"]
            if mine:
                cpu_ms = 1000 * sum(one.cpu_s for one in mine) / len(mine)
                first_ms = 1000 * sum(one.first_cpu_s for one in mine) / len(mine)
                cells.append(f"| {cpu_ms:8.1f} ({first_ms:7.1f}){_peak_mb(mine):5.0f} MB")
            else:
                cells.append(f"| {'':26}")
        yield f"{format_name:10}{len(files):5}" + "".join(cells)
    if "markitdown" in tools:
        start_ms = 1000 * sum(answers["markitdown"][file].start_cpu_s for file in every) / len(every)
        yield f"Not counted: {start_ms:.0f} ms CPU to make a MarkItDown, once in each process."


def _recognition_cost(mine: Mapping[str, Answer]) -> Iterator[str]:
    """Of all pages that were recognised, in documents inside too."""
    files = [answer for answer in mine.values() if any(one.recognised_pages for one in answer.everything())]
    pages = sum(one.recognised_pages for answer in files for one in answer.everything())
    cpu_s = sum(one.recognised_cpu_s for answer in files for one in answer.everything())
    if cpu_s:
        yield (
            f"\nRecognition: {pages} pages of {len(files)} files, {cpu_s:.1f} CPU s with drawing them, "
            f"{pages / cpu_s:.2f} pages a CPU second; peak {_peak_mb(files):.0f} MB"
        )


def _peak_mb(answers: Sequence[Answer]) -> float:
    return float(max(one.peak_bytes for one in answers)) / 1e6


if __name__ == "__main__":
    main()
