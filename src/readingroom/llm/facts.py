"""What an Ollama server tells of its models, asked for once a model and version."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from readingroom.core.model_server import ServedModel

if TYPE_CHECKING:
    from ollama import AsyncClient, ListResponse, ShowResponse

# Models that a local Ollama passes on to a computer elsewhere: they have a manifest and no weights.
_CLOUD_SUFFIXES = ("-cloud", ":cloud")
_LEAST_MODEL_BYTES = 1_000_000
_EMBEDDING_FAMILIES = frozenset({"bert", "nomic-bert", "nomic-bert-moe"})


class ShownModels:
    """Remembers what servers said of their models; a model that was fetched anew has another digest."""

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str, str], ShowResponse] = {}

    async def ask(
        self, client: "AsyncClient", address: str, entries: "Sequence[ListResponse.Model]", timeout_s: float
    ) -> "list[ShowResponse | None]":
        """Ask for each; None for those of which the server says nothing in time."""
        asked = [asyncio.create_task(self._show(client, address, entry)) for entry in entries]
        if asked:
            _, late = await asyncio.wait(asked, timeout=max(timeout_s, 0.05))
            for task in late:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        return [None if task.cancelled() or task.exception() else task.result() for task in asked]

    async def _show(self, client: "AsyncClient", address: str, entry: "ListResponse.Model") -> "ShowResponse":
        key = (address, str(entry.model), str(entry.digest))
        if key not in self._shown:
            self._shown[key] = await client.show(key[1])
        return self._shown[key]


def runs_elsewhere(entry: "ListResponse.Model") -> bool:
    """Whether a prompt for it would leave the server's computer."""
    small = entry.size is not None and entry.size < _LEAST_MODEL_BYTES
    return small or str(entry.model).endswith(_CLOUD_SUFFIXES)


def served_model(
    entry: "ListResponse.Model", shown: "ShowResponse | None", loaded_bytes: int = 0
) -> ServedModel:
    """Put together what is known of a model. One of which nothing was said is taken for one that chats."""
    details = entry.details
    return ServedModel(
        str(entry.model),
        entry.size or 0,
        _context_limit(shown),
        (details.parameter_size if details else None) or "",
        (details.quantization_level if details else None) or "",
        (details.family if details else None) or "",
        _writes_answers(entry, shown),
        loaded_bytes,
    )


def _context_limit(shown: "ShowResponse | None") -> int:
    for name, value in ((shown.modelinfo if shown else None) or {}).items():
        if name.endswith(".context_length") and isinstance(value, int) and value > 0:
            return value
    return 0


def _writes_answers(entry: "ListResponse.Model", shown: "ShowResponse | None") -> bool:
    if shown is not None and shown.capabilities:
        return "completion" in shown.capabilities
    details = entry.details
    families = {*(details.families or ()), details.family} if details else set()
    return not families & _EMBEDDING_FAMILIES
