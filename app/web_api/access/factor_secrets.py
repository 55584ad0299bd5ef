"""Encryption of code generators' secrets in the archive; the key is kept outside.

A stored secret is `f1:` and a Fernet token (AES-128-CBC with HMAC-SHA256) of the secret and its
owner, so it is useless for another account. Without the key no code is valid and no generator can
be added; passwords and authenticators do not need it.
"""

import hashlib
import hmac
import json
import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from thapcanh.alerts.accounts.second_factors import TOTP, SecondFactorRepository, StoredFactor
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.web_api.errors import ApiError
from thapcanh.config.files import create_file, read_regular

log = logging.getLogger(__name__)

_FORM = "f1:"
_MOST_KEY_BYTES = 4096


class FactorSecrets:
    """Encrypts and decrypts; `key` is a Fernet key, None where it cannot be had. Thread-safe."""

    def __init__(self, key: bytes | None) -> None:
        self._key = key

    def sealed(self, factor: StoredFactor) -> StoredFactor:
        """Return the factor as stored. Raises `ApiError` (503) without a key."""
        from cryptography.fernet import Fernet

        if factor.kind != TOTP:
            return factor
        if self._key is None:
            log.error("no code generator can be added: the key of second factors is missing")
            raise ApiError(503, "busy", headers={"Retry-After": "60"})
        content = {"id": factor.id, "username": factor.username, "secret": factor.secret}
        token = Fernet(self._key).encrypt(json.dumps(content).encode())
        return replace(factor, secret=_FORM + token.decode())

    def opened(self, factor: StoredFactor) -> str:
        """Return the generator's secret; empty if unreadable, so that no code is valid."""
        from cryptography.fernet import Fernet, InvalidToken

        if self._key is None or not factor.secret.startswith(_FORM):
            log.error("a code of %s cannot be checked: no key, or not encrypted", factor.username)
            return ""
        try:
            content = json.loads(Fernet(self._key).decrypt(factor.secret[len(_FORM) :].encode()))
        except InvalidToken:
            log.error("a code of %s cannot be checked: made with another key", factor.username)
            return ""
        if (content["id"], content["username"]) != (factor.id, factor.username):
            log.error("the second factor of %s is that of another account", factor.username)
            return ""
        return str(content["secret"])

    def pseudonym(self, name: str) -> str | None:
        """Return a keyed hash of a name, or None without a key."""
        if self._key is None:
            log.error("a sender cannot be followed: the key of second factors is missing")
            return None
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()

    def seal_plain(self, repository: SecondFactorRepository) -> int:
        """Encrypt what an earlier version stored in clear; return how many they were."""
        if self._key is None:
            return 0
        plain = [item for item in repository.of_kind(TOTP) if not item.secret.startswith(_FORM)]
        for factor in plain:
            repository.replace_secret(factor, self.sealed(factor).secret)
        return len(plain)


def factor_secrets(path: Path) -> FactorSecrets:
    """Return the secrets with this file's key, generated if missing. Never raises."""
    from cryptography.fernet import Fernet

    try:
        with suppress(FileExistsError):
            create_file(path, Fernet.generate_key(), private=True)
        key = read_regular(path, _MOST_KEY_BYTES).strip()
        Fernet(key)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a key"
        log.error("%s: %s; no code of a second factor is right until it is there", path, why)
        return FactorSecrets(None)
    return FactorSecrets(key)


def stored_secrets(path: Path, database: Database) -> FactorSecrets:
    """Return the secrets, after encrypting stored plain ones."""
    found = factor_secrets(path)
    try:
        count = found.seal_plain(SecondFactorRepository(database))
    except ArchiveError as error:  # a full disk: at the next start
        log.error("secrets of second factors stay in clear: %s", error)
    else:
        if count:
            log.info("%d secrets of second factors are encrypted now", count)
    return found
