"""Tries a Qdrant server and says in plain words what is wrong with it."""

import ssl

import httpx

from readingroom.core.errors import VectorStoreUnavailable
from readingroom.core.remote import Server

OLDEST = (1, 13)
"""The first that can be asked which points have an embedding."""
_TIMEOUT_S = 5.0


def check_server(server: Server) -> str:
    """See `core.remote.ServerProbe`."""
    trusted = trust(server)
    try:
        with httpx.Client(verify=trusted, timeout=_TIMEOUT_S) as client:
            key = {"api-key": server.api_key} if server.api_key else {}
            version = _version(client.get(f"{server.address}/", headers=key), server)
            # The front page is shown to anybody.
            listed = client.get(f"{server.address}/collections", headers=key)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(server, error) from error
    if listed.status_code in (401, 403):
        raise _refused(server)
    if listed.status_code != 200:
        raise VectorStoreUnavailable(
            f"The server at {server.address} answers with an error ({listed.status_code}).",
            hint="Look at its log.",
        )
    return version


def trust(server: Server) -> ssl.SSLContext:
    """The authorities to trust. Raises `VectorStoreUnavailable` where the file given holds none."""
    context = ssl.create_default_context()
    if server.ca_file:
        try:
            context.load_verify_locations(server.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise VectorStoreUnavailable(
                f"{server.ca_file} holds no certificate that can be read.",
                hint="Choose the PEM file of the authority that signed the server's certificate.",
            ) from error
    return context


def _version(answer: httpx.Response, server: Server) -> str:
    if answer.status_code in (401, 403):
        raise _refused(server)
    try:
        said = answer.json()
        version = str(said["version"])
        parts = tuple(int(part) for part in version.split("-", maxsplit=1)[0].split(".")[:2])
    except (ValueError, KeyError, TypeError) as error:
        raise VectorStoreUnavailable(
            f"What answers at {server.address} is not a Qdrant server.",
            hint="Check address and port; Qdrant listens on port 6333 unless told otherwise.",
        ) from error
    if parts < OLDEST:
        raise VectorStoreUnavailable(
            f"The Qdrant server at {server.address} is too old: version {version}.",
            hint=f"Version {OLDEST[0]}.{OLDEST[1]} or newer is needed.",
        )
    return version


def _refused(server: Server) -> VectorStoreUnavailable:
    if not server.api_key:
        return VectorStoreUnavailable(
            f"The server at {server.address} asks for an API key.", hint="Enter the one it was set up with."
        )
    return VectorStoreUnavailable(
        f"The server at {server.address} refused the API key.",
        hint="Check it: a key that may only read is not enough.",
    )


def _unreachable(server: Server, error: Exception) -> VectorStoreUnavailable:
    said = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in said:
        reason = said.partition("verify failed: ")[2].partition(" (_ssl")[0]
        return VectorStoreUnavailable(
            f"The certificate of {server.address} is not trusted{f' ({reason})' if reason else ''}.",
            hint="Choose the certificate of the authority that signed it, or mend the server's.",
        )
    if isinstance(error, httpx.TimeoutException):
        return VectorStoreUnavailable(
            f"{server.address} does not answer within {_TIMEOUT_S:g} seconds.",
            hint="Check the address, and whether a firewall stands between.",
        )
    if "SSL" in said or isinstance(error, httpx.RemoteProtocolError):
        return VectorStoreUnavailable(
            f"{server.address} does not speak as its address says.",
            hint="Try https:// in place of http://, or the other way round.",
        )
    return VectorStoreUnavailable(
        f"Nothing answers at {server.address}.", hint="Check the address, and that the server is running."
    )
