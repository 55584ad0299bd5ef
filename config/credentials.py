"""Encrypted camera logins, stored beside the configuration and named by `${credential:NAME}`.

The key is never beside it: it comes from `THAPCANH_CREDENTIALS_KEY`, or from the file that
`THAPCANH_CREDENTIALS_KEY_FILE` names.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from thapcanh.config.files import read_regular, replace_file

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

CREDENTIALS_FILE = "credentials.json"
KEY_VARIABLE = "THAPCANH_CREDENTIALS_KEY"
KEY_FILE_VARIABLE = "THAPCANH_CREDENTIALS_KEY_FILE"
_FORM = "thapcanh.credentials.v1"
_MOST_BYTES = 8 << 20
_MOST_KEY_BYTES = 64 << 10
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class CredentialError(Exception):
    """Error for a login that cannot be stored or read; its message contains no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Login of one camera."""

    username: str
    password: str = field(repr=False)

    def in_url(self) -> str:
        """Return the user information of a URL, the part before `@`."""
        return f"{quote(self.username, safe='')}:{quote(self.password, safe='')}"


class CredentialKey:
    """Key of logins, from the environment; read at first use."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._fernet: Fernet | None = None

    def closed(self, text: str) -> str:
        """Encrypt a text. Raises `CredentialError` without a key."""
        return self._opener().encrypt(text.encode()).decode()

    def opened(self, token: str, what: str) -> str:
        """Decrypt what `closed` made. Raises `CredentialError`, which names `what`."""
        from cryptography.fernet import InvalidToken

        try:
            return self._opener().decrypt(token.encode()).decode()
        except InvalidToken:
            raise CredentialError(
                f"{what} was not made with this key; set it again, or give its own key"
            ) from None

    def _opener(self) -> "Fernet":
        from cryptography.fernet import Fernet

        if self._fernet is None:
            key = self._environ.get(KEY_VARIABLE) or self._key_of_file()
            try:
                self._fernet = Fernet(key.encode())
            except ValueError:
                raise CredentialError(
                    "the key of the credentials is not one; `thapcanh credential key` makes one"
                ) from None
        return self._fernet

    def _key_of_file(self) -> str:
        path = self._environ.get(KEY_FILE_VARIABLE)
        if not path:
            raise CredentialError(
                f"no key for the credentials: set {KEY_FILE_VARIABLE} or {KEY_VARIABLE}; "
                "`thapcanh credential key` makes one"
            )
        try:
            return read_regular(Path(path), _MOST_KEY_BYTES).decode("utf-8").strip()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "not a text file"
            raise CredentialError(f"the key of the credentials, {path}: {why}") from None


class CameraCredentials:
    """Credentials file beside a configuration; it is read at the first request for a login."""

    def __init__(
        self,
        config_path: Path,
        environ: Mapping[str, str],
        read: Callable[[Path, int], bytes] = read_regular,
    ) -> None:
        self._path = config_path.parent / CREDENTIALS_FILE
        self._read_file = read
        self._key = CredentialKey(environ)
        self._tokens: dict[str, str] | None = None

    def names(self) -> list[str]:
        """Return the names of all logins; this needs no key."""
        return sorted(self._read())

    def get(self, name: str) -> Credential:
        token = self._read().get(name)
        if token is None:
            raise CredentialError(self._missing(name))
        login = json.loads(self._key.opened(token, f"credential {name!r}"))
        if login["name"] != name:  # a token that was moved to another's name
            raise CredentialError(f"credential {name!r} is that of another name; set it again")
        return Credential(username=login["username"], password=login["password"])

    def set(self, name: str, login: Credential) -> None:
        """Store a login and replace an earlier one of this name."""
        if not _NAME.match(name):
            raise CredentialError(f"{name!r}: 1 to 64 letters, digits, dots, dashes or underscores")
        text = json.dumps({"name": name, "username": login.username, "password": login.password})
        self._write(self._read() | {name: self._key.closed(text)})

    def remove(self, name: str) -> None:
        tokens = dict(self._read())
        if tokens.pop(name, None) is None:
            raise CredentialError(self._missing(name))
        self._write(tokens)

    def _missing(self, name: str) -> str:
        return f"there is no credential {name!r} in {self._path}; `thapcanh credential list`"

    def _read(self) -> dict[str, str]:
        if self._tokens is None:
            self._tokens = self._parsed()
        return self._tokens

    def _parsed(self) -> dict[str, str]:
        try:
            content = json.loads(self._read_file(self._path, _MOST_BYTES))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise CredentialError(f"{self._path.name}: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise CredentialError(f"{self._path.name} is not JSON") from None
        tokens = content.get("credentials") if isinstance(content, dict) else None
        if not isinstance(tokens, dict) or not all(isinstance(one, str) for one in tokens.values()):
            raise CredentialError(f"{self._path.name} is not a file of credentials")
        return tokens

    def _write(self, tokens: dict[str, str]) -> None:
        """Write the file atomically, readable by its owner only."""
        text = json.dumps({"form": _FORM, "credentials": tokens}, indent=1, sort_keys=True) + "\n"
        try:
            replace_file(self._path, text, private=True)
        except OSError as error:
            raise CredentialError(f"{self._path}: {error.strerror}") from None
        self._tokens = tokens


def new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
