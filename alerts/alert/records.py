"""Records of the archive: frozen objects. Times are UTC unix seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from thapcanh.alerts.alert.alert_state import AlertState, CommandOutcome, TransitionReason
from thapcanh.alerts.alert.answering_order import Corroboration, Urgency, urgency_of
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.roles import EVERYTHING, Actor, AlertAction, DataFilter
from thapcanh.detection.event import BELIEVED


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFacts:
    """Configuration of a camera, stored on its alerts when they open."""

    name: str
    place: str | None = None
    area: str | None = None
    agency: str | None = None
    lat: float | None = None
    lon: float | None = None
    watched_near: int = 0
    """How many cameras of the site lie within a fog's reach of it (`wide_weather`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTimes:
    """Times at which an alert reached its steps."""

    captured: float
    inferred: float
    spooled: float
    queued: float
    stored: float
    pushed: float | None
    rendered: float | None
    acknowledged: float | None
    verified: float | None
    closed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """File of evidence; `path` is below the evidence folder."""

    id: str
    alert_id: str | None
    event_id: str
    kind: EvidenceKind
    path: str
    sha256: str
    bytes: int
    added_at: float
    deleted_at: float | None
    agency: str | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Alert as it is now. `snapshot`, `snapshot_boxed` and `clip` are evidence ids."""

    id: str
    number: str
    kind: str
    state: AlertState
    condition: AlertCondition
    priority: int
    version: int
    raised_at: float
    last_seen_at: float
    cleared_at: float | None
    camera_id: str
    camera_name: str
    place: str | None
    area: str | None
    agency: str | None
    lat: float | None
    lon: float | None
    rule_id: str
    zone_id: str | None
    label: str
    confidence: float
    box: tuple[float, float, float, float]
    detections: int
    reason: str
    unchecked: bool
    evidence_error: str | None
    spoke_at: float
    spoke_reason: str
    escalated_at: float | None
    recurrence_of: str | None
    owner: str | None
    owner_name: str | None
    acknowledged_at: float | None
    lease_until: float | None
    verdict_by: str | None
    reject_reason: str | None
    cosign_wanted_by: str | None
    closed_by: str | None
    closed_at: float | None
    snapshot: str | None
    snapshot_boxed: str | None
    clip: str | None
    steps: StepTimes
    exercise: bool = False  # a drill; answers that were kept before drills do not say it
    shelf_id: str | None = None
    shelved_until: float | None = None
    held_since: float | None = None
    belief: float | None = None  # the strongest so far; None: no worker told any
    reasons: tuple[tuple[str, float], ...] = ()  # of it: name, weight in log-odds
    corroboration: Corroboration | None = None
    corroborated_by: str | None = None  # the number of the call, or the name of the device

    @property
    def urgency(self) -> Urgency:
        """Position in the order of answering."""
        return urgency_of(self.kind, self.priority, self.corroboration, self.cosign_wanted_by)

    @property
    def is_doubted(self) -> bool:
        """True if it was raised but not believed; then it is not urgent."""
        return self.belief is not None and self.belief < BELIEVED


NO_VERDICT = "none"  # the outcome of an alert that nobody judged


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Filter of alerts; an empty set is no restriction. `since` and `until` limit `raised_at`.

    `clock_from_s` and `clock_until_s` limit its local time of day, over midnight too. `outcomes`
    are verdicts, and `NO_VERDICT`. Each of `words`, plain as in
    `thapcanh.alerts.store.plain_text`, must occur or name the kind (`kinds_by_word`). The default
    order is newest first, or best match.
    """

    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    cameras: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    reject_reasons: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    kinds_by_word: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = ""
    descending: bool = True
    since: float | None = None
    until: float | None = None
    clock_from_s: float | None = None
    clock_until_s: float | None = None
    near: Position | None = None  # within `NEAR_M`
    exercise: bool | None = None  # drills only, or none of them; None is both
    shelved: bool | None = None  # as with drills
    scope: DataFilter = EVERYTHING
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """Alerts, newest first, and the cursor of the next page."""

    items: tuple[Alert, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """Line of the action log."""

    seq: int
    at: float
    actor: str
    role: str
    action: str
    object_id: str
    reason: str | None
    note: str | None
    details: dict[str, object]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """An act on an alert, with what makes it safe to send twice."""

    alert_id: str
    action: AlertAction
    actor: Actor
    expected_version: int
    idempotency_key: str
    reason: str | None = None
    note: str | None = None
    to: str | None = None
    to_refused: TransitionReason | None = (
        None  # why that person cannot take it; found by who knows the accounts
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSteps:
    """Commands on one alert in sequence, with one key and one answer.

    The first is at the version that was seen, each other at the version before it.
    """

    steps: tuple[CommandRequest, ...]

    @property
    def first(self) -> CommandRequest:
        """Names the alert, the key and the person of all steps."""
        return self.steps[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """Result of a command: the alert after it, and who did before what it asks, and when."""

    outcome: CommandOutcome
    why: TransitionReason
    alert: Alert | None
    by: str | None = None
    by_name: str | None = None
    at: float | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """Result of a message."""

    duplicate: bool
    alert_id: str | None
    reason: str
    change_seq: int | None
    wants_incident: bool = False  # of a P1, where its incident is still to be opened


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceGap:
    """Messages of a worker that never came."""

    source: str
    producer_epoch: int
    first_seq: int
    last_seq: int
    noticed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRetention:
    """Retention of alerts raised only by rules of a temporary watch area."""

    rules: frozenset[str]
    ends_at: float
    days: float

    def is_over(self, now: float) -> bool:
        return now - self.ends_at >= self.days * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCase:
    """Closed alert with evidence on the disk."""

    alert_id: str
    verdict: AlertState | None
    closed_at: float | None  # None: open
    lived_days: int  # on which the centre ran after the day of closing, or of its area's end
    bytes: int
    paths: tuple[str, ...] = ()
    exercise: bool = False  # of the class of rejected ones: nothing happened
    own: OwnRetention | None = None  # in place of its class's
