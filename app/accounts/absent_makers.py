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
from thapcanh.alerts.accounts.users import SUCCESSES_KEPT_S
from thapcanh.alerts.accounts.who_sees import last_logins, who_sees
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.process.by_clock import BuiltFeature, CentreRound
from thapcanh.app.web_api.access.oidc_client import PREFIX
from thapcanh.config.site import Site

log = logging.getLogger(__name__)
ABSENT = HealthProblem(rule_id="maker_absent", kind=SystemKind.MAKER_ABSENT, priority=3)
TOLD = "maker_absent_told"
TOLD_BEFORE_S = 7 * 86_400.0
EVERY_S = 600.0
_TOLD_COUNTS_S = 2 * TOLD_BEFORE_S  # told of an absence that may have ended unseen: told again


@dataclass(frozen=True, slots=True, kw_only=True)
class _Absence:
    username: str
    seen_at: float | None  # None: not within the time that logins are kept


class AbsentMakers:
    """Expiry of walls and tokens of absent accounts, one per centre.

    `run` and `signs` may be called on different threads.
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
        for one in self._absent(now):
            ends_at = self._ends_at(one, self._told_at(one, now) or self._tell(one, now))
            if now < ends_at:
                ends[one.username] = ends_at
            else:
                self._accounts.end_rights(one.username, now)
        self._ends = ends

    def signs(self, now: float) -> list[HealthCheck]:
        """Return a finding for each account whose walls and tokens expire soon or have expired.

        Notifications of an earlier centre are loaded before the first `run`; otherwise the alert
        would clear at each start and be raised again later.
        """
        if self._ends is None:
            with suppress(ArchiveError):
                self._ends = self._known(now)
        ends = self._ends or {}
        return [
            HealthCheck(
                trouble=ABSENT,
                subject=name,
                verdict=HealthVerdict.FINE if ends_at is None else HealthVerdict.FAULT,
                reason="logged in, or is over" if ends_at is None else _said(ends_at - now),
            )
            for name, ends_at in sorted(ends.items())
        ]

    @property
    def _absent_s(self) -> float:
        return self._site().oidc.absent_days * 86_400.0

    def _ends_at(self, one: _Absence, told_at: float) -> float:
        """Return when walls and tokens expire: never sooner than administrators were notified."""
        return max((one.seen_at or 0.0) + self._absent_s, told_at + TOLD_BEFORE_S)

    def _known(self, now: float) -> dict[str, float | None]:
        told = [(one, self._told_at(one, now)) for one in self._absent(now)]
        ends = {one.username: self._ends_at(one, at) for one, at in told if at is not None}
        return {name: ends_at for name, ends_at in ends.items() if now < ends_at}

    def _absent(self, now: float) -> list[_Absence]:
        absent_s = self._absent_s - TOLD_BEFORE_S
        with self._archive.database.reading() as connection:
            names = who_sees(connection, PREFIX, now)
            seen = last_logins(connection, names)
        found = [_Absence(username=name, seen_at=seen.get(name)) for name in names]
        return [
            one
            for one in found
            if now - (one.seen_at or now - SUCCESSES_KEPT_S) >= absent_s and self._sees(one)
        ]

    def _sees(self, one: _Absence) -> bool:
        account = self._archive.user(one.username)
        return account is not None and account.may_come_in

    def _told_at(self, one: _Absence, now: float) -> float | None:
        since = one.seen_at or 0.0
        told = [
            line.at
            for line in self._archive.log_of(one.username)
            if line.action == TOLD and line.at >= max(since, now - _TOLD_COUNTS_S)
        ]
        return told[0] if told else None

    def _tell(self, one: _Absence, now: float) -> float:
        line = AuditEntry(at=now, action=TOLD, object_id=one.username, details={})
        with self._archive.database.writing() as connection:
            add_log(connection, line)
        log.warning("%s did not log in for long: its walls and tokens will end", one.username)
        return now

    def built(self) -> BuiltFeature:
        """Return the periodic task of the leading centre."""
        return BuiltFeature(
            rounds=(CentreRound(name="absent makers", every_s=EVERY_S, run=self.run),)
        )


def _said(left_s: float) -> str:
    return f"its walls and tokens end in {max(1, round(left_s / 86_400))} days unless it logs in"
