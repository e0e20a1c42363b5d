"""The address of the model server: what people and OLLAMA_HOST write, made into one form."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from readingroom.config.settings import DEFAULT_OLLAMA_ADDRESS
from readingroom.core.errors import UserFixableError

OLLAMA_PORT = 11434
_SCHEME_PORTS = {"http": 80, "https": 443}
_HINT = "Write it like http://127.0.0.1:11434."


def resolve_address(setting: str, environ: Mapping[str, str]) -> str:
    """Give the setting, else OLLAMA_HOST, else the local default. Raises `UserFixableError`."""
    for written in (setting, environ.get("OLLAMA_HOST", "")):
        if written.strip():
            return parse_address(written)
    return DEFAULT_OLLAMA_ADDRESS


def parse_address(written: str) -> str:
    """Make it `scheme://host:port`, a path kept. Raises `UserFixableError` for nonsense.

    Takes what OLLAMA_HOST may hold: `host`, `host:port`, `:port`, a URL, IPv6 with or without brackets.
    The address on which a server listens everywhere (0.0.0.0, ::) becomes this computer's own.
    """
    text = written.strip().strip("'\"").strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    scheme = scheme.lower()
    if scheme not in _SCHEME_PORTS or not rest.strip("/") or any(character.isspace() for character in rest):
        raise _nonsense(written)
    if _is_ipv6(rest):
        rest = f"[{rest}]"
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        host, port = _host(parts, written), parts.port
    except ValueError as error:  # brackets without an IPv6 address; a port that is none
        raise _nonsense(written) from error
    if port == 0 or parts.username is not None or parts.query or parts.fragment:
        raise _nonsense(written)
    if port is None:
        port = _SCHEME_PORTS[scheme] if separator else OLLAMA_PORT
    path = parts.path.rstrip("/")
    return f"{scheme}://{host}:{port}{path}"


def _host(parts: SplitResult, written: str) -> str:
    host = parts.hostname or "127.0.0.1"
    try:
        number = ipaddress.ip_address(host)
    except ValueError as error:
        labels = host.rstrip(".").split(".")
        if not all(label and label.replace("-", "").replace("_", "").isalnum() for label in labels):
            raise _nonsense(written) from error
        if labels[-1].isdigit():  # 1.2.3.999
            raise _nonsense(written) from error
        return host
    if number.is_unspecified:
        return "127.0.0.1" if number.version == 4 else "[::1]"
    return str(number) if number.version == 4 else f"[{number}]"


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def _nonsense(written: str) -> UserFixableError:
    return UserFixableError(f"`{written.strip()}` is not the address of a model server.", hint=_HINT)
