"""A room with a Qdrant server at hand, and a child that moves a workspace and is killed on the way.

    python -m helpers.placed DATA ADDRESS TO_SERVER DIE_AFTER

Steps are what leaves a trace: passages written, a store removed, a preference noted. Between two of them nothing changes
anywhere, so that a kill after each is a kill at any line.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.room import Room, open_room
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import UserFixableError
from readingroom.core.models import SearchMode, Workspace
from readingroom.core.remote import Server
from readingroom.services import server as server_module
from readingroom.services.placed_stores import PlacedVectorStores
from readingroom.services.preferences import PreferenceService
from readingroom.services.retrieve import RetrieveService
from readingroom.services.server import ServerKey, ServerService
from readingroom.vectors.checking import check_server
from readingroom.vectors.client import ClientVectorStore, ClientVectorStores
from readingroom.vectors.edge import EdgeVectorStore, EdgeVectorStores


class Secrets:
    """A keyring, or none."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.kept: dict[str, str] = {}

    def load(self, name: str) -> str | None:
        self._look()
        return self.kept.get(name)

    def save(self, name: str, secret: str | None) -> None:
        self._look()
        self.kept.pop(name, None)
        if secret is not None:
            self.kept[name] = secret

    def _look(self) -> None:
        if not self.there:
            raise UserFixableError("No keyring.")


class Placed:
    """A workspace of twelve documents, indexed, with a server at hand."""

    def __init__(self, room: Room, secrets: Secrets | None = None) -> None:
        self.room = room
        self.secrets = secrets or Secrets()
        key = ServerKey(self.secrets)
        self.stores = PlacedVectorStores(
            room.stores,
            lambda server: ClientVectorStores(server.address, api_key=server.api_key, ca_file=server.ca_file),
            room.preferences,
            key.get,
        )
        self.service = ServerService(
            room.catalog, room.cache, self.stores, room.preferences, key, check_server, lambda: None
        )
        self.retrieve = RetrieveService(room.catalog, self.stores, room.embedder)

    def found(self, workspace: Workspace) -> list[str]:
        passages = self.retrieve.search(workspace.id, "budget of year7", mode=SearchMode.HYBRID, limit=12)
        return [passage.path.name for passage in passages]

    def move(self, workspace: Workspace, *, to_server: bool) -> None:
        for _ in self.service.move(workspace.id, to_server=to_server, cancel=CancelToken()):
            pass


def main() -> None:
    """Move the only workspace of a data folder."""
    data, address, to_server, die_after = sys.argv[1:]
    server_module._AT_ONCE = 3
    room = open_room(Path(data))
    placed = Placed(room)
    placed.service.save(Server(address, "secret"))
    taken = 0

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def taking(*given: Any, **named: Any) -> Any:
            nonlocal taken
            result = step(*given, **named)
            taken += 1
            if taken == int(die_after):
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return taking

    for kind, name in (
        (PreferenceService, "update"),
        (EdgeVectorStore, "upsert"),
        (EdgeVectorStores, "remove"),
        (ClientVectorStore, "upsert"),
        (ClientVectorStores, "remove"),
    ):
        setattr(kind, name, counted(getattr(kind, name)))
    placed.move(room.workspaces.list()[0], to_server=bool(int(to_server)))
    raise SystemExit(f"The move took {taken} steps only.")


if __name__ == "__main__":
    main()
