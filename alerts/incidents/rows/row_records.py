"""A row of the worklist, and the sources of an incident: frozen objects, no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.alert.alert_state import AlertState, RejectReason
from thapcanh.alerts.alert.records import Alert
from thapcanh.alerts.incidents.incident_state import (
    ORDER,
    Disposition,
    IncidentState,
    MemberType,
)
from thapcanh.alerts.incidents.records import Incident, IncidentPlace, JoinReason
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter


class SourceKind(StrEnum):
    """What tells of an incident."""

    CAMERA = "camera"
    DEVICE = "device"  # a fire panel, a button, a sensor
    CALL = "call"
    MESSAGE = "message"  # a citizen's
    SIGNAL = "signal"  # a sector's warning, or another centre's
    SITE = "site"  # a linked site


class SourceVerdict(StrEnum):
    """What an officer says of one source."""

    TRUE = "true"
    FALSE = "false"
    UNCLEAR = "unclear"  # looked at, and not decided


_OF_CALLS = ("hoax", "mistaken", "drill", "other")
SOURCE_REASONS: Mapping[SourceKind, tuple[str, ...]] = {
    SourceKind.CAMERA: tuple(
        one.value
        for one in RejectReason
        if one not in (RejectReason.TEST, RejectReason.BUTTON, RejectReason.FAULT)
    ),
    SourceKind.DEVICE: ("test", "button", "fault", "drill", "other"),
    SourceKind.CALL: _OF_CALLS,
    SourceKind.MESSAGE: _OF_CALLS,
    SourceKind.SIGNAL: ("mistaken", "drill", "other"),
    SourceKind.SITE: ("mistaken", "drill", "other"),
}
"""Why a source of a kind may be false."""


class RowState(StrEnum):
    """How far a row is, in the officers' words."""

    NEW = "new"
    VERIFYING = "verifying"
    CONFIRMED = "confirmed"
    DISPATCHED = "dispatched"
    CLOSED = "closed"
    REJECTED = "rejected"


class Section(StrEnum):
    """Where a row stands on the desk."""

    WAITING = "waiting"  # nobody holds it, or a source came that nobody has seen
    WORKING = "working"
    LOOK = "look"  # an alert in no incident: to be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One thing that tells of an incident, with its own verdict and clock. Times are UTC."""

    type: MemberType
    id: str
    kind: SourceKind
    number: str | None
    name: str | None
    what: str | None  # the kind of the alert or call
    text: str | None  # the words of a call or message, the reason of an alert
    caller: str | None
    camera_id: str | None  # of an alert: its camera, or the device in its place
    priority: int | None
    at: float
    last_at: float
    active: bool
    joined_at: float
    joined_by: str
    because: JoinReason | None
    unseen_since: float | None
    verdict: SourceVerdict | None
    verdict_reason: str | None
    verdict_by: str | None
    verdict_at: float | None
    cosign_wanted_by: str | None
    version: int | None  # of an alert
    owner: str | None
    state: AlertState | None
    corroborated: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether somebody said that it is true or false, and nobody has to sign that."""
        return self.verdict in (SourceVerdict.TRUE, SourceVerdict.FALSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowUnit:
    """Who is out there for an incident."""

    assignment_id: str
    unit_id: str | None
    name: str
    status: str | None
    told_at: float
    answered_at: float | None
    due_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """One row: an incident with its sources, or an alert that is in no open incident."""

    incident: Incident | None
    alert: Alert | None
    urgency: int
    is_answered: bool  # somebody holds it, and has seen all of it
    holder: str | None
    held_since: float | None
    sources: tuple[Source, ...] = ()
    source_counts: tuple[tuple[SourceKind, int], ...] = ()
    units: tuple[RowUnit, ...] = ()

    @property
    def state(self) -> RowState:
        """How far it is."""
        if self.incident is not None:
            return state_of_incident(self.incident, self.holder)
        assert self.alert is not None  # noqa: S101 - a row has one of them
        return _OF_ALERT[self.alert.state]

    @property
    def section(self) -> Section:
        """Where it stands on the desk."""
        if self.incident is None:
            return Section.LOOK
        return Section.WORKING if self.is_answered else Section.WAITING

    @property
    def since(self) -> float:
        """When its clock began: what waits, by its oldest unseen source; else the last step."""
        if self.incident is None:
            assert self.alert is not None  # noqa: S101 - a row has one of them
            return self.alert.held_since or self.alert.raised_at
        unseen = [one.unseen_since for one in self.sources if one.unseen_since is not None]
        if unseen and self.holder is not None:
            return min(unseen)
        if self.state is RowState.VERIFYING:
            return self.held_since or self.incident.opened_at
        return max((one.at for one in self.incident.steps), default=self.incident.opened_at)


_OF_ALERT = {
    AlertState.NEW: RowState.NEW,
    AlertState.ACKNOWLEDGED: RowState.VERIFYING,
    AlertState.CONFIRMED: RowState.CONFIRMED,
    AlertState.REJECTED: RowState.REJECTED,
    AlertState.CLOSED: RowState.CLOSED,
}
_WAS_NOTHING = (Disposition.FALSE_ALARM, Disposition.HOAX, Disposition.NOTHING_FOUND)


def state_of_incident(found: Incident, holder: str | None) -> RowState:
    """Return an incident's status as the officers name it."""
    if found.state is IncidentState.CLOSED:
        is_nothing = found.disposition in _WAS_NOTHING
        return RowState.REJECTED if is_nothing else RowState.CLOSED
    if ORDER[found.state] >= ORDER[IncidentState.DISPATCHED]:
        return RowState.DISPATCHED
    if found.state is IncidentState.ASSESSED:
        return RowState.CONFIRMED
    return RowState.NEW if holder is None else RowState.VERIFYING


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistFilter:
    """Whose list: `me` decides what is mine; `sections` none is all."""

    me: str | None
    sections: frozenset[Section] = frozenset()
    mine: bool = False
    scope: DataFilter = EVERYTHING
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindCamera:
    """A camera without a picture; `incident` is the open one that it is near to, if any."""

    camera_id: str
    name: str
    kind: str
    since: float
    place: IncidentPlace
    near_incident: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """A page of rows in the one ranking; counts are of all of them, whatever the page."""

    rows: tuple[WorklistRow, ...]
    next: str | None
    counts: dict[Section, int]
    blind: tuple[BlindCamera, ...]
    blind_total: int
    faults: int  # all of the watch's own troubles that are open
