"""The address of an OpenAI-compatible server: what people write and copy, made into its base URL."""

import re
from urllib.parse import urlsplit

from readingroom.core.addresses import is_local
from readingroom.core.errors import UserFixableError

_HINT = "Write it like http://127.0.0.1:1234/v1 or https://api.example.org/v1."
_ENDPOINTS = re.compile(r"/(chat/completions|completions|models|responses|embeddings)/?\Z")
_PORTS = {"http": 80, "https": 443}


def parse_base_url(written: str) -> str:
    """Make it `scheme://host:port/path`; without a path it is `/v1`. Raises `UserFixableError` for nonsense.

    Without a scheme it is https, but http for this computer, a number, or where a port is given: so do local
    servers print themselves.
    """
    text = written.strip().strip("'\"").strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text
    try:
        parts = urlsplit(f"//{rest}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _nonsense(written) from error
    scheme = scheme.lower() or ("http" if port or _is_plain(host) else "https")
    odd = parts.username is not None or parts.query or parts.fragment or any(map(str.isspace, text))
    if scheme not in _PORTS or odd or port == 0 or not _is_host(host):
        raise _nonsense(written)
    path = _ENDPOINTS.sub("", parts.path).rstrip("/") or "/v1"
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port or _PORTS[scheme]}{path}"


def root_of(base_url: str) -> str:
    """The server itself, where it offers more than the OpenAI protocol: without `/v1`."""
    return base_url.removesuffix("/v1")


def _is_plain(host: str) -> bool:
    return is_local(f"http://{host}") or host.replace(".", "").isdigit() or ":" in host


def _is_host(host: str) -> bool:
    if ":" in host:  # IPv6, checked by `urlsplit`
        return True
    labels = host.rstrip(".").split(".")
    return all(label and label.replace("-", "").replace("_", "").isalnum() for label in labels)


def _nonsense(written: str) -> UserFixableError:
    return UserFixableError(f"`{written.strip()}` is not the address of a model server.", hint=_HINT)
