"""Health checks of one worker: its cameras, detector and events.

If most cameras fail together, the network is to blame: one parent problem is raised, and the
cameras' own wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict, Key
from thapcanh.config.rules import Priority

OFFLINE = HealthProblem(
    rule_id="camera_offline",
    kind=SystemKind.CAMERA_OFFLINE,
    priority=Priority.P3,
    raise_after_s=15.0,
)  # a silent camera is `stalled` after 3 s: known within 20 s
MOST_OFFLINE = HealthProblem(
    rule_id="most_cameras_offline",
    kind=SystemKind.CAMERA_OFFLINE,
    priority=Priority.P1,
    raise_after_s=10.0,
)
FROZEN = HealthProblem(
    rule_id="camera_frozen", kind=SystemKind.CAMERA_FROZEN, priority=Priority.P3, raise_after_s=5.0
)  # after 20 s of the same picture
TAMPERED = HealthProblem(
    rule_id="camera_tampered",
    kind=SystemKind.CAMERA_TAMPERED,
    priority=Priority.P2,
    raise_after_s=10.0,
)
DAMAGED = HealthProblem(
    rule_id="picture_damaged", kind=SystemKind.PICTURE_DAMAGED, priority=Priority.P3,
    raise_after_s=5.0,
)  # after 12 s of damage within half a minute  # fmt: skip
STALLED = HealthProblem(
    rule_id="detector_stalled", kind=SystemKind.DETECTOR_STALLED, priority=Priority.P1,
    raise_after_s=2.0, clear_after_s=10.0,
)  # told twice: a process that stood still is no detector that hangs  # fmt: skip
NOT_LOOKED_AT = HealthProblem(
    rule_id="camera_not_looked_at",
    kind=SystemKind.DETECTOR_STALLED,
    priority=Priority.P2,
    raise_after_s=10.0,
    clear_after_s=10.0,
)  # each look at this camera fails, or its turn never comes, while others are looked at
EVENTS_LOST = HealthProblem(
    rule_id="events_lost", kind=SystemKind.EVENT_GAP, priority=Priority.P1, clear_after_s=600.0
)
EVIDENCE_LATE = HealthProblem(rule_id="evidence_late", kind=SystemKind.EVIDENCE_LAG)
EVIDENCE_FAILED = HealthProblem(
    rule_id="evidence_failed", kind=SystemKind.EVIDENCE_LAG, clear_after_s=600.0
)
RECORDING = HealthProblem(
    rule_id="recording_gap", kind=SystemKind.RECORDING_GAP, raise_after_s=4.0, clear_after_s=30.0
)
CAMERA_EVENTS = HealthProblem(
    rule_id="camera_events_lost",
    kind=SystemKind.DEVICE_FAULT,
    priority=Priority.P2,
    raise_after_s=60.0,
)  # a camera that restarts is listened to again within a minute

EVIDENCE_OLD_S = 6.0  # with the store's own checks: known within 10 s
DISK_SILENT_S = 10.0  # a queue that is large would take minutes to overflow, and to be told of
UPLOAD_LATE_S = 900.0  # it is on a disk and nothing is lost; its copy elsewhere is
NO_LOOK_S = 10.0  # the sweep's promise is 5 s at any load
UNSEEN_S = 20.0  # so much of one camera's pictures, of which no look came to its end
MOST = 0.6  # share of the worker's cameras
FEW = 3  # fewer cameras than this have no parent
FRESH_S = 5.0  # a frame this new should be looked at
_PICTURES: Mapping[HealthProblem, frozenset[str]] = {
    FROZEN: frozenset({"frozen"}),
    TAMPERED: frozenset({"dark", "moved", "covered", "blurred"}),
    DAMAGED: frozenset({"damaged"}),
}  # what of a picture is told as which trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCondition:
    """State of one worker, as also sent to the centre."""

    worker_id: str
    looks: Mapping[str, Any]
    cameras: Sequence[Mapping[str, Any]]
    events_lost: int = 0
    evidence_error: str | None = None  # why pictures and films do not reach their store
    evidence_failures: int = 0
    is_blind: bool = False  # its model did not see the known fire
    recording: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(
        status: Mapping[str, Any], worker_id: str, now: float, *, is_blind: bool
    ) -> "WorkerCondition":
        recorder = status["recorder"]
        return WorkerCondition(
            worker_id=worker_id,
            looks=status["looks"],
            cameras=status["cameras"],
            events_lost=recorder["lost"],
            evidence_error=evidence_trouble(status["evidence"], now),
            evidence_failures=recorder["evidence_failures"],
            recording=status["recording"],
            is_blind=is_blind,
        )


class WorkerHealthChecks:
    """Health checks; state is kept only for comparing two reports."""

    def __init__(self) -> None:
        self._looked: dict[str, tuple[int, float]] = {}  # by camera: looks, and its picture's time
        self._looks = -1
        self._looked_at = 0.0
        self._lost = 0
        self._failures = 0

    def read(self, report: WorkerCondition, now: float, raised: frozenset[Key] = frozenset()
             ) -> list[HealthCheck]:  # fmt: skip
        """Return every finding on this worker; `raised` are the problems raised now."""
        offline = [camera for camera in report.cameras if camera["state"] != "online"]
        together = len(report.cameras) >= FEW and len(offline) >= MOST * len(report.cameras)
        parent = (MOST_OFFLINE.rule_id, report.worker_id, "") in raised
        stalled = self._stalled(report, now)
        findings = [
            _finding(
                MOST_OFFLINE,
                report.worker_id,
                fault=together,
                reason=f"{len(offline)} of {len(report.cameras)} cameras: look at the network",
            ),
            stalled,
            self._events_lost(report),
            _evidence_late(report),
            self._evidence_failed(report),
            _recording(report, now),
        ]
        for camera in report.cameras:
            findings += _camera_findings(camera, held=together or parent)
        return [*findings, *self._not_looked_at(report, stalled)]

    def _not_looked_at(self, report: WorkerCondition, stalled: HealthCheck) -> list[HealthCheck]:
        """Return cameras without inferences; if there are none at all, `stalled` covers them."""
        before, self._looked = self._looked, {}
        findings = []
        for camera in report.cameras:
            subject, looks, shown_at = (
                str(camera["id"]),
                camera.get("looks"),
                camera["last_frame_at"],
            )
            if looks is None or shown_at is None or camera["state"] != "online":
                findings.append(_unsure(NOT_LOOKED_AT, subject))
                continue
            last, since = before.get(subject, (looks, shown_at))
            since = shown_at if last != looks else min(since, shown_at)  # a clock may be put back
            self._looked[subject] = looks, since
            fault = shown_at - since >= UNSEEN_S
            is_unproven = looks == 0 and not fault  # this worker has not looked at it yet
            if is_unproven or (fault and stalled.verdict is HealthVerdict.FAULT):
                findings.append(_unsure(NOT_LOOKED_AT, subject))
                continue
            reason = f"pictures come, and no look for {UNSEEN_S:.0f} s" if fault else "looks again"
            findings.append(_finding(NOT_LOOKED_AT, subject, fault=fault, reason=reason))
        return findings

    def _stalled(self, report: WorkerCondition, now: float) -> HealthCheck:
        looks = int(report.looks["looks"])
        to_see = any(_is_fresh(camera, now) for camera in report.cameras)
        if looks != self._looks or not to_see:
            self._looks, self._looked_at = looks, now
        silent_s = now - self._looked_at
        if report.looks["state"] == "stalled":
            return _finding(
                STALLED, report.worker_id, fault=True, reason=str(report.looks["reason"])
            )
        if silent_s >= NO_LOOK_S:
            reason = f"no look for {NO_LOOK_S:.0f} s"
            return _finding(STALLED, report.worker_id, fault=True, reason=reason)
        if report.is_blind:
            reason = "the model does not see the known fire"
            return _finding(STALLED, report.worker_id, fault=True, reason=reason)
        if silent_s > FRESH_S or not to_see:
            return _unsure(STALLED, report.worker_id)
        return _finding(STALLED, report.worker_id, fault=False, reason="looks again")

    def _events_lost(self, report: WorkerCondition) -> HealthCheck:
        more = report.events_lost > self._lost
        self._lost = report.events_lost
        reason = f"{report.events_lost} events found no room" if more else "no more were lost"
        return _finding(EVENTS_LOST, report.worker_id, fault=more, reason=reason)

    def _evidence_failed(self, report: WorkerCondition) -> HealthCheck:
        more = report.evidence_failures > self._failures
        self._failures = report.evidence_failures
        reason = (
            f"{report.evidence_failures} events lack pictures or film" if more else "no more failed"
        )
        return _finding(EVIDENCE_FAILED, report.worker_id, fault=more, reason=reason)


def evidence_trouble(evidence: Mapping[str, Any], now: float) -> str | None:
    """Return why a worker's evidence does not reach its store, or None."""
    error, oldest_at = evidence.get("error"), evidence.get("oldest_at")
    if error is None and oldest_at is not None and now - float(oldest_at) > EVIDENCE_OLD_S:
        return f"evidence waits on the worker for over {EVIDENCE_OLD_S:.0f} s"
    return None if error is None else str(error)


def _recording(report: WorkerCondition, now: float) -> HealthCheck:
    """Return the finding on recording; an offline camera has its own."""
    reason = _not_recorded(report.recording) or _upload_trouble(report, now)
    text = "recorded again" if reason is None else reason
    return _finding(RECORDING, report.worker_id, fault=reason is not None, reason=text)


def _not_recorded(recording: Mapping[str, Any]) -> str | None:
    missing, error = recording.get("missing", {}), recording.get("error")
    if disk := recording.get("disk_missing"):
        where, identity = disk
        return f"{len(missing)} cameras are not recorded, no disk at {where}, known by {identity}"
    if missing:
        cameras = ", ".join(sorted(missing)[:5])
        reasons = ", ".join(sorted(set(missing.values())))
        return f"{len(missing)} cameras are not recorded: {reasons} ({cameras})"
    if recording.get("stalled_s", 0.0) >= DISK_SILENT_S:
        return "film is not stored: the disk does not answer"
    return f"film is not stored: {error}" if error else None


def _upload_trouble(report: WorkerCondition, now: float) -> str | None:
    """Return why recordings wait for upload, or None."""
    upload = report.recording.get("upload") or {}
    oldest_at, error = upload.get("oldest_at"), upload.get("error")
    if error is None or oldest_at is None or now - oldest_at < UPLOAD_LATE_S:
        return None
    return f"{upload['waiting']} films wait on this machine's disk: {error}"


def _evidence_late(report: WorkerCondition) -> HealthCheck:
    error = report.evidence_error
    reason = "evidence reaches its store" if error is None else f"evidence store: {error}"
    return _finding(EVIDENCE_LATE, report.worker_id, fault=error is not None, reason=reason)


def _camera_findings(camera: Mapping[str, Any], *, held: bool) -> list[HealthCheck]:
    """`held`: the parent alarm speaks for the cameras that are offline."""
    subject, online = str(camera["id"]), camera["state"] == "online"
    picture = str(camera["picture"])
    if not online and held:
        offline = _unsure(OFFLINE, subject)
    else:
        reason = "pictures come" if online else f"{camera['reason']}: {camera['detail']}"
        offline = _finding(OFFLINE, subject, fault=not online, reason=reason)
    if not online:
        unsure = [_unsure(trouble, subject) for trouble in _PICTURES]
        return [offline, *unsure, *_events_findings(camera, subject)]
    return [offline, *_events_findings(camera, subject), *_picture_findings(subject, picture)]


def _picture_findings(subject: str, picture: str) -> list[HealthCheck]:
    """Return findings on pictures; damaged ones allow no other judgement."""
    is_torn = picture in _PICTURES[DAMAGED]
    return [
        _finding(trouble, subject, fault=picture in words, reason=f"picture: {picture}")
        if trouble is DAMAGED or not is_torn
        else _unsure(trouble, subject)
        for trouble, words in _PICTURES.items()
    ]


def _events_findings(camera: Mapping[str, Any], subject: str) -> list[HealthCheck]:
    """Return the finding on events that a rule needs, even without pictures."""
    lost = bool(camera.get("events_ruled")) and not camera.get("events")
    why = camera.get("events_detail") or "its events are not switched on (onvif.events)"
    reason = f"a rule waits for its events: {why}" if lost else "its events come"
    return [_finding(CAMERA_EVENTS, subject, fault=lost, reason=reason)]


def _is_fresh(camera: Mapping[str, Any], now: float) -> bool:
    at = camera["last_frame_at"]
    return camera["state"] == "online" and at is not None and now - float(at) <= FRESH_S


def _finding(trouble: HealthProblem, subject: str, *, fault: bool, reason: str) -> HealthCheck:
    verdict = HealthVerdict.FAULT if fault else HealthVerdict.FINE
    return HealthCheck(trouble=trouble, subject=subject, verdict=verdict, reason=reason)


def _unsure(trouble: HealthProblem, subject: str) -> HealthCheck:
    return HealthCheck(trouble=trouble, subject=subject, verdict=HealthVerdict.UNSURE)
