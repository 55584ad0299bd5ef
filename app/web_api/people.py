"""Names of people by account, as alerts show them. Thread-safe.

Read once a minute, and sooner when a name is met that was not there; never more often than the
archive can bear.
"""

import threading
from collections.abc import Callable, Mapping, Sequence

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.store.roles import SYSTEM
from thapcanh.app.web_api.schemas import PersonResponse
from thapcanh.ingest.clock import Clock

_CACHED_S = 60.0
_CACHED_AT_LEAST_S = 2.0


class People:
    """Turns usernames into persons; an unknown account is shown by its username."""

    def __init__(self, read: Callable[[], Sequence[User]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._names: Mapping[str, str] = {}
        self._read_at = float("-inf")

    def person(self, username: str | None) -> PersonResponse | None:
        """Return the person of an account, or None."""
        if username is None:
            return None
        with self._lock:
            is_met_first = username not in self._names and username != SYSTEM
            self._refresh(_CACHED_AT_LEAST_S if is_met_first else _CACHED_S)
            return PersonResponse(username=username, name=self._names.get(username, username))

    def name(self, username: str) -> str:
        """Return an account's display name."""
        person = self.person(username)
        return username if person is None else person.name

    def _refresh(self, max_age_s: float) -> None:
        now = self._clock.monotonic()
        if now - self._read_at >= max_age_s:
            self._names = {user.username: user.name for user in self._read()}
            self._read_at = now
