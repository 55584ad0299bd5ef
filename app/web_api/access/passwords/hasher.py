"""The hash of passwords: Argon2id. Imports little: a process of its own starts with it."""

import secrets
import unicodedata
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class PasswordChecker(Protocol):
    """Password checker, here or in another process. Thread-safe."""

    def hashed(self, password: str) -> str: ...

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Return True for the right password; always False, equally slowly, without a hash."""
        ...

    def close(self) -> None:
        """Let go what is held."""
        ...


class Passwords:
    """Password hashing; an unknown account costs as much as a registered one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        # RFC 9106, low memory: 64 MiB, 3 passes; one lane, so that a flood takes no second core.
        self._hasher = hasher or PasswordHasher(parallelism=1)
        self._nobody: str | None = None

    def hashed(self, password: str) -> str:
        return self._hasher.hash(_normal(password))

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Return True for the right password; always False, equally slowly, without a hash."""
        if self._nobody is None:
            self._nobody = self.hashed(secrets.token_urlsafe())
        try:
            self._hasher.verify(password_hash or self._nobody, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    def close(self) -> None:
        """Do nothing: nothing is held."""


def _normal(password: str) -> str:
    """Normalise to NFKC: keyboards compose Vietnamese letters differently."""
    return unicodedata.normalize("NFKC", password)
