"""Limits on guessing passwords: by name and address, and at one account over all addresses."""

import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Callable

from thapcanh.alerts.accounts import users
from thapcanh.alerts.accounts.users import GUESSED, SECOND_STEP, GuessedAccount, last_guessed
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.web_api.errors import ApiError
from thapcanh.ingest.clock import Clock

TRIES = 5
WINDOW_S = 15 * 60.0
_MOST_PAIRS = 10_000

Pair = tuple[str, str]
Recall = Callable[[Pair, float], tuple[float, ...]]  # failures after a moment, oldest first


def wait_s(failed_at: tuple[float, ...], now: float, tries: int = TRIES) -> float:
    """Return how long a pair must wait: until fewer than `tries` failures lie in the window."""
    recent = [at for at in failed_at if now - at < WINDOW_S]
    if len(recent) < tries:
        return 0.0
    return recent[-tries] + WINDOW_S - now


class Lockout:
    """Failures by pair of user name and address. Thread-safe.

    A try counts before the check and is taken back if right, so that parallel tries cannot evade
    the limit.
    """

    def __init__(self, recall: Recall, tries: int = TRIES) -> None:
        self._recall = recall
        self._tries = tries
        self._lock = threading.Lock()
        self._failed: OrderedDict[Pair, tuple[float, ...]] = OrderedDict()

    def begin(self, pair: Pair, now: float) -> float:
        """Count a try and return 0, or return the seconds that this pair must wait."""
        recalled = self._recall(pair, now - WINDOW_S) if pair not in self._failed else ()
        with self._lock:
            failed_at = self._failed.pop(pair, recalled)
            wait = wait_s(failed_at, now, self._tries)
            if not wait:
                failed_at = (*failed_at, now)[-self._tries :]
            self._failed[pair] = failed_at
            if len(self._failed) > _MOST_PAIRS:
                self._failed.popitem(last=False)
            return wait

    def unjudged(self, pair: Pair) -> None:
        """Take back the last try, which could not be checked."""
        with self._lock:
            if pair in self._failed:
                self._failed[pair] = self._failed[pair][:-1]

    def succeeded(self, pair: Pair) -> None:
        """Forget the failures of a pair that knew the password."""
        with self._lock:
            self._failed.pop(pair, None)


def minutes(wait: float) -> int:
    """Return whole minutes, at least 1."""
    return max(1, math.ceil(wait / 60))


log = logging.getLogger(__name__)

WRONG_CODES = 10  # of an account in 15 min; three of a million are right at any time
WRONG_PASSWORDS = 30
SHOWN_FOR_S = 7 * 86_400.0
"""For how long the owner is told of them: whoever else came in hides them from nobody."""
_BY = "system"


class AccountGuesses:
    """Counts wrong answers by account."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock
        self._codes = self._lockout(SECOND_STEP, WRONG_CODES)
        self._passwords = self._lockout(None, WRONG_PASSWORDS)
        self._lock = threading.Lock()
        self._written: dict[tuple[str, str], float] = {}

    def begin_password(self, username: str, address: str) -> None:
        """Count a password that is shown from an address. Raises `ApiError`."""
        wait = self._passwords.begin((username, ""), self._clock.utc())
        if wait and not self._is_registered(username, address):
            self._refuse(username, "password", wait)

    def begin_code(self, username: str) -> None:
        """Count a code that is shown. Raises `ApiError`."""
        wait = self._codes.begin((username, SECOND_STEP), self._clock.utc())
        if wait:
            self._refuse(username, SECOND_STEP, wait)

    def unjudged_password(self, username: str) -> None:
        """Take back a try whose password could not be checked."""
        self._passwords.unjudged((username, ""))

    def checked_code(self, username: str, *, right: bool) -> None:
        """Write a code's verdict down, for the time after a restart and for other centres."""
        if right:
            self._codes.succeeded((username, SECOND_STEP))
        try:
            self._archive.note_login(username, SECOND_STEP, self._clock.utc(), succeeded=right)
        except ArchiveError as error:
            log.warning("a code of %r is not noted: %s", username, error)

    def succeeded(self, username: str) -> None:
        """Reset the wrong passwords after a login."""
        self._passwords.succeeded((username, ""))

    def told(self, username: str) -> GuessedAccount | None:
        """Return the last guesses to show to the account's owner, or None."""
        since = self._clock.utc() - SHOWN_FOR_S
        try:
            with self._archive.database.reading() as connection:
                return last_guessed(connection, username, since)
        except ArchiveError as error:
            log.warning("whether %r was guessed at is not known: %s", username, error)
            return None

    def _lockout(self, client: str | None, tries: int) -> Lockout:
        return Lockout(
            lambda pair, since: self._archive.failed_logins(
                pair[0], client, since=since, limit=tries
            ),
            tries,
        )

    def _is_registered(self, username: str, address: str) -> bool:
        with self._archive.database.reading() as connection:
            return users.has_logged_in(connection, username, address)

    def _refuse(self, username: str, what: str, wait: float) -> None:
        """Refuse, and log it once per blocking period."""
        log.warning("the account %r waits: too many wrong answers (%s)", username, what)
        now = self._clock.utc()
        with self._lock:
            is_new = now - self._written.get((username, what), float("-inf")) >= WINDOW_S
            if is_new:
                self._written[username, what] = now
        if is_new and self._archive.user(username) is not None:
            entry = AuditEntry(
                at=now, actor=_BY, role=_BY, action=GUESSED, object_id=username,
                details={"what": what},
            )  # fmt: skip
            try:
                note_in_log(self._archive.database, entry)
            except ArchiveError as error:
                log.warning("guesses at %r are not in the log: %s", username, error)
        raise ApiError(
            429, "account_waits",
            headers={"Retry-After": str(int(wait) + 1)}, minutes=minutes(wait),
        )  # fmt: skip
