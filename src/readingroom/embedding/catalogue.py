"""Which embedding models there are: the bundled one, and all that fastembed lists."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.core.models import EmbeddingModel
from readingroom.embedding.matryoshka import shorter_dimensions
from readingroom.embedding.model_files import (
    ADDED_PREFIX,
    BUNDLED_AS,
    BUNDLED_DIMENSION,
    BUNDLED_MAX_TOKENS,
    LONGEST_WINDOW,
    added_model,
    is_fetched,
    model_folder,
    window_of,
)
from readingroom.embedding.prompts import prompts_of

_WINDOW = re.compile(r"(\d+) input tokens")
_LANGUAGE = re.compile(r"English|Chinese|German|Spanish|programming languages")
_MANY = re.compile(r"multi-?lingual(?: \(~(\d+))?", re.IGNORECASE)
# For pictures, or one half of a pair that needs the other: nothing is found with these alone.
_UNSUITED = re.compile(r"clip|siglip|constella|stella-en-400M-v5-doc", re.IGNORECASE)

BUNDLED = EmbeddingModel(
    name=BUNDLED_EMBEDDING_MODEL,
    dimension=BUNDLED_DIMENSION,
    max_tokens=BUNDLED_MAX_TOKENS,
    size_bytes=22_928_619,
    description="Small and quick; comes with the program.",
    licence="apache-2.0",
    languages="English",
    bundled=True,
    downloaded=True,
)


def list_models(models_dir: Path) -> Sequence[EmbeddingModel]:
    """List the bundled one first, then those added from folders, then fastembed's by name."""
    from fastembed import TextEmbedding

    listed = [
        _model(models_dir, entry)
        for entry in TextEmbedding.list_supported_models()
        if not _UNSUITED.search(str(entry["model"]))
        and not str(entry["model"]).startswith((BUNDLED_AS, ADDED_PREFIX))
    ]
    return [BUNDLED, *added_models(models_dir), *sorted(listed, key=lambda model: model.name.lower())]


def added_models(models_dir: Path) -> list[EmbeddingModel]:
    """Those that were added from folders and are whole, by name."""
    start = model_folder(models_dir, ADDED_PREFIX).name
    names = sorted(folder.name.removeprefix(start) for folder in models_dir.glob(f"{start}*"))
    found = (_added(models_dir, ADDED_PREFIX + name) for name in names)
    return [model for model in found if model is not None]


def _added(models_dir: Path, name: str) -> EmbeddingModel | None:
    files = added_model(models_dir, name) if is_fetched(models_dir, name) else None
    if files is None:
        return None
    return EmbeddingModel(
        name=name,
        dimension=files.dimension,
        max_tokens=files.max_tokens,
        size_bytes=sum(file.stat().st_size for file in files.folder.iterdir() if file.is_file()),
        description="Added from a folder.",
        downloaded=True,
        shorter=shorter_dimensions(name, files.dimension, files.folder),
    )


def describe_model(models_dir: Path, name: str) -> EmbeddingModel:
    """Find one by name. Raises `EmbeddingModelUnavailable` with the nearest names as hint."""
    if name == BUNDLED_EMBEDDING_MODEL:
        return BUNDLED
    if name.startswith(ADDED_PREFIX) and (added := _added(models_dir, name)) is not None:
        return added
    models = {model.name.lower(): model for model in list_models(models_dir)}
    found = models.get(name.lower())
    if found is None:
        near = get_close_matches(name.lower(), list(models), n=3, cutoff=0.4)
        names = ", ".join(models[key].name for key in near)
        raise EmbeddingModelUnavailable(
            f"There is no embedding model named {name}.",
            hint=f"Did you mean {names}?" if names else f"{BUNDLED_EMBEDDING_MODEL} comes with the program.",
        )
    return found


def _model(models_dir: Path, entry: dict[str, Any]) -> EmbeddingModel:
    name = str(entry["model"])
    said = str(entry.get("description", ""))
    fetched = is_fetched(models_dir, name)
    window = _WINDOW.search(said)
    if fetched:
        max_tokens = window_of(model_folder(models_dir, name))
    else:
        max_tokens = min(int(window[1]), LONGEST_WINDOW) if window else LONGEST_WINDOW
    return EmbeddingModel(
        name=name,
        dimension=int(entry["dim"]),
        max_tokens=max_tokens - prompts_of(name).passage_tokens,
        size_bytes=int(float(entry.get("size_in_GB") or 0) * 1e9),
        licence=str(entry.get("license", "")),
        languages=_languages(said),
        downloaded=fetched,
        shorter=shorter_dimensions(name, int(entry["dim"])),
    )


def _languages(said: str) -> str:
    """What fastembed's description says of languages, in as few words."""
    if (many := _MANY.search(said)) is not None and "(German" not in said and "(English" not in said:
        return f"{many[1]} languages" if many[1] else "Many languages"
    found = dict.fromkeys(_LANGUAGE.findall(said))
    return ", ".join("code" if name.startswith("programming") else name for name in found)
