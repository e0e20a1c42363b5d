"""Whose computer an address is on; what is shown of it."""

import ipaddress
from urllib.parse import urlsplit


def is_local(address: str) -> bool:
    """Whether the address is this computer's own."""
    host = host_of(address)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def host_of(address: str) -> str:
    """Its host without the port; empty for what is no address."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def origin_of(address: str) -> str:
    """Scheme, host and port: to whom a key that was given for it may be shown."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
