"""Addresses with passwords in them, which never print: `str()` and `repr()` show `<secret>`.

A secret is written in the configuration as `${env:NAME}` or `${file:PATH}` (relative to the file
that names it), a camera's login as `${credential:NAME}`, and is resolved when the configuration is
loaded. `reveal()` is for the library that opens the connection, nothing else.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from thapcanh.config.credentials import CameraCredentials, CredentialError
from thapcanh.config.files import read_regular

MASK = "<secret>"
_MOST_BYTES = 64 << 10  # of a file that holds one secret
_REFERENCE = re.compile(r"\$\{(env|file|credential):([^}]+)\}")
_LOGIN = re.compile(
    r"^([\w+.-]++:/{2,3}[^:/@]*+|[\w+.-]*+:?/{0,3}[^:/@]*+(?=:(?!//))):(.*)@", re.DOTALL
)
"""A login as people write it, up to the last `@`: where slashes are forgotten, or `/`, `?` or `#`
stands in the password, the rules of URLs see none."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]|%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
_IN_PATH = re.compile(
    r"((?:^|[/&_;])(?:pass|passwd|password|pwd)=)"
    r"(?!(?:[&_;](?:channel|stream|user)=|$))(.+?)(?=[&_;](?:channel|stream|user)=|$)",
    re.IGNORECASE | re.DOTALL,
)
"""A login in the path, as cameras of XM and its brands have it: up to the next name that they use,
so that no part of a password is taken for one."""
_SECRET_NAME = re.compile(r"pass|pwd|token|secret|key|auth", re.IGNORECASE)


class SecretUrl:
    """A URL or path whose password and secret-looking query values are shown as `<secret>`."""

    __slots__ = ("_scheme", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        self._scheme: str | None = None

    def reveal(self) -> str:
        """Return the address with its password, for the library that connects."""
        return self._value

    @property
    def scheme(self) -> str:
        """The scheme in lower case; empty for a plain path."""
        if self._scheme is None:
            self._scheme = urlsplit(self._value).scheme.lower()
        return self._scheme

    def __str__(self) -> str:
        return mask_url(self._value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretUrl) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls._from_text,
            core_schema.union_schema([core_schema.is_instance_schema(cls), handler(str)]),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def _from_text(cls, value: "str | SecretUrl") -> "SecretUrl":
        url = value if isinstance(value, cls) else cls(str(value))
        if has_control_character(url.reveal()):
            raise ValueError("holds a line break or another control character, also as %0D or %0A")
        return url


def has_control_character(address: str) -> bool:
    """Return whether an address has a control character, which could break a protocol's line."""
    return _CONTROL.search(address) is not None


def mask_url(url: str) -> str:
    """Return `url` with the password and secret-looking query values replaced by `<secret>`."""
    return replace_secrets(_LOGIN.sub(rf"\1:{MASK}@", url), lambda _: MASK)


def replace_secrets(address: str, replacement: Callable[[str], str]) -> str:
    """Return an address without a login, with `replacement` of each secret in path and query."""
    head, mark, tail = address.partition("?")
    query, hash_sign, fragment = tail.partition("#")
    head = _IN_PATH.sub(lambda found: f"{found[1]}{replacement(found[2])}", head)
    return f"{head}{mark}{_replace_in_query(query, replacement)}{hash_sign}{fragment}"


def split_login(url: str) -> tuple[str, str, str]:
    """Return an address as people write it without its login, the user name and the password."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url, "", ""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        user, _, password = authority.rpartition("@")[0].partition(":")
        place = rest[authority.rindex("@") + 1 :]
    elif (found := _LOGIN.match(url)) and not _has_port(authority):
        user, password = found[1].rpartition("/")[2], found[2]
        place = url[found.end() :]
    else:
        return url, "", ""
    return f"{scheme}{mark}{place}", unquote(user), unquote(password)


def with_login(url: str, login: str) -> str:
    """Return an address without a login with one, as it stands in a URL."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{login}@{rest}"


def _has_port(authority: str) -> bool:
    return authority.rpartition(":")[2].isdigit()


def resolve_references(
    text: str,
    environ: Mapping[str, str] | None = None,
    *,
    in_url: bool = False,
    credentials: CameraCredentials | None = None,
    folder: Path = Path(),
) -> str:
    """Replace `${env:NAME}` and `${file:PATH}`; paths are relative to `folder`.

    With `in_url` values are percent-encoded and `${credential:NAME}` becomes `user:password`. Raise
    `LookupError` naming the missing variable or file, never a value.
    """
    variables = os.environ if environ is None else environ

    def replacement(match: re.Match[str]) -> str:
        if match[1] == "credential":
            return _login(match[2].strip(), credentials if in_url else None)
        value = _look_up(match[1], match[2].strip(), variables, folder)
        return quote(value, safe="") if in_url else value

    return _REFERENCE.sub(replacement, text)


def _login(name: str, credentials: CameraCredentials | None) -> str:
    if credentials is None:
        raise LookupError("secret: ${credential:…} stands in a camera's address only, before @")
    try:
        return credentials.get(name).in_url()
    except CredentialError as error:
        raise LookupError(f"secret: {error}") from None


def _look_up(kind: str, name: str, environ: Mapping[str, str], folder: Path) -> str:
    if kind == "env":
        if name not in environ:
            raise LookupError(f"secret: the environment variable {name} is not set")
        return environ[name]
    try:
        return read_regular(folder / name, _MOST_BYTES).decode("utf-8").strip()
    except (OSError, ValueError) as error:  # a name with a NUL in it is a ValueError
        reason = error.strerror if isinstance(error, OSError) else "not a text file"
        raise LookupError(f"secret: the file {folder / name} cannot be read: {reason}") from None


def _replace_in_query(query: str, replacement: Callable[[str], str]) -> str:
    def replaced(pair: str) -> str:
        name, equals, value = pair.partition("=")
        is_secret = equals and _SECRET_NAME.search(name)
        return f"{name}={replacement(value)}" if is_secret else pair

    return "&".join(replaced(pair) for pair in query.split("&"))
