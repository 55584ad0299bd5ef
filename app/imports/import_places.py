"""Whose file is imported now: one of an account, a few of the site; the next one is told to wait.

Reading is done elsewhere; judging what a file says takes a thread and a core here, and officers
need both. Thread-safe.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.web_api.errors import ApiError

OF_SITE = 3
_AGAIN_AFTER_S = {"Retry-After": "5"}


class ImportPlaces:
    """The accounts whose files are in hand."""

    def __init__(self, of_site: int = OF_SITE) -> None:
        self._of_site = of_site
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()

    @contextmanager
    def taken(self, account: str) -> Iterator[None]:
        """A place while the block runs. Raises `ApiError` where there is none."""
        with self._lock:
            if account in self._in_hand:
                raise ApiError(429, "import_in_hand", headers=_AGAIN_AFTER_S)
            if len(self._in_hand) >= self._of_site:
                raise ApiError(503, "imports_in_hand", headers=_AGAIN_AFTER_S, most=self._of_site)
            self._in_hand.add(account)
        try:
            yield
        finally:
            with self._lock:
                self._in_hand.discard(account)
