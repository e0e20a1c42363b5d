"""Adding an embedding model from a folder: an ONNX file and its tokenizer, tried out and copied before it counts."""

import errno
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from readingroom.config.lasting import sync_folder, sync_tree
from readingroom.core.errors import DiskFull, EmbeddingModelUnavailable
from readingroom.core.models import EmbeddingModel
from readingroom.embedding.catalogue import describe_model
from readingroom.embedding.embedder import load_session
from readingroom.embedding.model_files import (
    ADDED_PREFIX,
    LONGEST_WINDOW,
    WHOLE_MARK,
    ModelFiles,
    model_folder,
    window_of,
)
from readingroom.embedding.prompts import prompts_in, prompts_of

_NAMES = ("model.onnx", "model_optimized.onnx", "model_quantized.onnx", "model_int8.onnx")
_NEEDED = ("tokenizer.json", "config.json")
_WANTED = ("tokenizer_config.json", "special_tokens_map.json")
_CLS = re.compile(r"bge-|arctic-embed|mxbai|gte-.*v1\.5", re.IGNORECASE)
"""Models known to take the first token's vector, for folders that do not say."""
_ROOM_BYTES = 100 * 1024 * 1024
_LARGEST_BYTES = 3 * 10**9
_LARGEST_DIMENSION = 8192
_TRIAL = ("Cars are parked behind the house.", "Unused leave carries over into the next year.")
_PARTIAL = ".adding"


def add_model(models_dir: Path, source: Path, on_step: Callable[[], None] = lambda: None) -> EmbeddingModel:
    """Copy a model's files from `source`, try it, and have it listed; blocks, calling `on_step` now and then.

    The folder is one of sentence-transformers with an ONNX export, or the two put together by hand. Nothing in it
    is run but the network, and nothing is fetched. Raises `EmbeddingModelUnavailable` in words for the person,
    `DiskFull`.
    """
    weights = _weights(source)
    missing = [name for name in _NEEDED if not (source / name).is_file()]
    if missing:
        raise _refused(source, f"{' and '.join(missing)} is not in it")
    files = [source / name for name in (*_NEEDED, *_WANTED) if (source / name).is_file()]
    files += [weights, *_outside(weights)]
    size = sum(file.stat().st_size for file in files)
    if size > _LARGEST_BYTES:
        raise _refused(source, "it is larger than 3 GB, which no computer of a person embeds with")
    name = _free_name(models_dir, source)
    folder = model_folder(models_dir, name)
    partial = folder.with_name(folder.name + _PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    try:
        if shutil.disk_usage(partial).free < size + _ROOM_BYTES:
            raise _no_room()
        for file in files:
            shutil.copyfile(file, partial / file.name)
            on_step()
        _give_window(partial)
        mark = _tried(partial, source, weights.name)
        on_step()
        sizes = {file.name: file.stat().st_size for file in partial.iterdir()}
        (partial / WHOLE_MARK).write_text(json.dumps({"sizes": sizes, "added": mark}), "utf-8")
        sync_tree(partial)
        partial.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _no_room() from error
        raise _refused(source, f"it cannot be read: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return describe_model(models_dir, name)


def _weights(source: Path) -> Path:
    """The network: one of the usual names, here or in `onnx`, else the only one."""
    for folder in (source, source / "onnx"):
        for name in _NAMES:
            if (folder / name).is_file():
                return folder / name
    found = [path for pattern in ("*.onnx", "onnx/*.onnx") for path in sorted(source.glob(pattern))]
    if len(found) == 1:
        return found[0]
    raise _refused(source, "it holds several ONNX files" if found else "there is no ONNX file in it")


def _outside(weights: Path) -> list[Path]:
    """Where a large network keeps its numbers beside its file."""
    names = (f"{weights.name}_data", f"{weights.name}.data", f"{weights.stem}.onnx_data")
    return [path for name in dict.fromkeys(names) if (path := weights.with_name(name)).is_file()]


def _tried(folder: Path, source: Path, weights: str) -> dict[str, Any]:
    """Load the copy and embed two sentences; what is to be remembered of the model."""
    prompts = prompts_in(source) or prompts_of(source.name)
    pooling = _pooling(source)
    trial = ModelFiles(folder, folder / weights, window_of(folder) - prompts.passage_tokens, prompts, pooling)
    try:
        session = load_session(trial, f"{ADDED_PREFIX}trial of {folder}")
        rows = np.stack(list(session.embed(list(_TRIAL), batch_size=len(_TRIAL))))
    except Exception as error:  # onnxruntime and tokenizers raise their own and bare ones for bad files
        raise _refused(source, f"it cannot be loaded ({str(error).splitlines()[0][:200]})") from error
    if rows.ndim != 2 or not 1 < rows.shape[1] <= _LARGEST_DIMENSION or not np.isfinite(rows).all():
        raise _refused(source, "it does not give one vector a text")
    if float(rows[0] @ rows[1]) > 0.9999 * float(np.linalg.norm(rows[0]) * np.linalg.norm(rows[1])):
        raise _refused(source, "it gives the same vector for different texts")
    return {
        "weights": weights,
        "pooling": pooling,
        "dimension": int(rows.shape[1]),
        "query_prompt": prompts.query,
        "passage_prompt": prompts.passage,
    }


def _give_window(folder: Path) -> None:
    """See that the tokenizer's settings say how far the model reads, which fastembed insists on."""
    settings, config = _object_in(folder / "tokenizer_config.json"), _object_in(folder / "config.json")
    if not any(_is_length(settings.get(name)) for name in ("model_max_length", "max_length")):
        positions = config.get("max_position_embeddings")
        longest = positions if _is_length(positions) else LONGEST_WINDOW
        settings["model_max_length"] = min(LONGEST_WINDOW, longest)
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")


def _is_length(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9


def _object_in(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _pooling(source: Path) -> str:
    said = _object_in(source / "1_Pooling" / "config.json")
    cls = bool(said.get("pooling_mode_cls_token")) if said else bool(_CLS.search(source.name))
    return "cls" if cls else "mean"


def _free_name(models_dir: Path, source: Path) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", source.resolve().name).strip("-.")[:60] or "model"
    number, name = 1, plain
    while model_folder(models_dir, ADDED_PREFIX + name).exists():
        number += 1
        name = f"{plain}-{number}"
    return ADDED_PREFIX + name


def _no_room() -> DiskFull:
    return DiskFull("There is no room for the embedding model.", hint="Free some space and try again.")


def _refused(source: Path, why: str) -> EmbeddingModelUnavailable:
    return EmbeddingModelUnavailable(
        f"No embedding model was taken from {source.name}: {why}.",
        hint="Choose the folder of a sentence-transformers model with an ONNX file, tokenizer.json and config.json.",
    )
