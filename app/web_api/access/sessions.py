"""Sessions in force: in the archive, and in memory while it cannot be written.

A full disk must not keep an officer out. Such a session ends with this server, its account, or the
password or subject that opened it. Thread-safe.
"""

import logging
import threading
from collections import OrderedDict
from dataclasses import replace

from thapcanh.alerts.accounts.account_records import LoginSession
from thapcanh.alerts.accounts.account_rules import is_of_another
from thapcanh.alerts.accounts.users import find_user, sessions_in_force, with_owner
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.errors import ArchiveError, ArchiveUnreachable
from thapcanh.app.web_api.middleware.fair_places import owner_of
from thapcanh.app.web_api.middleware.verified_sessions import MOST_KEYS, VerifiedSessions

log = logging.getLogger(__name__)

_MOST_UNWRITTEN = 1000  # officers and their attempts while a disk is full; the oldest goes


class Sessions:
    """Opens, finds and ends sessions by their keys."""

    def __init__(self, archive: Archive, verified: VerifiedSessions) -> None:
        """Create the sessions; `verified` is updated at once, so that their requests never wait."""
        self._archive = archive
        self._registered = verified
        self._lock = threading.Lock()
        self._unwritten: OrderedDict[str, LoginSession] = OrderedDict()

    def load(self, now: float) -> None:
        """Load the sessions that are in force when this centre starts."""
        try:
            with self._archive.database.reading() as connection:
                found = sessions_in_force(connection, now, MOST_KEYS)
        except ArchiveError as error:
            log.warning("sessions in force are known from their next request on: %s", error)
            return
        for key, account in found:
            self._registered.note(key, owner_of(account, key))

    def open(self, key: str, session: LoginSession) -> None:
        """Put a session in force."""
        try:
            self._archive.add_session(
                key,
                session.user.username,
                csrf=session.csrf,
                now=session.created_at,
                expires_at=session.expires_at,
            )
        except ArchiveUnreachable as error:
            log.warning("%s is logged in until this server ends: %s", session.user.username, error)
            with self._lock:
                self._unwritten[key] = session
                if len(self._unwritten) > _MOST_UNWRITTEN:
                    self._unwritten.popitem(last=False)
        self._registered.note(key, owner_of(session.user, key))

    def find(self, key: str, now: float) -> LoginSession | None:
        """Return the session if it is in force and its account enabled, else None."""
        written = self._archive.session(key, now)
        if written is not None:
            return written
        with self._lock:
            unwritten = self._unwritten.get(key)
        if unwritten is None or unwritten.expires_at <= now:
            return None
        with self._archive.database.reading() as connection:
            account = find_user(connection, unwritten.user.username)
            user = None if account is None else with_owner(connection, account)
        if user is None or is_of_another(unwritten.user, user):
            return None
        return replace(unwritten, user=user)

    def end(self, key: str) -> None:
        """End a session; ending it twice is fine."""
        with self._lock:
            was_unwritten = self._unwritten.pop(key, None) is not None
        if not was_unwritten:
            self._archive.end_session(key)
