"""Keys of sessions and tokens that were valid: their requests have separate places.

This affects only scheduling; the archive verifies every request. Thread-safe.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

from thapcanh.app.web_api.middleware.fair_places import RequestOwner

MOST_KEYS = 10_000
COOKIE = "thapcanh_session"
_BEARER = "bearer "
_LONGEST = 4096
RawHeaders = Iterable[tuple[bytes, bytes]]


class VerifiedSessions:
    """The newest keys that were found in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: OrderedDict[str, RequestOwner] = OrderedDict()

    def note(self, key: str, owner: RequestOwner) -> None:
        """Remember a key that was found in force just now, and whose it is."""
        with self._lock:
            self._keys[key] = owner
            self._keys.move_to_end(key)
            if len(self._keys) > MOST_KEYS:
                self._keys.popitem(last=False)

    def forget(self, key: str) -> None:
        """Remove a key that is no longer valid."""
        with self._lock:
            self._keys.pop(key, None)

    def knows(self, headers: RawHeaders) -> bool:
        """Return True if a request has a key that was valid."""
        return self.owner(headers) is not None

    def owner(self, headers: RawHeaders) -> RequestOwner | None:
        """Whose key a request shows that was found in force; None where it shows none."""
        shown = session_token(headers)
        if shown is None:
            return None
        with self._lock:
            return self._keys.get(hashlib.sha256(shown.encode()).hexdigest())


def session_token(raw: RawHeaders) -> str | None:
    """Return the request's token, or None. An Authorization header has precedence."""
    headers = dict(raw)
    authorization = headers.get(b"authorization", b"").decode("latin-1")
    if authorization[: len(_BEARER)].lower() == _BEARER:
        return authorization[len(_BEARER) :].strip()
    cookies = headers.get(b"cookie", b"").decode("latin-1")
    if COOKIE not in cookies or len(cookies) > _LONGEST:
        return None
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return None
    return None if morsel is None else morsel.value
