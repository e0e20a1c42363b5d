"""Which embedding models there are: the bundled one, and all that fastembed lists."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.core.models import EmbeddingModel
from readingroom.embedding.model_files import (
    BUNDLED_DIMENSION,
    BUNDLED_MAX_TOKENS,
    LONGEST_WINDOW,
    is_fetched,
    model_folder,
    window_of,
)

_WINDOW = re.compile(r"(\d+) input tokens")

BUNDLED = EmbeddingModel(
    name=BUNDLED_EMBEDDING_MODEL,
    dimension=BUNDLED_DIMENSION,
    max_tokens=BUNDLED_MAX_TOKENS,
    size_bytes=22_928_619,
    description="English, small and quick; comes with the program.",
    licence="apache-2.0",
    bundled=True,
    downloaded=True,
)


def list_models(models_dir: Path) -> Sequence[EmbeddingModel]:
    """List the bundled one first, then fastembed's by name."""
    from fastembed import TextEmbedding

    listed = [_model(models_dir, entry) for entry in TextEmbedding.list_supported_models()]
    return [BUNDLED, *sorted(listed, key=lambda model: model.name.lower())]


def describe_model(models_dir: Path, name: str) -> EmbeddingModel:
    """Find one by name. Raises `EmbeddingModelUnavailable` with the nearest names as hint."""
    if name == BUNDLED_EMBEDDING_MODEL:
        return BUNDLED
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
        max_tokens=max_tokens,
        size_bytes=int(float(entry.get("size_in_GB") or 0) * 1e9),
        description=said,
        licence=str(entry.get("license", "")),
        downloaded=fetched,
    )
