"""Keeps a daily copy of the catalog while the program runs, and puts one back when the person asks."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from readingroom.core.cancellation import CancelToken
from readingroom.core.copies import CatalogCopies, CatalogCopy, Restoration, is_due, local_now
from readingroom.core.errors import Cancelled, CatalogDamaged, UserFixableError
from readingroom.services.listeners import Listeners

log = logging.getLogger(__name__)

_FIRST_LOOK_S = 60.0
"""The start belongs to the window and to what the folders have new."""
_LOOK_EVERY_S = 600.0


class BackupService:
    """One pool of its own looks every ten minutes whether a copy is due. `changed` tells of a new notice or copy."""

    def __init__(
        self,
        copies: CatalogCopies,
        *,
        is_worth_it: Callable[[], bool],
        restoration: Restoration | None = None,
        forget_restoration: Callable[[], None] = lambda: None,
        ended_suddenly: bool = False,
        now: Callable[[], datetime] = local_now,
    ) -> None:
        """`is_worth_it` tells whether there is anything in the catalog; `ended_suddenly` has its pages looked at soon."""
        self._copies = copies
        self._is_worth_it = is_worth_it
        self._restoration = restoration
        self._forget_restoration = forget_restoration
        self._ended_suddenly = ended_suddenly
        self._now = now
        self._cancel = CancelToken()
        self._lock = threading.Lock()
        self._pool: threading.Thread | None = None
        self._damage: UserFixableError | None = None
        self._problem: UserFixableError | None = None
        self.changed: Listeners[None] = Listeners()

    def start(self) -> None:
        """Look now and then, until `stop`."""
        self._pool = threading.Thread(target=self._keep_up, name="backups", daemon=True)
        self._pool.start()

    def stop(self) -> None:
        """Give up a copy under way."""
        self._cancel.cancel()
        if self._pool is not None:
            self._pool.join()

    def copies(self) -> Sequence[CatalogCopy]:
        """Newest first."""
        return self._copies.list()

    def back_up_now(self) -> CatalogCopy:
        """Make a copy, whatever the day. Raises `DiskFull`, `CatalogDamaged`, `Cancelled`."""
        with self._lock:
            try:
                copy = self._copies.make(self._cancel)
            except CatalogDamaged as error:
                self._copies.suspect()
                self._damage = error
                raise
            finally:
                self.changed.publish(None)
        self._problem = None
        log.info("The catalog was copied to %s", copy.path.name)
        self.changed.publish(None)
        return copy

    def back_up_if_due(self) -> None:
        """Make a copy where a day has passed since the last; what stands in the way is said, nothing else is disturbed."""
        try:
            if is_due(self._copies.list(), self._now()) and self._is_worth_it():
                self.back_up_now()
        except Cancelled:
            return
        except UserFixableError as error:
            log.warning("No copy of the catalog was made: %s", error)
            self._problem = error
            self.changed.publish(None)
        except Exception:
            # A bug here must not end what the copy was for.
            log.exception("No copy of the catalog was made")

    def request_restore(self, path: Path) -> None:
        """Have the next start put this copy in the catalog's place. Raises `UserFixableError` where it is damaged."""
        copy = next((copy for copy in self._copies.list() if copy.path == path), None)
        if copy is None:
            raise UserFixableError("That copy is no longer there.", hint="Choose another.")
        self._copies.request_restore(copy)

    @property
    def notice(self) -> str:
        """What the person should read and dismiss; empty when there is nothing."""
        if self._damage is not None:
            return f"{self._damage} {self._damage.hint}"
        return self._restoration.told if self._restoration is not None else ""

    @property
    def problem(self) -> UserFixableError | None:
        """Why the last copy could not be made."""
        return self._problem

    def dismiss_notice(self) -> None:
        """It was read."""
        self._damage = None
        if self._restoration is not None:
            self._restoration = None
            with suppress(OSError):
                self._forget_restoration()
        self.changed.publish(None)

    def _keep_up(self) -> None:
        if self._cancel.wait(_FIRST_LOOK_S):
            return
        if self._ended_suddenly:
            self._look_over()
        while True:
            self.back_up_if_due()
            if self._cancel.wait(_LOOK_EVERY_S):
                return

    def _look_over(self) -> None:
        if self._copies.is_sound():
            return
        self._copies.suspect()
        self._damage = CatalogDamaged(
            "The catalog has damaged pages.",
            hint="Close Reading Room and open it again: it is put right from its newest good copy.",
        )
        log.warning("%s", self._damage)
        self.changed.publish(None)
