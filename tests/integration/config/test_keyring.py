"""Passwords of documents through the `keyring` library, on a keyring of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from readingroom.config.keyring import SystemKeyring
from readingroom.core.errors import UserFixableError
from readingroom.core.ids import DocumentId
from readingroom.services.passwords import PasswordService
from readingroom.services.preferences import PreferenceService
from readingroom.storage.catalog import SqliteCatalog


class MemoryKeyring(KeyringBackend):
    """Keeps secrets for the length of a test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.secrets.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before, ring = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def preferences(tmp_path: Path) -> Iterator[PreferenceService]:
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite", tmp_path / "backups")
    yield PreferenceService(catalog)
    catalog.close()


def test_a_password_is_asked_for_once_in_a_run(ring: MemoryKeyring, preferences: PreferenceService) -> None:
    passwords = PasswordService(SystemKeyring(), preferences)
    retried: list[DocumentId] = []
    passwords.entered.subscribe(retried.extend)
    passwords.unlock([DocumentId(3)], "open sesame")
    passwords.unlock([DocumentId(4)], "open sesame")
    assert passwords.known() == ("open sesame",)
    assert retried == [3, 4]
    assert ring.secrets == {}
    assert PasswordService(SystemKeyring(), preferences).known() == ()


def test_a_password_is_remembered_only_where_the_person_wants_it(
    ring: MemoryKeyring, preferences: PreferenceService
) -> None:
    passwords = PasswordService(SystemKeyring(), preferences)
    passwords.unlock([], "first", remember=True)
    passwords.unlock([], "second")
    passwords.unlock([], "third", remember=True)
    assert PasswordService(SystemKeyring(), preferences).known() == ("third", "first")
    passwords.forget_all()
    assert passwords.known() == ()
    assert ring.secrets == {}


def test_without_a_keyring_the_password_serves_until_the_end_of_the_run(
    preferences: PreferenceService,
) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    try:
        passwords = PasswordService(SystemKeyring(), preferences)
        retried: list[DocumentId] = []
        passwords.entered.subscribe(retried.extend)
        with pytest.raises(UserFixableError, match="no keyring"):
            passwords.unlock([DocumentId(3)], "open sesame", remember=True)
        assert passwords.known() == ("open sesame",)
        assert retried == [3]
    finally:
        keyring.set_keyring(before)


class Locked(MemoryKeyring):
    """Its person did not open it, until they do."""

    def __init__(self) -> None:
        super().__init__()
        self.open = False
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self._refuse()
        return super().get_password(service, username)

    def delete_password(self, service: str, username: str) -> None:
        self._refuse()
        super().delete_password(service, username)

    def _refuse(self) -> None:
        if not self.open:
            raise KeyringLocked("Dismissed.")


def test_what_a_locked_keyring_holds_is_neither_lost_nor_said_to_be_forgotten(
    preferences: PreferenceService,
) -> None:
    before, ring = keyring.get_keyring(), Locked()
    keyring.set_keyring(ring)
    try:
        ring.secrets["Reading Room", "document passwords"] = '["kept before"]'
        preferences.update(passwords_in_keyring=True)
        passwords = PasswordService(SystemKeyring(), preferences)
        assert passwords.known() == ()
        assert passwords.known() == ()
        assert ring.asked == 1, "the person said no"
        with pytest.raises(UserFixableError):
            passwords.unlock([], "another", remember=True)
        for _ in range(2):
            with pytest.raises(UserFixableError):
                passwords.forget_all()
        assert preferences.settings.passwords_in_keyring
        ring.open = True
        passwords.unlock([], "another", remember=True)
        assert ring.secrets["Reading Room", "document passwords"] == '["kept before", "another"]'
        passwords.forget_all()
        assert ring.secrets == {}
        assert not preferences.settings.passwords_in_keyring
    finally:
        keyring.set_keyring(before)


def test_the_keyring_is_left_alone_while_nothing_is_kept_there(
    ring: MemoryKeyring, preferences: PreferenceService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems ask the person to unlock it, which must not greet those who have no encrypted documents."""
    asked: list[str] = []
    monkeypatch.setattr(ring, "get_password", lambda _service, name: asked.append(name))
    passwords = PasswordService(SystemKeyring(), preferences)
    passwords.unlock([], "of this run")
    assert passwords.known() == ("of this run",)
    assert asked == []


def test_what_somebody_else_wrote_there_does_no_harm(
    ring: MemoryKeyring, preferences: PreferenceService
) -> None:
    preferences.update(passwords_in_keyring=True)
    for text in ("not a list", '{"a": 1}', "[1, null]"):
        ring.secrets["Reading Room", "document passwords"] = text
        assert PasswordService(SystemKeyring(), preferences).known() == ()
