"""What OpenAI-compatible servers tell of their models, each in its own way: what they are called and what they take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from readingroom.core.model_server import ServedModel
from readingroom.llm.base_url import root_of
from readingroom.llm.openai_requests import Refused, ask

if TYPE_CHECKING:
    import httpx

# vLLM; OpenRouter and Together; Groq; Mistral. The first that an entry of `/models` has.
_LIMITS = ("max_model_len", "context_length", "context_window", "max_context_length")
_OWNERS = {"vllm": "vLLM", "llamacpp": "llama.cpp", "organization_owner": "LM Studio", "openai": "OpenAI"}
_UNLOADED_LIMIT = 4096
"""What LM Studio loads a model with that it has to load for a request, unless its window says otherwise."""

# Of OpenAI's and others' lists: they turn speech, pictures or numbers out, and have no mark of it.
_NO_CHAT = re.compile(
    r"embed|whisper|\btts\b|dall-e|moderation|transcribe|realtime|\bimage\b|\baudio\b|\bsora|rerank|davinci|babbage"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a server told of itself."""

    server: str
    """Its name, as `LM Studio`; empty where it is none that is known."""
    models: tuple[ServedModel, ...]


async def ask_models(client: "httpx.AsyncClient", base_url: str) -> Told:
    """List its models with the context they take, as far as it tells; raises as `ask` does."""
    listed = await ask(client, "models")
    entries = [entry for entry in listed["data"] if isinstance(entry, dict) and entry.get("id")]
    models = tuple(_from_list(entry) for entry in entries)
    server = next((_OWNERS[owner] for entry in entries if (owner := entry.get("owned_by")) in _OWNERS), "")
    root = root_of(base_url)
    if server == "llama.cpp":
        models = await _with_slot_size(client, root, models)
    elif server in ("", "LM Studio") and not all(model.context_limit for model in models):
        known = await _lm_studio(client, root)
        if known:
            server, models = "LM Studio", tuple(known.get(model.name, model) for model in models)
    return Told(server, models)


def _from_list(entry: Mapping[str, Any]) -> ServedModel:
    name = str(entry["id"])
    limit = next((value for key in _LIMITS if (value := _count(entry.get(key)))), 0)
    meta = entry.get("meta") if isinstance(entry.get("meta"), dict) else {}
    assert isinstance(meta, dict)  # noqa: S101
    limit = limit or _count(meta.get("n_ctx")) or _count(meta.get("n_ctx_train"))
    return ServedModel(name, _count(meta.get("size")), limit, chats=not _NO_CHAT.search(name.casefold()))


async def _with_slot_size(
    client: "httpx.AsyncClient", root: str, models: tuple[ServedModel, ...]
) -> tuple[ServedModel, ...]:
    """llama.cpp: a model may have been loaded with less context than it was trained for."""
    props = await _asked_in_passing(client, f"{root}/props")
    settings = props.get("default_generation_settings")
    limit = _count(settings.get("n_ctx")) if isinstance(settings, dict) else 0
    if not limit or len(models) != 1:
        return models
    return (replace(models[0], context_limit=limit),)


async def _lm_studio(client: "httpx.AsyncClient", root: str) -> dict[str, ServedModel]:
    """LM Studio's own list, by name; empty for another server."""
    listed = (await _asked_in_passing(client, f"{root}/api/v0/models")).get("data")
    found = {}
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and entry.get("id"):
            longest = _count(entry.get("max_context_length"))
            limit = _count(entry.get("loaded_context_length")) or min(longest, _UNLOADED_LIMIT)
            found[str(entry["id"])] = ServedModel(
                str(entry["id"]),
                context_limit=limit,
                quantisation=str(entry.get("quantization") or ""),
                family=str(entry.get("arch") or ""),
                chats=entry.get("type") != "embeddings",
            )
    return found


async def _asked_in_passing(client: "httpx.AsyncClient", url: str) -> dict[str, Any]:
    import httpx

    try:
        return await ask(client, url)
    except (Refused, httpx.HTTPError, ValueError):
        return {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
