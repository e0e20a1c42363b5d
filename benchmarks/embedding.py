"""CPU time a token: our bulk embedding beside bare ONNX Runtime, on the same texts, interleaved in one run.

    python benchmarks/embedding.py FILE... [--chunks 300] [--rounds 3]

Ours is measured twice: by the child's embedding threads, and from outside over the whole child process
(protocol, waiting and all). Bare is one text at a time on one thread without spinning, tokenizing, pooling
and normalising included.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.embedding.model_files import locate
from readingroom.embedding.splitting import chunker_for
from readingroom.worker.bulk import EmbedWorker

NOWHERE = Path()


class BareRuntime:
    """What one would write with onnxruntime and tokenizers alone."""

    def __init__(self) -> None:
        import onnxruntime  # type: ignore[import-untyped]
        from tokenizers import Tokenizer

        files = locate(NOWHERE, BUNDLED_EMBEDDING_MODEL)
        self._tokenizer = Tokenizer.from_file(str(files.folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=files.max_tokens)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(files.weights), options, ["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}

    def embed(self, text: str) -> tuple[np.ndarray, int]:
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        output = self._session.run(None, {name: feed[name] for name in self._inputs})[0][0]
        pooled = output.mean(axis=0)
        return pooled / np.linalg.norm(pooled), len(encoding.ids)


def chunks_of(files: list[Path], count: int) -> list[str]:
    chunker = chunker_for(NOWHERE, BUNDLED_EMBEDDING_MODEL)
    texts: list[str] = []
    for file in files:
        text = file.read_text("utf-8", "replace")[:2_000_000]
        texts += [c.text for c in chunker.cut(ExtractedDocument("text", (Page(None, 0, text),)))]
    step = max(len(texts) // count, 1)
    return texts[::step][:count]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--chunks", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    texts = chunks_of(arguments.files, arguments.chunks)
    bare = BareRuntime()
    worker = EmbedWorker(Path(tempfile.mkdtemp()))
    worker.embed(BUNDLED_EMBEDDING_MODEL, texts[:4])
    bare.embed(texts[0])
    assert worker.child.pid is not None
    child = psutil.Process(worker.child.pid)
    portion = 50
    seconds = {"bare": 0.0, "threads": 0.0, "child": 0.0, "wall": 0.0}
    bare_tokens = ours_tokens = 0
    worst = 1.0
    for _ in range(arguments.rounds):
        for first in range(0, len(texts), portion):
            part = texts[first : first + portion]
            started = time.process_time()
            rows = [bare.embed(text) for text in part]
            seconds["bare"] += time.process_time() - started
            bare_tokens += sum(count for _, count in rows)
            threads, tokens, times = worker.cpu_seconds, worker.tokens, child.cpu_times()
            wall = time.perf_counter()
            ours = worker.embed(BUNDLED_EMBEDDING_MODEL, part)
            seconds["wall"] += time.perf_counter() - wall
            now = child.cpu_times()
            seconds["child"] += now.user + now.system - times.user - times.system
            seconds["threads"] += worker.cpu_seconds - threads
            ours_tokens += worker.tokens - tokens
            worst = min(worst, *(float(a @ b) for (a, _), b in zip(rows, ours, strict=True)))
    worker.close()
    assert bare_tokens == ours_tokens
    print(
        f"{len(texts)} texts, {bare_tokens / arguments.rounds / len(texts):.0f} tokens each, {arguments.rounds} rounds"
    )
    per = {name: value / bare_tokens * 1e6 for name, value in seconds.items()}
    print(f"bare ONNX Runtime         {per['bare']:7.1f} us CPU a token")
    print(
        f"ours, embedding threads   {per['threads']:7.1f} us CPU a token, ratio {per['threads'] / per['bare']:.3f}"
    )
    print(
        f"ours, whole child process {per['child']:7.1f} us CPU a token, ratio {per['child'] / per['bare']:.3f}"
    )
    print(f"ours, wall                {per['wall']:7.1f} us a token")
    print(f"smallest cosine between the two: {worst:.5f}")


if __name__ == "__main__":
    main()
