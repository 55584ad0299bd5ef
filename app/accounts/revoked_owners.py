"""Periodic task that expires what accounts of an OIDC provider opened after a long absence.

Walls and tokens of an account without a login for `[oidc] absent_days` are disabled until its next
login.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from thapcanh.alerts.accounts.external_accounts import ExternalAccounts
from thapcanh.alerts.accounts.users import SUCCESSES_RETAINED_S
from thapcanh.alerts.accounts.viewers import last_logins, who_sees
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask
from thapcanh.app.web_api.access.oidc_client import PREFIX
from thapcanh.config.site import Site

log = logging.getLogger(__name__)
ABSENT = HealthProblem(rule_id="maker_absent", kind=SystemKind.MAKER_ABSENT, priority=3)
NOTIFIED = "maker_absent_told"
NOTICE_S = 7 * 86_400.0
EVERY_S = 600.0
_NOTICE_COUNTS_S = 2 * NOTICE_S  # told of an absence that may have ended unseen: told again


@dataclass(frozen=True, slots=True, kw_only=True)
class _Absence:
    username: str
    seen_at: float | None  # None: not within the time that logins are kept


class RevokedOwners:
    """Expiry of walls and tokens of absent accounts, one per centre.

    `run` and `findings` may be called on different threads.
    """

    def __init__(
        self,
        archive: Archive,
        site: Callable[[], Site],
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._archive = archive
        self._accounts = ExternalAccounts(archive.database)
        self._site = site
        self._utc = utc
        self._ends: dict[str, float | None] | None = None  # of one: it is over; of all: not known

    def run(self) -> None:
        """Notify administrators of absent accounts; expire what notified accounts opened."""
        now = self._utc()
        ends: dict[str, float | None] = dict.fromkeys(self._ends or ())
        for item in self._absent(now):
            ends_at = self._ends_at(item, self._reported_at(item, now) or self._report(item, now))
            if now < ends_at:
                ends[item.username] = ends_at
            else:
                self._accounts.end_rights(item.username, now)
        self._ends = ends

    def findings(self, now: float) -> list[HealthCheck]:
        """Return a finding for each account whose walls and tokens expire soon or have expired.

        Notifications of an earlier centre are loaded before the first `run`; otherwise the alert
        would clear at each start and be raised again later.
        """
        if self._ends is None:
            with suppress(ArchiveError):
                self._ends = self._registered(now)
        ends = self._ends or {}
        return [
            HealthCheck(
                trouble=ABSENT,
                subject=name,
                verdict=HealthVerdict.FINE if ends_at is None else HealthVerdict.FAULT,
                reason="logged in, or is over" if ends_at is None else _stated(ends_at - now),
            )
            for name, ends_at in sorted(ends.items())
        ]

    @property
    def _absent_s(self) -> float:
        return self._site().oidc.absent_days * 86_400.0

    def _ends_at(self, item: _Absence, notified_at: float) -> float:
        """Return when walls and tokens expire: never sooner than administrators were notified."""
        return max((item.seen_at or 0.0) + self._absent_s, notified_at + NOTICE_S)

    def _registered(self, now: float) -> dict[str, float | None]:
        notified = [(item, self._reported_at(item, now)) for item in self._absent(now)]
        ends = {item.username: self._ends_at(item, at) for item, at in notified if at is not None}
        return {name: ends_at for name, ends_at in ends.items() if now < ends_at}

    def _absent(self, now: float) -> list[_Absence]:
        absent_s = self._absent_s - NOTICE_S
        with self._archive.database.reading() as connection:
            names = who_sees(connection, PREFIX, now)
            logins = last_logins(connection, names)
        found = [_Absence(username=name, seen_at=logins.get(name)) for name in names]
        return [
            item
            for item in found
            if now - (item.seen_at or now - SUCCESSES_RETAINED_S) >= absent_s and self._sees(item)
        ]

    def _sees(self, item: _Absence) -> bool:
        account = self._archive.user(item.username)
        return account is not None and account.may_come_in

    def _reported_at(self, item: _Absence, now: float) -> float | None:
        since = item.seen_at or 0.0
        notified = [
            line.at
            for line in self._archive.log_of(item.username)
            if line.action == NOTIFIED and line.at >= max(since, now - _NOTICE_COUNTS_S)
        ]
        return notified[0] if notified else None

    def _report(self, item: _Absence, now: float) -> float:
        line = AuditEntry(at=now, action=NOTIFIED, object_id=item.username, details={})
        with self._archive.database.writing() as connection:
            add_log(connection, line)
        log.warning("%s did not log in for long: its walls and tokens will end", item.username)
        return now

    def built(self) -> BuiltFeature:
        """Return the periodic task of the leading centre."""
        return BuiltFeature(
            rounds=(CentreTask(name="absent makers", every_s=EVERY_S, run=self.run),)
        )


def _stated(left_s: float) -> str:
    return f"its walls and tokens end in {max(1, round(left_s / 86_400))} days unless it logs in"
