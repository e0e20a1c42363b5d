"""The system's keyring (macOS Keychain, Windows Credential Locker, Secret Service, KWallet), through `keyring`."""

from readingroom.core.errors import UserFixableError

_SERVICE = "Reading Room"
_NO_KEYRING = "This system offers no keyring to keep passwords in."
_HINT = "They are used until Reading Room is closed, and asked for again then."


class SystemKeyring:
    """Implements `services.passwords.SecretStore`."""

    def load(self, name: str) -> str | None:
        """What is kept under that name, or None. Raises `UserFixableError`."""
        # Loaded when it is needed: it looks for its backends when it is imported.
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(_SERVICE, name)
        except (KeyringError, OSError, RuntimeError) as error:
            raise UserFixableError(_NO_KEYRING, hint=_HINT) from error

    def save(self, name: str, secret: str | None) -> None:
        """Keep it, or with None forget it. Raises `UserFixableError`."""
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            if secret is not None:
                keyring.set_password(_SERVICE, name, secret)
                return
            keyring.delete_password(_SERVICE, name)
        except PasswordDeleteError:
            return  # there was none
        except (KeyringError, OSError, RuntimeError) as error:
            raise UserFixableError(_NO_KEYRING, hint=_HINT) from error
