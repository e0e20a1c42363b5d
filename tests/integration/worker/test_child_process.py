"""What becomes of a request when its child dies, hangs, grows or is no longer wanted."""

import gc
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

import readingroom
from helpers.children import freeze, is_gone, is_reaped, kill, wait_until
from helpers.documents import unpaged
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL as MODEL
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import (
    Cancelled,
    EmbeddingModelUnavailable,
    WorkerCrashed,
    WorkerOutOfMemory,
    WorkerTimedOut,
)
from readingroom.worker.bulk import EmbedWorker
from readingroom.worker.process import Bounds, ChildProcess, unserved_s
from readingroom.worker.protocol import Frame
from readingroom.worker.querying import QueryWorker
from readingroom.worker.reading import ReadWorker, cut_request

SHORT = unpaged("A few words to be cut.")
LONG = unpaged("The library keeps its maps in a dry room. " * 100_000)
"""Takes some seconds to cut."""


def cut(child: ChildProcess, *, bounds: Bounds | None = None) -> list[Frame]:
    return list(child.stream(cut_request(SHORT, MODEL), bounds=bounds or Bounds()))


@pytest.fixture
def child(reader: ReadWorker) -> ChildProcess:
    """One that has answered already."""
    reader.cut(SHORT, embedding_model=MODEL)
    return reader.child


def pid_of(child: ChildProcess) -> int:
    assert child.pid is not None
    return child.pid


def test_nothing_is_started_before_it_is_needed(reader: ReadWorker) -> None:
    assert reader.child.pid is None
    reader.close()


def test_a_child_that_dies_at_work_is_said_to_have_crashed_and_replaced(reader: ReadWorker) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(reader.cut, LONG, embedding_model=MODEL)
        wait_until(lambda: reader.child.pid is not None)
        pid = pid_of(reader.child)
        kill(pid)
        with pytest.raises(WorkerCrashed, match="SIGKILL"):
            answer.result(20)
    assert is_reaped(pid)
    assert len(reader.cut(SHORT, embedding_model=MODEL)) == 1
    assert pid_of(reader.child) != pid


def test_a_child_that_dies_idle_is_replaced_without_notice(child: ChildProcess) -> None:
    pid = pid_of(child)
    kill(pid)
    wait_until(lambda: is_reaped(pid))
    wait_until(lambda: child.pid is None)
    assert cut(child)
    assert pid_of(child) != pid


def test_a_child_that_hangs_is_ended(child: ChildProcess) -> None:
    pid = pid_of(child)
    freeze(pid)
    with pytest.raises(WorkerTimedOut, match="Nothing moved"):
        cut(child, bounds=Bounds(stall_s=0.3))
    assert is_reaped(pid)
    assert cut(child)


def test_time_in_which_the_system_had_no_processor_for_it_does_not_count(
    child: ChildProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to four times the bound: the file is not at fault, but the next one waits."""
    freeze(pid_of(child))
    monkeypatch.setattr("readingroom.worker.process.unserved_s", lambda _pid: time.monotonic())
    began = time.monotonic()
    with pytest.raises(WorkerTimedOut, match=r"Nothing moved for 0\.3 seconds"):
        cut(child, bounds=Bounds(stall_s=0.3))
    assert time.monotonic() - began > 3.9 * 0.3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_the_system_tells_how_long_a_process_waited_for_a_processor() -> None:
    """Two busy ones on one processor get half of it each."""
    busy = "import os, time\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass"
    pair = [subprocess.Popen([sys.executable, "-c", busy]) for _ in range(2)]
    try:
        wait_until(lambda: all(unserved_s(one.pid) > 0.2 for one in pair))
    finally:
        for one in pair:
            one.kill()
            one.wait()
    assert unserved_s(pair[0].pid) == 0.0


def test_a_child_that_does_not_even_read_holds_up_nobody(reader: ReadWorker) -> None:
    """Four megabytes do not fit a pipe."""
    reader.cut(SHORT, embedding_model=MODEL)
    freeze(pid_of(reader.child))
    with pytest.raises(WorkerTimedOut, match="Nothing moved"):
        list(reader.child.stream(cut_request(LONG, MODEL), bounds=Bounds(stall_s=0.3)))


def test_signs_of_life_do_not_prolong_the_time_for_the_whole(embedder: EmbedWorker) -> None:
    embedder.embed(MODEL, ["warm"])
    request = [Frame({"call": "embed", "model": MODEL, "texts": ["some words " * 100] * 100})]
    with pytest.raises(WorkerTimedOut, match=r"longer than 0\.5 seconds"):
        embedder.child.call(request, bounds=Bounds(timeout_s=0.5, stall_s=5))


def test_a_child_that_grows_too_large_is_ended(tmp_path: Path) -> None:
    worker = ReadWorker(tmp_path, memory_limit_bytes=20 * 1024 * 1024)
    try:
        with pytest.raises(WorkerOutOfMemory, match="20 MB"):
            worker.cut(LONG, embedding_model=MODEL)
        assert worker.child.pid is None
    finally:
        worker.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the hard limit is Linux's")
def test_a_sudden_huge_allocation_fails_inside_the_child() -> None:
    """Faster than anyone looks at its size from outside."""
    program = (
        "from readingroom.worker.serving import settle\n"
        "settle(low_priority=False, memory_limit_bytes=1 << 28)\n"
        "try:\n    bytearray(4 << 30)\nexcept MemoryError:\n    print('refused')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(readingroom.__file__).parents[1])}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert said.stdout.strip() == b"refused"


def test_cancelling_ends_the_work_at_once(reader: ReadWorker) -> None:
    token = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(reader.cut, LONG, embedding_model=MODEL, cancel=token)
        wait_until(lambda: reader.child.pid is not None)
        token.cancel()
        with pytest.raises(Cancelled):
            answer.result(2)
    assert reader.child.pid is None
    with pytest.raises(Cancelled):
        reader.cut(SHORT, embedding_model=MODEL, cancel=token)


def test_closing_ends_a_request_under_way(reader: ReadWorker) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(reader.cut, LONG, embedding_model=MODEL)
        wait_until(lambda: reader.child.pid is not None)
        pid = pid_of(reader.child)
        reader.close()
        with pytest.raises(Cancelled):
            answer.result(5)
    assert is_reaped(pid)
    with pytest.raises(Cancelled):
        reader.cut(SHORT, embedding_model=MODEL)


def test_closing_twice_leaves_no_process_thread_or_open_pipe(tmp_path: Path) -> None:
    before = threading.active_count()
    worker = ReadWorker(tmp_path)
    worker.cut(SHORT, embedding_model=MODEL)
    pid = pid_of(worker.child)
    worker.close()
    worker.close()
    assert is_reaped(pid)
    assert threading.active_count() == before
    del worker
    gc.collect()  # a pipe left open would warn, and a warning fails the test


def test_leaving_an_answer_midway_ends_the_child(child: ChildProcess) -> None:
    pid = pid_of(child)
    answer = child.stream(cut_request(LONG, MODEL))
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert is_reaped(pid)
    assert cut(child)


def test_callers_on_several_threads_take_turns(querier: QueryWorker) -> None:
    questions = [f"question {i}" for i in range(12)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda question: querier.embed_query(MODEL, question), questions))
    for question, embedding in zip(questions, together, strict=True):
        assert embedding @ querier.embed_query(MODEL, question) > 0.999


def test_a_child_outlives_the_thread_that_first_needed_it(child: ChildProcess, reader: ReadWorker) -> None:
    kill(pid_of(child))
    wait_until(lambda: child.pid is None)
    thread = threading.Thread(target=cut, args=(child,))
    thread.start()
    thread.join()
    pid = pid_of(child)
    cut(child)
    assert pid_of(child) == pid


def test_what_the_child_reports_reaches_the_caller_and_costs_no_restart(querier: QueryWorker) -> None:
    querier.embed_query(MODEL, "warm")
    pid = querier.child.pid
    with pytest.raises(EmbeddingModelUnavailable, match="not on this computer") as caught:
        querier.embed_query("BAAI/bge-small-en-v1.5", "a question")
    assert "Settings" in caught.value.hint
    with pytest.raises(WorkerCrashed, match="KeyError"):
        querier.child.call([Frame({"call": "nothing of the kind"})])
    assert querier.child.pid == pid


def test_background_children_give_way_and_none_goes_online(reader: ReadWorker, querier: QueryWorker) -> None:
    reader.cut(SHORT, embedding_model=MODEL)
    querier.warm(MODEL)
    background, question = psutil.Process(pid_of(reader.child)), psutil.Process(pid_of(querier.child))
    assert background.nice() > question.nice()
    for process in (background, question):
        assert process.environ()["HF_HUB_OFFLINE"] == "1"
        assert process.net_connections() == []


PARENT = """
import sys, time
from pathlib import Path
from readingroom.worker.querying import QueryWorker
worker = QueryWorker(Path(sys.argv[1]))
worker.warm("all-MiniLM-L6-v2")
print(worker.child.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("frozen", [False, True], ids=["idle", "frozen"])
def test_a_child_dies_with_its_parent(tmp_path: Path, *, frozen: bool) -> None:
    """Killed outright, the parent has no chance to say goodbye; a frozen child cannot listen."""
    if frozen and sys.platform != "linux":
        pytest.skip("only Linux ends a child that does not listen")
    environment = {**os.environ, "PYTHONPATH": str(Path(readingroom.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not is_gone(pid)
        if frozen:
            freeze(pid)
        parent.kill()
    wait_until(lambda: is_gone(pid))


NOISY = """
import os, subprocess, sys
from readingroom.worker.protocol import Frame
from readingroom.worker.serving import Channel, serve

def shout(request, send):
    print("a library prints")
    os.write(1, b"and writes past Python")
    subprocess.run([sys.executable, "-c", "print('as does its child')"])
    return Frame({"heard": sys.stdin.read()}, b"\\x00\\xff")

serve(Channel(), {"shout": shout}, lambda: None)
"""


def test_what_libraries_print_does_not_disturb_the_protocol() -> None:
    from readingroom.worker.protocol import read_frame, write_frame

    environment = {**os.environ, "PYTHONPATH": str(Path(readingroom.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", NOISY],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        write_frame(process.stdin, Frame({"call": "shout"}))  # type: ignore[arg-type]
        answer = read_frame(process.stdout)  # type: ignore[arg-type]
        process.stdin.close()
        assert process.wait(10) == 0
    assert answer == Frame({"heard": "", "done": True}, b"\x00\xff")
