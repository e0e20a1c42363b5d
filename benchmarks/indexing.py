"""CPU time a token and peak memory of indexing text end to end, beside others on the same text, one after the other.

    python benchmarks/indexing.py FILE... [--kb 600] [--rounds 2] [--rivals PYTHON] [--node FOLDER]

Each contestant is a process of its own, measured from outside with all its children, from its start to its end:
`ours` (the whole program: reading, cutting, words, embeddings, catalog, index), `bare` (ONNX Runtime on the
passages that ours makes, one at a time on one thread, nothing kept), `fastembed` (its defaults, batches of 256, the same
passages, nothing kept) and, with the interpreter of an environment that has langchain-text-splitters, langchain-qdrant,
fastembed and qdrant-client, `langchain` (recursive splitter, 1,000 characters, overlap 20, fastembed, Qdrant
local on disk). With a folder in which npm installed `@xenova/transformers` 2.17, `@lancedb/lancedb` 0.15, `js-tiktoken` and
`@langchain/textsplitters` 0.1 (an empty package does in place of sharp, which is for pictures): `anythingllm`, the whole of
what AnythingLLM does with a text (`_anythingllm.mjs`; its own chunks of 1,000 characters, up to 512 tokens), and
`transformers.js`, what it embeds with (batches of 25, the same passages as ours, nothing kept). Its runtime refuses the
model's format number, which is lowered in a copy. All use the model that comes
with the program, cut off at 256 tokens but for that one. Tokens are those each embedded, special tokens included and padding
not, and are counted after it ended.
Memory is proportional set size, summed, sampled every 50 ms.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
_SAMPLE_S = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--kb", type=int, default=600, help="of text from each file")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rivals", type=Path, metavar="PYTHON")
    parser.add_argument("--node", type=Path, metavar="FOLDER")
    parser.add_argument("--only", choices=list(CONTESTANTS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        CONTESTANTS[arguments.only](arguments.files[0])
        return
    with tempfile.TemporaryDirectory(prefix="readingroom-indexing-") as scratch:
        folder = Path(scratch) / "documents"
        folder.mkdir()
        for number, file in enumerate(arguments.files):
            text = file.read_text("utf-8", "replace")[: arguments.kb * 1024]
            (folder / f"{number} {file.stem}.md").write_text(text, encoding="utf-8")
        _write_passages(folder, Path(scratch) / "passages.json")
        models = _models_for_node(Path(scratch) / "models") if arguments.node else None
        total: dict[str, list[float]] = {}
        for _ in range(arguments.rounds):
            for name in CONTESTANTS:
                python = arguments.rivals if name == "langchain" else Path(sys.executable)
                if python is None:
                    continue
                given = folder if name in ("ours", "langchain") else Path(scratch) / "passages.json"
                cpu_s, peak, tokens = measured(python, name, given)
                _add(total, name, cpu_s, peak, tokens)
            if models is not None:
                script, passages = HERE / "_transformers_js.mjs", Path(scratch) / "passages.json"
                _add(total, "transformers.js", *_run_in_node(arguments.node, script, passages, models))
                script = HERE / "_anythingllm.mjs"
                _add(total, "anythingllm", *_run_in_node(arguments.node, script, folder, models))
    bare = total["bare"][0] / total["bare"][2]
    for name, (cpu_s, peak, tokens) in total.items():
        row = {
            "contestant": name,
            "cpu_us_per_token": round(cpu_s / tokens * 1e6, 1),
            "to_bare": round(cpu_s / tokens / bare, 3),
            "peak_mb": round(peak / 2**20),
            "tokens": int(tokens / arguments.rounds),
        }
        print(json.dumps(row))


def _add(total: dict[str, list[float]], name: str, cpu_s: float, peak: float, tokens: float) -> None:
    sums = total.setdefault(name, [0.0, 0.0, 0.0])
    total[name] = [sums[0] + cpu_s, max(sums[1], peak), sums[2] + tokens]


def measured(python: Path, name: str, given: Path) -> tuple[float, float, float]:
    """CPU seconds of a contestant and its children, peak bytes, and the tokens it said it embedded."""
    cpu_s, peak, said = _run(name, [str(python), str(HERE / "indexing.py"), str(given), "--only", name])
    return cpu_s, peak, float(said)


def _run_in_node(packages: Path, script: Path, given: Path, models: Path) -> tuple[float, float, float]:
    """As `measured`; the script says in which file the texts are that it embedded, and how many tokens of each."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["node", str(script), str(given), str(models), scratch]
        cpu_s, peak, said = _run(script.stem, command, cwd=packages)
        texts, window = json.loads(said)
        return cpu_s, peak, float(_count(json.loads(Path(texts).read_text("utf-8")), window))


def _count(texts: Sequence[str], window: int) -> int:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(_model_paths()[0]) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(window)
    return sum(len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts)))


def _run(name: str, command: Sequence[str], cwd: Path | None = None) -> tuple[float, float, str]:
    environment = os.environ | {"READINGROOM_MODEL": json.dumps(_model_paths())}
    before = _children_cpu_s()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True, cwd=cwd)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _memory_bytes(process.pid))
        time.sleep(_SAMPLE_S)
    assert process.stdout is not None
    said = process.stdout.read().strip().splitlines()
    if process.returncode or not said:
        sys.exit(f"{name} ended with {process.returncode}")
    print(f"{name}: {_children_cpu_s() - before:.1f} CPU s", file=sys.stderr, flush=True)
    return _children_cpu_s() - before, peak, said[-1]


def _children_cpu_s() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory_bytes(pid: int) -> float:
    total = 0
    try:
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0.0
    for process in processes:
        try:
            full = process.memory_full_info()
        except psutil.Error:  # ended meanwhile
            continue
        total += getattr(full, "pss", full.uss)
    return float(total)


def _model_paths() -> Sequence[str]:
    from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
    from readingroom.embedding.model_files import locate

    files = locate(HERE, BUNDLED_EMBEDDING_MODEL)
    return [str(files.folder), str(files.weights)]


def _models_for_node(target: Path) -> Path:
    folder, weights = _model_paths()
    model = target / "bundled"
    shutil.copytree(folder, model)
    (model / "onnx").mkdir()
    # The format number is the first thing in the file; what follows is the same in both.
    copied = bytearray(Path(weights).read_bytes())
    assert copied[:2] == b"\x08\x0a", "another format"
    copied[1] = 8
    (model / "onnx" / "model_quantized.onnx").write_bytes(copied)
    return target


def _write_passages(folder: Path, target: Path) -> None:
    from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
    from readingroom.core.extraction import ReadLimits
    from readingroom.documents.registry import read_parts
    from readingroom.embedding.splitting import chunker_for

    chunker = chunker_for(HERE, BUNDLED_EMBEDDING_MODEL)
    texts = [
        chunk.embedded_text
        for path in sorted(folder.iterdir())
        for part in read_parts(path, ReadLimits(), lambda _done, _total: None, ())
        for chunk in chunker.cut(part)
    ]
    target.write_text(json.dumps(texts), encoding="utf-8")


def ours(folder: Path) -> None:
    from readingroom.composition import open_runtime
    from readingroom.config.paths import data_paths
    from readingroom.core.cancellation import CancelToken

    with tempfile.TemporaryDirectory() as scratch, open_runtime(data_paths(Path(scratch))) as room:
        workspace_id = room.services.workspaces.create("Indexing").id
        room.services.sources.add(workspace_id, [folder], watch=False)
        room.start_indexing()
        room.services.ingest.wait_until_idle(workspace_id, cancel=CancelToken(), tick=lambda: None)
        print(room.embedder.tokens)


def bare(passages: Path) -> None:
    from embedding import BareRuntime

    runtime = BareRuntime()
    print(sum(runtime.embed(text)[1] for text in json.loads(passages.read_text("utf-8"))))


def fastembed(passages: Path) -> None:
    embedder = _fastembed()
    texts = json.loads(passages.read_text("utf-8"))
    for _ in embedder.embed(texts):
        pass
    print(_tokens(embedder, texts))


def langchain(folder: Path) -> None:
    from langchain_core.embeddings import Embeddings  # type: ignore[import-not-found]
    from langchain_qdrant import QdrantVectorStore  # type: ignore[import-not-found]
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # type: ignore[import-not-found]
    from qdrant_client import QdrantClient
    from qdrant_client.models import Distance, VectorParams

    embedder = _fastembed()

    class Fastembed(Embeddings):  # type: ignore[misc]
        # What langchain_community's own class does; that one takes no model from a folder.
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [row.tolist() for row in embedder.embed(texts, batch_size=256)]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=20)
    with tempfile.TemporaryDirectory() as scratch:
        client = QdrantClient(path=scratch)
        client.create_collection("documents", VectorParams(size=384, distance=Distance.COSINE))
        store = QdrantVectorStore(client, "documents", Fastembed())
        texts = [
            text for path in sorted(folder.iterdir()) for text in splitter.split_text(path.read_text("utf-8"))
        ]
        store.add_texts(texts)
        client.close()
    print(_tokens(embedder, texts))


def _fastembed():  # type: ignore[no-untyped-def]
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    folder, weights = json.loads(os.environ["READINGROOM_MODEL"])
    TextEmbedding.add_custom_model(
        "bundled", pooling=PoolingType.MEAN, normalization=True, sources=ModelSource(hf="bundled"), dim=384, model_file=weights
    )  # fmt: skip
    embedder = TextEmbedding("bundled", specific_model_path=folder, local_files_only=True)
    # The file's own leftovers (128 for both) would spare it half of the work.
    tokenizer = embedder.model.tokenizer
    tokenizer.enable_truncation(max_length=256)
    tokenizer.enable_padding()
    return embedder


def _tokens(embedder, texts: Sequence[str]) -> int:  # type: ignore[no-untyped-def]
    tokenizer = embedder.model.tokenizer
    tokenizer.no_padding()
    return sum(len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts)))


CONTESTANTS: dict[str, Callable[[Path], None]] = {
    "ours": ours,
    "bare": bare,
    "fastembed": fastembed,
    "langchain": langchain,
}


if __name__ == "__main__":
    main()
