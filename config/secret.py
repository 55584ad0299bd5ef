"""Addresses with secrets that print as `<secret>`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from thapcanh.config.credentials import CameraCredentials, CredentialError
from thapcanh.config.files import read_regular

MASK = "<secret>"
_MOST_BYTES = 64 << 10  # of a file that holds one secret
_REFERENCE = re.compile(r"\$\{(env|file|credential):([^}]+)\}")
_LOGIN = re.compile(
    r"^([\w+.-]++:/{2,3}[^:/@]*+|[\w+.-]*+:?/{0,3}[^:/@]*+(?=:(?!//))):.*@", re.DOTALL
)
"""A login as people write it, up to the last `@`: where slashes are forgotten, or `/`, `?` or `#`
stands in the password, the rules of URLs see none."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]|%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
_IN_PATH = re.compile(
    r"((?:^|[/&_;])(?:pass|passwd|password|pwd)=)"
    r"(?!(?:[&_;](?:channel|stream|user)=|$)).+?(?=[&_;](?:channel|stream|user)=|$)",
    re.IGNORECASE | re.DOTALL,
)
"""A login in the path, as cameras of XM and its brands have it: up to the next name that they use,
so that no part of a password is taken for one."""
_LOOKS_SECRET = re.compile(r"pass|pwd|token|secret|key|auth", re.IGNORECASE)


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
    head, mark, tail = _LOGIN.sub(rf"\1:{MASK}@", url).partition("?")
    query, hash_sign, fragment = tail.partition("#")
    head = _IN_PATH.sub(rf"\1{MASK}", head)
    return f"{head}{mark}{_mask_query(query)}{hash_sign}{fragment}"


def resolve_references(
    text: str,
    environ: Mapping[str, str] | None = None,
    *,
    in_url: bool = False,
    credentials: CameraCredentials | None = None,
) -> str:
    """Replace `${env:NAME}` and `${file:PATH}`.

    With `in_url` values are percent-encoded and `${credential:NAME}` becomes `user:password`. Raise
    `LookupError` naming the missing variable or file, never a value.
    """
    variables = os.environ if environ is None else environ

    def replacement(match: re.Match[str]) -> str:
        if match[1] == "credential":
            return _login(match[2].strip(), credentials if in_url else None)
        value = _look_up(match[1], match[2].strip(), variables)
        return quote(value, safe="") if in_url else value

    return _REFERENCE.sub(replacement, text)


def _login(name: str, credentials: CameraCredentials | None) -> str:
    if credentials is None:
        raise LookupError("secret: ${credential:…} stands in a camera's address only, before @")
    try:
        return credentials.get(name).in_url()
    except CredentialError as error:
        raise LookupError(f"secret: {error}") from None


def _look_up(kind: str, name: str, environ: Mapping[str, str]) -> str:
    if kind == "env":
        if name not in environ:
            raise LookupError(f"secret: the environment variable {name} is not set")
        return environ[name]
    try:
        return read_regular(Path(name), _MOST_BYTES).decode("utf-8").strip()
    except (OSError, ValueError) as error:  # a name with a NUL in it is a ValueError
        reason = error.strerror if isinstance(error, OSError) else "not a text file"
        raise LookupError(f"secret: the file {name} cannot be read: {reason}") from None


def _mask_query(query: str) -> str:
    def masked(pair: str) -> str:
        name, equals, _ = pair.partition("=")
        return f"{name}={MASK}" if equals and _LOOKS_SECRET.search(name) else pair

    return "&".join(masked(pair) for pair in query.split("&"))
