"""Passwords of encrypted documents: asked for once, kept for this run, or in the system's keyring."""

import json
import logging
import threading
from collections.abc import Sequence
from typing import Protocol

from readingroom.core.errors import UserFixableError
from readingroom.core.ids import DocumentId
from readingroom.services.listeners import Listeners
from readingroom.services.preferences import PreferenceService

log = logging.getLogger(__name__)


class SecretStore(Protocol):
    """The system's keyring. Its methods may block while the system asks the person."""

    def load(self, name: str) -> str | None:
        """What is kept under that name. Raises `UserFixableError` where there is no keyring."""
        ...

    def save(self, name: str, secret: str | None) -> None:
        """Keep it, or forget it. Raises `UserFixableError` where there is no keyring."""
        ...


_NAME = "document passwords"


class PasswordService:
    """Safe for any thread. A password is never written to the catalog, a log or a file of ours."""

    def __init__(self, store: SecretStore, preferences: PreferenceService) -> None:
        self._store = store
        self._preferences = preferences
        self._lock = threading.Lock()
        self._entered: list[str] = []
        self._kept: list[str] | None = None
        self.entered: Listeners[Sequence[DocumentId]] = Listeners()
        """Tells of documents for which a password was given: they are to be read again."""

    def known(self) -> Sequence[str]:
        """All that are to be tried on an encrypted file, the newest first."""
        with self._lock:
            # Some systems ask the person before they open a keyring: not for those who keep nothing there.
            kept = self._loaded() if self._preferences.settings.passwords_in_keyring else []
            return tuple(dict.fromkeys((*reversed(self._entered), *reversed(kept))))

    def unlock(self, document_ids: Sequence[DocumentId], password: str, *, remember: bool = False) -> None:
        """Have documents read again with this password among those tried.

        `remember` keeps it in the system's keyring. Raises `UserFixableError` where that cannot be done; the
        documents are read all the same.
        """
        try:
            with self._lock:
                if password not in self._entered:
                    self._entered.append(password)
                if remember and password not in self._loaded():
                    kept = [*self._loaded(), password]
                    self._store.save(_NAME, json.dumps(kept))
                    self._kept = kept
                if remember:
                    self._preferences.update(passwords_in_keyring=True)
        finally:
            self.entered.publish(document_ids)

    def forget_all(self) -> None:
        """Drop every password, also from the keyring. Raises `UserFixableError` where there is no keyring."""
        with self._lock:
            self._entered = []
            had = bool(self._loaded())
            self._kept = []
            if had:
                self._store.save(_NAME, None)
            self._preferences.update(passwords_in_keyring=False)

    def _loaded(self) -> list[str]:
        """Those of the keyring, looked up once."""
        if self._kept is None:
            self._kept = []
            try:
                kept = json.loads(self._store.load(_NAME) or "[]")
            except UserFixableError as error:
                log.info("No passwords from the keyring: %s", error)
            except ValueError:
                log.warning("What the keyring holds for Reading Room is not a list of passwords")
            else:
                self._kept = (
                    [entry for entry in kept if isinstance(entry, str)] if isinstance(kept, list) else []
                )
        return self._kept
