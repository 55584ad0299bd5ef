"""Health checks of the centre: workers, queue, gaps, log proofs, disks.

Pure. What could not be read gives `unsure`: a queue outage does not report workers lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thapcanh.alerts.alert.records import SequenceGap
from thapcanh.alerts.queue.queue import QueueDepth
from thapcanh.alerts.queue.redis_client import QueuePrimary
from thapcanh.alerts.queue.self_test_event import PROVE_EVERY_S
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict, Key
from thapcanh.app.health.queue_primary import PrimaryMove, primary_findings
from thapcanh.app.health.store_checks import StoreReport, evidence_findings
from thapcanh.app.health.watched_cameras import UNNAMED, UNWATCHED, camera_findings
from thapcanh.app.process.disk_room import FULL_BYTES, amount_text
from thapcanh.config.rules import Priority

LOST = HealthProblem(
    rule_id="worker_lost", kind=SystemKind.WORKER_LOST, priority=Priority.P1, clear_after_s=5.0
)
SPOOL_STUCK = HealthProblem(rule_id="spool_stuck", kind=SystemKind.QUEUE_LAG, raise_after_s=10.0)
QUEUE_DOWN = HealthProblem(
    rule_id="queue_down", kind=SystemKind.QUEUE_LAG, priority=Priority.P1, raise_after_s=10.0,
    clear_after_s=10.0,
)  # fmt: skip
QUEUE_IDS = HealthProblem(
    rule_id="queue_ids", kind=SystemKind.QUEUE_LAG, priority=Priority.P1, clear_after_s=0.0
)
QUEUE_FULL = HealthProblem(
    rule_id="queue_full", kind=SystemKind.QUEUE_LAG, priority=Priority.P1, clear_after_s=10.0
)
QUEUE_LAG = HealthProblem(rule_id="queue_lag", kind=SystemKind.QUEUE_LAG, raise_after_s=10.0)
GAP = HealthProblem(rule_id="event_gap", kind=SystemKind.EVENT_GAP, clear_after_s=0.0)
DEAD_LETTERS = HealthProblem(rule_id="dead_letters", kind=SystemKind.EVENT_GAP, clear_after_s=0.0)
UNPROVEN = HealthProblem(
    rule_id="self_test_missed", kind=SystemKind.SELF_TEST_MISSED, clear_after_s=0.0
)
DISK_LOW = HealthProblem(rule_id="disk_low", kind=SystemKind.DISK_LOW, raise_after_s=5.0)
CLOCK_SKEW = HealthProblem(rule_id="clock_skew", kind=SystemKind.CLOCK_SKEW, raise_after_s=5.0)

MISCONFIGURED = HealthProblem(
    rule_id="config_problem", kind=SystemKind.CONFIG_PROBLEM, raise_after_s=5.0, clear_after_s=0.0
)  # an editor saves in steps

QUEUE_PART, CENTRE_PART = "queue", "centre"
UNREAD_MANY = 500
SPOOL_OLD_S = 60.0
GAP_REPORTED_S = 24 * 3600.0  # a gap that never fills is told for a day; then it is history
DEAD_REPORTED_S = 600.0
PROOF_LATE_S = 2 * PROVE_EVERY_S + 60.0  # one test may be lost on the way, two are not chance
SKEW_S = 2.0  # two machines' pictures of one street are then told apart by more than a look
LOW_BYTES = 2_000_000_000  # an hour of evidence on a bad day; a tenth of a small disk
_EARLIER = "the last good configuration is in force, not applied"
_NAMED = 5  # of what is missing
_AGREE = 3  # so many clocks that say the same are right


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreReport:
    """Values that the centre read at one time; None means unreadable."""

    workers: Sequence[WorkerReport] | None
    cameras: Sequence[str]  # of the site
    depth: QueueDepth | None
    dead_for_s: float | None  # the newest dead letter; none, or it could not be read
    gaps: Sequence[SequenceGap] | None
    proven: Mapping[str, float] | None  # worker: when its self-test last came through
    disks: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # part: free, total
    clocks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """part: seconds ahead of the queue's clock, and how wrong that may be"""
    store: StoreReport | None = None
    primary: QueuePrimary | None = None  # one server alone, or it could not be asked
    moved: PrimaryMove | None = None
    replicas: int = 0  # that must have an event
    queue_error: str | None = None
    stream_trouble: str | None = None  # of its ids, now or not long ago
    memory_trouble: str | None = None  # of the queue's server, which takes no event
    problems: Sequence[str] = ()  # where in the configuration
    is_earlier: bool = False  # an earlier configuration is in force, since these files cannot be
    parting: Sequence[str] = ()  # changed sections by which a process that starts anew parts


def centre_health_checks(
    report: CentreReport, now: float, raised: frozenset[Key]
) -> list[HealthCheck]:
    """Return every finding of this report; `raised` are the problems raised now."""
    return [
        *_queue_findings(report),
        *primary_findings(report.primary, report.moved, report.replicas, QUEUE_PART, raised),
        *_worker_findings(report, now, raised),
        *_gap_findings(report, now, raised),
        *(_disk_finding(part, free, total) for part, (free, total) in report.disks.items()),
        *evidence_findings(report.store, report.workers, CENTRE_PART),
        *_clock_findings(report, raised),
        _config_finding(report),
    ]


def lost_for(workers: Sequence[WorkerReport], now: float, over_s: float) -> list[str]:
    """Return the workers that have been silent for longer than a time."""
    return [
        worker["worker"]
        for worker in workers
        if worker["lost"] and now - worker["reported_at"] >= over_s
    ]


def _queue_findings(report: CentreReport) -> list[HealthCheck]:
    down = report.queue_error is not None
    findings = [
        _finding(
            QUEUE_DOWN,
            QUEUE_PART,
            fault=down,
            reason=f"the queue does not answer: {report.queue_error}" if down else "answers again",
        )
    ]
    spent = report.stream_trouble
    findings.append(
        _unsure(QUEUE_IDS, QUEUE_PART)
        if down
        else _finding(
            QUEUE_IDS, QUEUE_PART, fault=spent is not None, reason=spent or "ids are right"
        )
    )
    findings.append(_full_finding(report))
    if report.depth is None or report.depth.unread is None:
        findings.append(_unsure(QUEUE_LAG, QUEUE_PART))
    else:
        waiting = report.depth.unread + report.depth.pending
        reason = f"more than {UNREAD_MANY} events wait for the archive"
        many = waiting > UNREAD_MANY
        findings.append(_finding(QUEUE_LAG, QUEUE_PART, fault=many, reason=reason if many else ""))
    lately = report.dead_for_s is not None and report.dead_for_s < DEAD_REPORTED_S
    if down:
        findings.append(_unsure(DEAD_LETTERS, QUEUE_PART))
    else:
        reason = "an event could not be read" if lately else "no new ones"
        findings.append(_finding(DEAD_LETTERS, QUEUE_PART, fault=lately, reason=reason))
    return findings


def _full_finding(report: CentreReport) -> HealthCheck:
    if report.queue_error is not None:
        return _unsure(QUEUE_FULL, QUEUE_PART)
    full = report.memory_trouble
    return _finding(
        QUEUE_FULL, QUEUE_PART, fault=full is not None, reason=full or "the queue has room"
    )


def _worker_findings(report: CentreReport, now: float, raised: frozenset[Key]) -> list[HealthCheck]:
    if report.workers is None:
        return [
            _again(key, trouble, HealthVerdict.UNSURE)
            for trouble in _OF_WORKERS
            for key in _of(trouble, raised)
        ]
    findings: list[HealthCheck] = []
    for worker in report.workers:
        name, lost = worker["worker"], worker["lost"]
        reason = "no sign of life" if lost else "reports again"
        findings.append(_finding(LOST, name, fault=lost, reason=reason))
        findings.append(_unsure(SPOOL_STUCK, name) if lost else _spool_finding(name, worker, now))
        findings.append(_proof_finding(name, worker, report, now))
        findings.append(_config_of_worker(name, worker, is_reported=report.is_earlier))
    return [*findings, *camera_findings(report.cameras, report.workers, CENTRE_PART)]


def _spool_finding(name: str, worker: WorkerReport, now: float) -> HealthCheck:
    spool = worker.get("spool")
    oldest_at = spool.get("oldest_at") if spool else None
    stuck = oldest_at is not None and now - oldest_at > SPOOL_OLD_S
    reason = f"events wait on the worker for over {SPOOL_OLD_S:.0f} s" if stuck else "it drains"
    return _finding(SPOOL_STUCK, name, fault=stuck, reason=reason)


def _proof_finding(
    name: str, worker: WorkerReport, report: CentreReport, now: float
) -> HealthCheck:
    if report.proven is None or worker["lost"]:
        return _unsure(UNPROVEN, name)
    started_at = worker.get("started_at")
    since = max(report.proven.get(name, 0.0), now if started_at is None else started_at)
    late = now - since > PROOF_LATE_S
    reason = f"no self-test came through for {PROOF_LATE_S / 60:.0f} min" if late else "proven"
    return _finding(UNPROVEN, name, fault=late, reason=reason)


def _config_of_worker(name: str, worker: WorkerReport, *, is_reported: bool) -> HealthCheck:
    """Return the finding for a worker's own configuration, unless the centre reports the same."""
    refused = worker.get("configuration_refused_at") is not None and not is_reported
    reason = f"{_EARLIER}: the files on its machine" if refused else "right"
    return _finding(MISCONFIGURED, name, fault=refused, reason=reason)


def _gap_findings(report: CentreReport, now: float, raised: frozenset[Key]) -> list[HealthCheck]:
    """Return the newest gap of each worker; an older acknowledged one must not hide it."""
    if report.gaps is None:
        return [_again(key, GAP, HealthVerdict.UNSURE) for key in _of(GAP, raised)]
    holes: dict[str, list[SequenceGap]] = {}
    for gap in report.gaps:
        if now - gap.noticed_at < GAP_REPORTED_S:
            holes.setdefault(gap.source, []).append(gap)
    findings = [
        HealthCheck(
            trouble=GAP,
            subject=source,
            verdict=HealthVerdict.FAULT,
            reason=f"{sum(gap.last_seq - gap.first_seq + 1 for gap in found)} events are missing",
            instance=f"{found[-1].producer_epoch}:{found[-1].first_seq}-{found[-1].last_seq}",
        )
        for source, found in holes.items()
    ]
    filled = [key for key in _of(GAP, raised) if key[1] not in holes]
    return [*findings, *(_again(key, GAP, HealthVerdict.FINE) for key in filled)]


def _disk_finding(part: str, free: int, total: int) -> HealthCheck:
    limit = min(LOW_BYTES, total // 10)
    if limit <= free < limit * 1.2:
        return _unsure(DISK_LOW, part)
    low = free < limit
    text = "the disk is full" if free < FULL_BYTES else f"less than {amount_text(limit)} free"
    reason = text if low else "room again"
    return _finding(DISK_LOW, part, fault=low, reason=reason)


def _config_finding(report: CentreReport) -> HealthCheck:
    """Return the configuration finding; rejected cameras appear on no screen otherwise."""
    places, text = report.problems, "right"
    if report.parting:
        text = f"only a restart of all applies: {', '.join(report.parting)}"
    if places:
        text = f"{len(places)} problems in the configuration: {_first(places)}"
    if report.is_earlier:
        text = f"{_EARLIER}: {_first(places)}"
    return _finding(MISCONFIGURED, CENTRE_PART, fault=text != "right", reason=text)


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _clock_findings(report: CentreReport, raised: frozenset[Key]) -> list[HealthCheck]:
    """Return clock findings; if all others disagree with the queue's clock, only that one."""
    if not report.clocks:
        return [_again(key, CLOCK_SKEW, HealthVerdict.UNSURE) for key in _of(CLOCK_SKEW, raised)]
    ahead = [ahead_s for ahead_s, _ in report.clocks.values()]
    together = len(ahead) >= _AGREE and max(ahead) - min(ahead) < SKEW_S < min(map(abs, ahead))
    queue = _finding(CLOCK_SKEW, QUEUE_PART, fault=together, reason=_skew(-ahead[0], together))
    if together:
        return [queue, *(_unsure(CLOCK_SKEW, part) for part in report.clocks)]
    lost = {worker["worker"] for worker in report.workers or () if worker["lost"]}
    return [
        queue,
        *(_clock_finding(part, *clock) for part, clock in report.clocks.items()),
        *(_again(key, CLOCK_SKEW, HealthVerdict.UNSURE) for key in _of(CLOCK_SKEW, raised)
          if key[1] in lost),
    ]  # fmt: skip


def _clock_finding(part: str, ahead_s: float, within_s: float) -> HealthCheck:
    off_s = abs(ahead_s) - within_s
    if SKEW_S / 2 <= off_s < SKEW_S or within_s >= SKEW_S:
        return _unsure(CLOCK_SKEW, part)
    off = off_s >= SKEW_S
    return _finding(CLOCK_SKEW, part, fault=off, reason=_skew(ahead_s, off))


def _skew(ahead_s: float, is_off: bool) -> str:
    if not is_off:
        return "the clock is right"
    side = "ahead of" if ahead_s > 0 else "behind"
    return f"the clock is {abs(ahead_s):.0f} s {side} the queue's"


_OF_WORKERS = (LOST, SPOOL_STUCK, UNPROVEN, UNWATCHED, UNNAMED, MISCONFIGURED)


def _of(trouble: HealthProblem, raised: frozenset[Key]) -> list[Key]:
    return [key for key in sorted(raised) if key[0] == trouble.rule_id]


def _again(key: Key, trouble: HealthProblem, verdict: HealthVerdict) -> HealthCheck:
    """Return a finding for a raised problem that the report does not mention."""
    return HealthCheck(trouble=trouble, subject=key[1], verdict=verdict, instance=key[2])


def _unsure(trouble: HealthProblem, subject: str) -> HealthCheck:
    return HealthCheck(trouble=trouble, subject=subject, verdict=HealthVerdict.UNSURE)


def _finding(trouble: HealthProblem, subject: str, *, fault: bool, reason: str) -> HealthCheck:
    verdict = HealthVerdict.FAULT if fault else HealthVerdict.FINE
    return HealthCheck(trouble=trouble, subject=subject, verdict=verdict, reason=reason)
