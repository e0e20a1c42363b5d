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
        """Those of the keyring, once they were looked up."""
        self._refused = False
        self.entered: Listeners[Sequence[DocumentId]] = Listeners()
        """Tells of documents for which a password was given: they are to be read again."""

    def known(self) -> Sequence[str]:
        """All that are to be tried on an encrypted file, the newest first."""
        with self._lock:
            # Some systems ask the person before they open a keyring: not for those who keep nothing there.
            kept = self._at_hand() if self._preferences.settings.passwords_in_keyring else []
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
                if remember:
                    self._remember(password)
        finally:
            self.entered.publish(document_ids)

    def forget_all(self) -> None:
        """Drop every password, also from the keyring. Raises `UserFixableError` where that cannot be done."""
        with self._lock:
            if self._preferences.settings.passwords_in_keyring:
                self._store.save(_NAME, None)
                self._preferences.update(passwords_in_keyring=False)
            self._entered, self._kept = [], []

    def _remember(self, password: str) -> None:
        # What is there must be read before it is written anew, or it is lost.
        kept = self._loaded()
        if password not in kept:
            self._store.save(_NAME, json.dumps([*kept, password]))
            self._kept = [*kept, password]
        self._preferences.update(passwords_in_keyring=True)

    def _at_hand(self) -> list[str]:
        """Those of the keyring, none where it could not be opened: it is asked once a run, as it may ask the person."""
        if self._refused:
            return []
        try:
            return self._loaded()
        except UserFixableError as error:
            log.info("No passwords from the keyring: %s", error)
            self._refused = True
            return []

    def _loaded(self) -> list[str]:
        """Those of the keyring, looked up once. Raises `UserFixableError` where it cannot be opened."""
        if self._kept is None:
            try:
                kept = json.loads(self._store.load(_NAME) or "[]")
            except ValueError:
                log.warning("What the keyring holds for Reading Room is not a list of passwords")
                kept = []
            self._kept = [entry for entry in kept if isinstance(entry, str)] if isinstance(kept, list) else []
        return self._kept
