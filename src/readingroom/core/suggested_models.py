"""Models of Ollama's library that answer well from passages, and which of them this computer has the memory for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

_MB = 1_000_000
_MOST = 4
_SHARE = 0.75
QUICK_MODEL = "qwen3:4b-instruct"
"""2.5 GB, and answers at once; the plain `qwen3:4b` thinks first and cannot be kept from it."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that can be fetched."""

    name: str
    size_mb: int
    """To fetch, and on the disk."""
    memory_mb: int
    """While it answers from 8,192 tokens of prompt."""
    words: str
    """What it is good for."""


# Sizes as ollama.com/library and Ollama's README list them for each tag (4-bit, end of 2025). Memory is the size, the keys
# and values of 8,192 tokens at two bytes (from layers, heads and widths in each model's configuration; sliding windows
# counted as such), and 500 MB for buffers. Models that think first are left out where another of their size does not: a
# thought takes minutes on a processor. From the least memory to the most.
KNOWN_MODELS = (
    KnownModel("gemma3:1b", 815, 1_500, "Very small, for short plain questions"),
    KnownModel("llama3.2:1b", 1_300, 2_100, "Very small, English first"),
    KnownModel("llama3.2:3b", 2_000, 3_500, "Small and quick, English first"),
    KnownModel("qwen3:4b-instruct", 2_500, 4_200, "Quick, keeps to the passages, many languages"),
    KnownModel("gemma3:4b", 3_300, 4_300, "Good style, many languages"),
    KnownModel("llama3.1:8b", 4_900, 6_500, "Solid, English first"),
    KnownModel("gemma3:12b", 8_100, 9_600, "Careful, many languages"),
    KnownModel("phi4:14b", 9_100, 11_300, "Good at reasoning, English first"),
    KnownModel("gpt-oss:20b", 14_000, 15_000, "Quick for its size; thinks a little first"),
    KnownModel("mistral-small3.2:24b", 15_000, 17_000, "Careful, European languages"),
    KnownModel("gemma3:27b", 17_000, 18_700, "Careful, many languages; slow without a graphics card"),
    KnownModel("qwen3:30b-instruct", 19_000, 20_400, "Quick for its size, keeps to the passages"),
    KnownModel("llama3.3:70b", 43_000, 46_300, "Slow without a large graphics card"),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model to fetch."""

    model: KnownModel
    fits: bool
    """Whether the memory will do; where it is not known, it is taken to."""
    best: bool = False
    """The largest that leaves the computer room for everything else."""


def suggest(available_bytes: int | None, here: Collection[str]) -> Sequence[Suggestion]:
    """Models for this much memory, the largest first; `here` are those the server has already.

    They leave a quarter of the memory to everything else, and one that is quick is among them. Where none does, the
    largest that fits at all, else the smallest there is. Without a figure (the server is on another computer) the
    middle of the range.
    """
    missing = [model for model in KNOWN_MODELS if not _is_here(model.name, here)]
    if available_bytes is None:
        return [Suggestion(model, fits=True) for model in missing if 2_000 <= model.size_mb <= 9_000][:_MOST]
    available = available_bytes / _MB
    well = [model for model in missing if model.memory_mb <= _SHARE * available]
    if not well:
        tight = [model for model in missing if model.memory_mb <= available]
        return [Suggestion(model, fits=model in tight) for model in tight[-1:] or missing[:1]]
    *_, best = well
    quick = [model for model in well if model.name == QUICK_MODEL]
    kept = [model for model in well if model not in quick][-(_MOST - len(quick)) :]
    return [
        Suggestion(model, fits=True, best=model is best)
        for model in reversed(KNOWN_MODELS)
        if model in kept or model in quick
    ]


def _is_here(name: str, here: Collection[str]) -> bool:
    return name in here or f"{name}:latest" in here
