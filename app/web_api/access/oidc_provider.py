"""Discovery and keys of the OpenID provider, cached and protected by a circuit breaker.

Runs in threads. Thread-safe.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from thapcanh.ingest.address_guard import AS_WRITTEN, AddressGuard, AddressRefused
from thapcanh.ingest.guarded_http import guarded

KEPT_S = 3600.0
KEYS_AGAIN_S = 60.0
FAILURES = 2
REST_S = 30.0
TIMEOUT_S = 5.0  # to connect, and between two pieces
WHOLE_S = 8.0  # for a whole answer
_LONGEST_BYTES = 512 * 1024
_DISCOVERY_PATH = "/.well-known/openid-configuration"

Monotonic = Callable[[], float]


class OidcRefused(Exception):
    """Nobody is let in; the message is for the log and holds no secret."""


class ProviderDown(OidcRefused):
    """The provider does not answer, or did not just now."""


class CircuitBreaker:
    """Circuit breaker: open for `REST_S` after `FAILURES` in a row, then one trial call."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until = float("-inf")

    def is_open(self, now: float) -> bool:
        """Return True while calls are refused."""
        return now < self._open_until

    def failed(self, now: float) -> None:
        """Count a call that failed."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_until = now + REST_S

    def succeeded(self) -> None:
        """Close the breaker after an answer."""
        self._failures = 0
        self._open_until = float("-inf")


@dataclass(frozen=True, slots=True)
class _Stored:
    content: Mapping[str, Any]
    at: float


class OidcProvider:
    """One provider, identified by its issuer."""

    def __init__(
        self,
        issuer: str,
        guard: Callable[[], AddressGuard] = lambda: AS_WRITTEN,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._guard = guard
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._breaker = CircuitBreaker()
        self._stored: dict[str, _Stored] = {}

    def endpoint(self, name: str) -> str:
        """Return a URL from the provider's discovery. Raises `OidcRefused`."""
        facts = self._recalled(self._issuer.rstrip("/") + _DISCOVERY_PATH, KEPT_S)
        if facts.get("issuer") != self._issuer:
            raise OidcRefused("the provider calls itself by another name than [oidc] issuer")
        address = facts.get(name)
        if not isinstance(address, str):
            raise OidcRefused(f"the provider names no {name}")
        return address

    def keys(self, *, refresh: bool = False) -> KeySet:
        """Return the provider's keys; refreshed soon if a token's key `refresh`."""
        address = self.endpoint("jwks_uri")
        max_age_s = KEYS_AGAIN_S if refresh else KEPT_S
        try:
            return KeySet.import_key_set(dict(self._recalled(address, max_age_s)))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OidcRefused(f"the provider's keys are not: {type(error).__name__}") from None

    def call(self, work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Speak to the provider unless it is left alone. Raises `ProviderDown`."""
        with self._lock:
            if self._breaker.is_open(self._monotonic()):
                raise ProviderDown("the provider did not answer just now; it is left alone")
        try:
            answer = work()
        except AddressRefused as refused:
            raise OidcRefused(str(refused)) from None
        except (requests.ConnectionError, requests.Timeout, TimeoutError) as error:
            with self._lock:
                self._breaker.failed(self._monotonic())
            name = type(error).__name__
            raise ProviderDown(f"the provider does not answer: {name}") from None
        with self._lock:
            self._breaker.succeeded()
        return answer

    def _recalled(self, url: str, max_age_s: float) -> Mapping[str, Any]:
        with self._lock:
            cached = self._stored.get(url)
        if cached is not None and self._monotonic() - cached.at < max_age_s:
            return cached.content
        content = self.call(lambda: _got(url, self._guard()))
        with self._lock:
            self._stored[url] = _Stored(content, self._monotonic())
        return content


def _got(url: str, guard: AddressGuard) -> Mapping[str, Any]:
    """Return one response, bounded in time and size."""
    until = time.monotonic() + WHOLE_S
    try:
        with requests.Session() as session:
            guarded(session, guard)
            body = _read(session, url, until)
        found = json.loads(body)
    except (requests.HTTPError, ValueError, RecursionError) as error:
        raise OidcRefused(f"the provider answers something else: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise OidcRefused("the provider answers something else")
    return found


def _read(session: requests.Session, url: str, until: float) -> bytes:
    with session.get(url, timeout=TIMEOUT_S, allow_redirects=False, stream=True) as answer:
        answer.raise_for_status()
        body = bytearray()
        for piece in answer.iter_content(8192):
            body += piece
            if time.monotonic() > until:
                raise TimeoutError
            if len(body) > _LONGEST_BYTES:
                raise OidcRefused("the provider's answer is too long")
    return bytes(body)
