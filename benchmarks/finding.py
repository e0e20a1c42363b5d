"""Everything that is said of finding, in one run: judged collections, spans, pages, speed; then the plots.

    make bench            the same as    python benchmarks/finding.py [DATA] [--keep DIR] [--quick]

DATA holds retrieval/, spanqa/chunking_eval/ and pageqa/financebench/ (../shared/data unless named, or READINGROOM_DATA).
Prints what each benchmark prints, and at the end a report in Markdown with date, versions and processor: the tables of
RESULTS.md. Embeddings are kept in DIR (build/bench) for the next run. `--quick` asks 50 questions of each.
"""

import argparse
import datetime as dt
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_TABLE = re.compile(r"(?:^\|[^\n]*\n)+", re.MULTILINE)
_PARTS = ("qdrant-edge-py", "onnxruntime", "fastembed", "pymupdf")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = os.environ.get("READINGROOM_DATA", str(_HERE.parent.parent / "shared" / "data"))
    parser.add_argument("data", nargs="?", type=Path, default=Path(shared))
    parser.add_argument("--keep", type=Path, default=_HERE.parent / "build" / "bench")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    data, keep = arguments.data.resolve(), arguments.keep.resolve()
    limit = ("--limit", "50") if arguments.quick else ()
    runs = {
        "Judged collections, nDCG@10": (
            "retrieval",
            data / "retrieval",
            "--keep",
            keep / "retrieval",
            *limit,
        ),
        "Spans": ("passages", data / "spanqa" / "chunking_eval", "--keep", keep / "spans", *limit),
        "Pages": ("passages", data / "pageqa" / "financebench", "--keep", keep / "pages", *limit),
    }
    report = [_head()]
    failed = 0
    for title, (name, *options) in runs.items():
        print(f"\n# {title}", flush=True)
        status, printed = _run(name, [str(option) for option in options])
        failed += bool(status)
        report.append(f"### {title}\n\n" + ("\n".join(_TABLE.findall(printed)) or "It failed; see above.\n"))
    print("\n\n".join(["", *report]))
    subprocess.run([sys.executable, str(_HERE / "plots.py")], check=True)
    return int(bool(failed))


def _run(name: str, options: list[str]) -> tuple[int, str]:
    printed = []
    with subprocess.Popen(
        [sys.executable, str(_HERE / f"{name}.py"), *options], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            printed.append(line)
            print(line, end="", flush=True)
    return running.returncode, "".join(printed)


def _head() -> str:
    versions = ", ".join(f"{part} {version(part)}" for part in _PARTS)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return f"## Finding ({today})\n\n{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}."


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


if __name__ == "__main__":
    sys.exit(main())
