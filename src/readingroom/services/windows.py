"""How much a model can be told here, by its own count, this computer's memory and what earlier answers took."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from readingroom.config.memory import available_bytes
from readingroom.core.addresses import is_local
from readingroom.core.budget import TokenRates, Window, rates_from, window
from readingroom.core.catalog import WorkspaceCatalog
from readingroom.core.language_model import ChatTurn, Counted, LanguageModel

log = logging.getLogger(__name__)

_SETTING = "token_rates"


class Windows:
    """Any thread may call. What was learnt of a model is kept in the catalog."""

    def __init__(
        self,
        catalog: WorkspaceCatalog,
        language_model: LanguageModel,
        free_bytes: Callable[[], int] = available_bytes,
    ) -> None:
        self._catalog = catalog
        self._language_model = language_model
        self._free_bytes = free_bytes
        self._lock = threading.Lock()
        self._last: dict[tuple[str, str], int] = {}
        """The context with which a server has loaded a model; another one makes Ollama load it again."""

    def window(self, model: str) -> Window:
        """What the model may be given now. Asks the server; raises `LanguageModelError`."""
        limit = self._language_model.context_limit(model)
        free = self._free_bytes() if is_local(self._language_model.address) else None
        found = window(
            limit,
            self._rates(model),
            free_bytes=free,
            context_bytes=self._language_model.context_bytes(model),
        )
        # What it has taken already is no longer free, and its own.
        return replace(found, tokens=min(limit, max(found.tokens, self._last.get(self._key(model), 0))))

    def context_for(self, model: str, room: Window, turns: Sequence[ChatTurn]) -> int:
        """`num_ctx` for these turns: as before where that will do."""
        key = self._key(model)
        size = room.context_for([turn.content for turn in turns], at_least=self._last.get(key, 0))
        with self._lock:
            self._last[key] = size
        return size

    def learn(self, model: str, turns: Sequence[ChatTurn], counted: Counted, num_ctx: int) -> None:
        """Take in what the server counted."""
        with self._lock:
            kept = self._kept()
            before = rates_from(kept.get(model))
            texts = [turn.content for turn in turns]
            after = before.learnt(texts, counted.prompt_tokens, counted.answer_tokens, num_ctx)
            if after != before:
                self._catalog.set_setting(_SETTING, {**kept, model: asdict(after)})

    def _rates(self, model: str) -> TokenRates:
        return rates_from(self._kept().get(model))

    def _kept(self) -> dict[str, Any]:
        kept = self._catalog.setting_values().get(_SETTING)
        return kept if isinstance(kept, dict) else {}

    def _key(self, model: str) -> tuple[str, str]:
        return self._language_model.address, model
