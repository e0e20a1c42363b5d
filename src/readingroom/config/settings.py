"""The person's preferences, one table; kept in the catalog as name and JSON value."""

from dataclasses import dataclass, fields, replace
from typing import Any

from readingroom.core.model_server import ServerKind

DEFAULT_OLLAMA_ADDRESS = "http://127.0.0.1:11434"
BUNDLED_EMBEDDING_MODEL = "all-MiniLM-L6-v2"
LOW_BATTERY_PERCENT = 40
"""Enough is left then for an afternoon's own work."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults are what a new person gets."""

    model_server: str = "ollama"
    """`ollama` or `openai`: what the server of the answering model speaks."""
    ollama_address: str = ""
    """Empty: the environment's OLLAMA_HOST, else the local default."""
    chat_model: str = ""
    """Of Ollama's; empty: the first that the server lists."""
    openai_address: str = ""
    """Of an OpenAI-compatible server; its key is in the system's keyring."""
    openai_model: str = ""
    openai_context: int = 8192
    """Tokens that its models take, where it does not tell."""
    embedding_model: str = BUNDLED_EMBEDDING_MODEL
    """For new workspaces."""
    appearance: str = "system"
    """`system`, `light` or `dark`."""
    reduce_motion: bool = False
    passages: int = 6
    """How many passages are put before the model."""
    reconcile_minutes: int = 10
    max_file_mb: int = 512
    max_pages: int = 20_000
    max_million_characters: int = 50
    """Of one file's text."""
    file_timeout_s: int = 300
    file_memory_mb: int = 3072
    """Of the process that reads files."""
    ignored_kinds: str = ""
    """Kinds of files left out, by workspace; see `core.ignore_rules.with_kinds`."""
    recognise: bool = True
    """Read text in pictures of pages, once all else is read."""
    recognition_paused: bool = False
    recognition_languages: str = ""
    """Two-letter codes of the languages of scans, spaces between; empty: each page decides."""
    indexing_paused: bool = False
    """By the person, until resumed."""
    on_battery: str = "low"
    """`go_on`, `low` (pause when the battery is low) or `pause`."""
    keep_in_tray: bool = False
    """Closing the window hides it, where there is a tray."""
    notify: bool = True
    """Say on the desktop when a long job ends or needs something."""
    passwords_in_keyring: bool = False
    """Of encrypted documents; the system's keyring is not asked for any before."""
    qdrant_url: str = ""
    """Of a server for large workspaces; its key is in the system's keyring."""
    qdrant_ca_file: str = ""
    qdrant_workspaces: str = ""
    """Numbers of the workspaces that are kept there, spaces between."""
    qdrant_left: str = ""
    """`workspace:index:place`, spaces between: what was left behind by a move and is still to be deleted."""

    @property
    def server_kind(self) -> ServerKind:
        """What the chosen server speaks."""
        return ServerKind.OPENAI if self.model_server == ServerKind.OPENAI else ServerKind.OLLAMA

    @property
    def answering_model(self) -> str:
        """The model chosen on the chosen server; empty: the first it lists."""
        return self.openai_model if self.server_kind is ServerKind.OPENAI else self.chat_model


def settings_from(values: dict[str, Any]) -> Settings:
    """Settings from stored values; names no longer known and values of a wrong type are left out."""
    known: dict[str, Any] = {}
    for field in fields(Settings):
        value = values.get(field.name)
        if value is not None and type(value) is type(field.default):
            known[field.name] = value
    return replace(Settings(), **known)
