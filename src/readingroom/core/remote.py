"""A Qdrant server for workspaces that outgrow this computer, and which workspaces are kept on it."""

from dataclasses import dataclass, field
from typing import Protocol

from readingroom.core.ids import WorkspaceId


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach it."""

    address: str
    """`https://host:port`."""
    api_key: str = field(default="", repr=False)
    ca_file: str = ""
    """PEM file of the authority to trust beside the system's; empty where those are enough."""


class ServerProbe(Protocol):
    """Tries a server."""

    def __call__(self, server: Server) -> str:
        """Its version. Raises `VectorStoreUnavailable` that says what is wrong; takes some five seconds at most."""
        ...


def placed_on_server(setting: str) -> frozenset[WorkspaceId]:
    """Workspaces that are kept on the server, from `Settings.qdrant_workspaces`."""
    return frozenset(WorkspaceId(int(part)) for part in setting.split() if part.isdecimal())


def with_place(setting: str, workspace_id: WorkspaceId, *, on_server: bool) -> str:
    """The setting, changed for one workspace."""
    found = set(placed_on_server(setting))
    found = found | {workspace_id} if on_server else found - {workspace_id}
    return " ".join(str(one) for one in sorted(found))
