"""To which dimensions the embeddings of a model may be cut, as its makers say.

Such models are trained so that the first numbers of an embedding say the most (Matryoshka Representation Learning). The
figures are from the models' own pages; a folder may give them as `matryoshka_dimensions` in its config.json, as vLLM reads it.
"""

import json
import re
from pathlib import Path
from typing import Any

_BY_NAME: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), dimensions)
    for pattern, dimensions in (
        (r"\bnomic-embed-text-v(1\.5|2)", (512, 256, 128, 64)),
        (r"\bmxbai-embed-large", (512, 256, 128, 64)),
        (r"\bsnowflake-arctic-embed-\w+-v(1\.5|2)", (256,)),
        (r"\bjina-embeddings-v3", (768, 512, 256, 128, 64)),
        (r"\bembeddinggemma", (512, 256, 128)),
        (r"\bqwen3-embedding", (768, 512, 256, 128, 64)),
    )
)


def shorter_dimensions(name: str, dimension: int, folder: Path | None = None) -> tuple[int, ...]:
    """Those that are shorter than `dimension`, the longest first; none for a model that was not trained for it."""
    given = _given(folder) if folder is not None else ()
    found = given or next((dimensions for pattern, dimensions in _BY_NAME if pattern.search(name)), ())
    return tuple(sorted({one for one in found if 0 < one < dimension}, reverse=True))


def _given(folder: Path) -> tuple[int, ...]:
    try:
        config: Any = json.loads((folder / "config.json").read_text("utf-8"))
        return tuple(one for one in config["matryoshka_dimensions"] if type(one) is int)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()
