"""Names of people by account, for whom an alert shows: read at most once a minute. Thread-safe."""

import threading
from collections.abc import Callable, Mapping, Sequence

from alerts.archive import User
from app.api.forms import Person
from ingest.clock import Clock

_KEEP_S = 60.0


class People:
    """Turns usernames into persons; an unknown account is shown by its username."""

    def __init__(self, read: Callable[[], Sequence[User]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._names: Mapping[str, str] = {}
        self._read_at = float("-inf")

    def person(self, username: str | None) -> Person | None:
        """The person of an account; nobody for no account."""
        if username is None:
            return None
        with self._lock:
            now = self._clock.monotonic()
            if now - self._read_at >= _KEEP_S:
                self._names = {user.username: user.name for user in self._read()}
                self._read_at = now
            return Person(username=username, name=self._names.get(username, username))

    def name(self, username: str) -> str:
        """The name to show for an account."""
        person = self.person(username)
        return username if person is None else person.name
