"""Health checks of the backup and the screens' certificate."""

from collections.abc import Callable
from pathlib import Path

from cryptography import x509

from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.site.backup_record import BackupRecord, read_backups
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.config.files import read_regular
from thapcanh.config.rules import Priority
from thapcanh.config.site import Site

BACKUP_LATE = HealthProblem(rule_id="backup_late", kind=SystemKind.BACKUP_LATE, clear_after_s=0.0)
BACKUP_FAILED = HealthProblem(
    rule_id="backup_failed", kind=SystemKind.BACKUP_LATE, clear_after_s=0.0
)
CERTIFICATE_ENDING = HealthProblem(
    rule_id="certificate_ending", kind=SystemKind.CERTIFICATE_ENDING, raise_after_s=10.0
)
CERTIFICATE_ENDS_SOON = HealthProblem(
    rule_id="certificate_ends_soon", kind=SystemKind.CERTIFICATE_ENDING, priority=Priority.P1,
    raise_after_s=10.0,
)  # fmt: skip

BACKUP_PART, CERTIFICATE_PART = "backup", "certificate"
TIMER_STAMP = Path("/var/lib/systemd/timers/stamp-thapcanh-backup.timer")
BACKUP_LATE_S = 26 * 3600.0  # who makes one a day is two hours late; the timer makes four
ENDING_S, ENDS_SOON_S = 14 * 86_400.0, 3 * 86_400.0
LOOK_EVERY_S = 60.0
_MOST_BYTES = 1_000_000  # a chain of certificates


class SiteUpkeep:
    """Checks made at the centre's start; `findings` belongs to the health thread."""

    def __init__(
        self, site: Callable[[], Site], started_at: float, timer_stamp: Path = TIMER_STAMP
    ) -> None:
        self._site = site
        self._started_at = started_at
        self._timer_stamp = timer_stamp
        self._certificate_end = _end_of(site().centre.certificate)
        self._read_at = float("-inf")
        self._findings: list[HealthCheck] = []

    def findings(self, now: float) -> list[HealthCheck]:
        """Return the findings on backup and certificate."""
        if not 0 <= now - self._read_at < LOOK_EVERY_S:
            self._read_at = now
            self._findings = self._read(now)
        return self._findings

    def _read(self, now: float) -> list[HealthCheck]:
        record = read_backups(site_paths_of(self._site()).backup_record)
        if record is None and self._timer_stamp.exists():
            record = BackupRecord()
        end = self._certificate_end
        return [
            *([] if record is None else backup_findings(record, now, self._started_at)),
            *([] if end is None else certificate_findings(end, now)),
        ]


def backup_findings(record: BackupRecord, now: float, started_at: float) -> list[HealthCheck]:
    """Return findings on an old backup, and on a later failed one. Pure.

    Without any backup it is due from `started_at`, the centre's start.
    """
    since = started_at if record.made_at is None else record.made_at
    late = now - since > BACKUP_LATE_S
    reason = f"no backup was made for {(now - since) / 3600:.0f} hours" if late else "backup made"
    error = record.error
    failure = "backup made" if error is None else f"the last backup failed: {error}"
    return [
        _finding(BACKUP_LATE, BACKUP_PART, reason, fault=late),
        _finding(BACKUP_FAILED, BACKUP_PART, failure, fault=error is not None),
    ]


def certificate_findings(ends_at: float, now: float) -> list[HealthCheck]:
    """Pure: whether the certificate that browsers are shown is near its end."""
    left_s = ends_at - now
    return [
        _finding(trouble, CERTIFICATE_PART, _ending(left_s, limit_s), fault=left_s < limit_s)
        for trouble, limit_s in (
            (CERTIFICATE_ENDING, ENDING_S),
            (CERTIFICATE_ENDS_SOON, ENDS_SOON_S),
        )
    ]


def _end_of(certificate: Path | None) -> float | None:
    """Return when the certificate ends, in UTC seconds; None without one.

    The first certificate in the file is ours. An unreadable one stops the server itself.
    """
    if certificate is None:
        return None
    try:
        content = read_regular(certificate, _MOST_BYTES)
        return x509.load_pem_x509_certificates(content)[0].not_valid_after_utc.timestamp()
    except (OSError, ValueError):
        return None


def _ending(left_s: float, limit_s: float) -> str:
    if left_s >= limit_s:
        return "the site's certificate lasts"
    if left_s <= 0:
        return "the site's certificate has ended"
    return f"the site's certificate ends in {left_s // 86_400:.0f} days"


def _finding(trouble: HealthProblem, subject: str, reason: str, *, fault: bool) -> HealthCheck:
    verdict = HealthVerdict.FAULT if fault else HealthVerdict.FINE
    return HealthCheck(trouble=trouble, subject=subject, verdict=verdict, reason=reason)
