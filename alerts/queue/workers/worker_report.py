"""Report of a worker on itself and its cameras, validated where it is read."""

from collections.abc import Mapping
from typing import Annotated, Any, Required, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

VERSION = 1
_YEAR_9999 = 253370764800.0
_LATER = ConfigDict(extra="allow")
_NOT_REPORTED = Field(default=None)
T = TypeVar("T")

Text = Annotated[str, Field(strict=True)] | None
Truth = Annotated[bool, Field(strict=True)] | None
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)] | None
Count = Annotated[int, Field(strict=True)] | None
Moment = Annotated[float, Field(strict=True, ge=0, lt=_YEAR_9999, allow_inf_nan=False)] | None
"""UTC unix seconds that can be written as a date."""
Figures = dict[str, Any] | None
"""What `/metrics` tells by its names; none of it decides anything."""


class Crossings(TypedDict):
    """Crossings of a line."""

    entered: int
    left: int


class CameraFigures(TypedDict, total=False):
    """Metrics of a camera, which change all the time and are read on demand."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    fps: Number
    width: Count
    height: Count
    codec: Text
    last_frame_at: Moment
    decoding: Text
    decoding_reason: Text
    wakes: Count
    wakes_withheld: Count
    places_judged: Count
    reconnects: Count
    frames_dropped: Count
    packets: Count
    frames_decoded: Count
    looks: Count
    looks_late: Count
    look_interval_s: Number
    crossings: dict[str, Crossings] | None
    events: Truth
    events_ruled: Truth
    events_detail: Text
    objects: Truth
    objects_detail: Text


class ListedFigures(TypedDict):
    """Metrics shown in lists of cameras; None if missing."""

    fps: Annotated[Number, _NOT_REPORTED]
    codec: Annotated[Text, _NOT_REPORTED]
    last_frame_at: Annotated[Moment, _NOT_REPORTED]
    look_interval_s: Annotated[Number, _NOT_REPORTED]
    decoding: Annotated[Text, _NOT_REPORTED]
    decoding_reason: Annotated[Text, _NOT_REPORTED]
    crossings: Annotated[dict[str, Crossings] | None, _NOT_REPORTED]
    events: Annotated[Truth, _NOT_REPORTED]
    events_detail: Annotated[Text, _NOT_REPORTED]
    objects: Annotated[Truth, _NOT_REPORTED]
    objects_detail: Annotated[Text, _NOT_REPORTED]


CountedByWorker = tuple[str, Mapping[str, ListedFigures]]
"""A worker, and what lists show of what its cameras count."""


class CameraWord(CameraFigures, total=False):
    """Report on one camera: its state, and its metrics on demand."""

    id: Required[str]
    state: Text
    reason: Text
    detail: Text
    picture: Text
    since: Moment
    moving: Truth


class InferenceReport(TypedDict, total=False):
    """Report on inference."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    state: Text
    reason: Text
    looks: Count
    late: Count


class SpoolWord(TypedDict, total=False):
    """Events that wait on the worker."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    waiting: Count
    oldest_at: Moment
    epoch: Any


class QueueWord(TypedDict, total=False):
    """Worker's connection to the queue."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    connected: Truth
    error: Text
    resent: Count
    checked_at: Moment


class StoreWord(TypedDict, total=False):
    """Evidence store that the worker writes to."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    id: Text


class EvidenceWord(TypedDict, total=False):
    """Report on the delivery of evidence."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    error: Text
    oldest_at: Moment
    store: StoreWord | None


class SightingsWord(TypedDict, total=False):
    """Report on the recording of sightings."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    error: Text
    store: Text


class DiskWord(TypedDict, total=False):
    """Disk of its data: bytes, and the machine."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    host: Text
    free: Required[int]
    total: Required[int]


class ClockWord(TypedDict):
    """Worker's clock beside the queue's."""

    server: float
    ahead_s: float
    within_s: float


class OwnReport(TypedDict, total=False):
    """Report of a worker on itself."""

    __pydantic_config__ = _LATER  # type: ignore[misc]

    started_at: Moment
    looks: InferenceReport | None
    spool: SpoolWord | None
    queue: QueueWord | None
    evidence: EvidenceWord | None
    sightings: SightingsWord | None
    clock: ClockWord | None
    configuration_refused_at: Moment
    spool_set_aside: Text
    model: Figures
    device: Text
    decoding: Figures
    recorder: Figures
    recording: Figures
    disk: DiskWord | None
    figures: Figures
    cameras: list[CameraWord]


class WorkerReport(OwnReport, total=False):
    """Report at the centre; a silent worker has only the fields listed here."""

    v: Count
    worker: Required[str]
    lost: Required[bool]
    reported_at: Required[float]
    """By the queue's clock."""
    watched: list[str]
    """The ids of the cameras that a silent worker watched last."""


_HEAD = TypeAdapter(WorkerReport)
_CAMERA = TypeAdapter(CameraWord)
_CAMERAS = TypeAdapter(list[CameraWord])
_COUNTED = TypeAdapter(CameraFigures)
_FIGURES = TypeAdapter(dict[str, CameraFigures])
_LISTED_OF_ONE = TypeAdapter(ListedFigures)
_LISTED = TypeAdapter(dict[str, ListedFigures])


def validated_report(received: object, worker: str, reported_at: float) -> WorkerReport | None:
    """Return a worker's report, or None if it is malformed."""
    if not isinstance(received, Mapping) or not _are_cameras(received.get("cameras", [])):
        return None
    facts = {"worker": worker, "lost": False, "reported_at": reported_at}
    return _evaluated(_HEAD, {"v": VERSION, **received, **facts})


def validated_cameras(received: object) -> list[CameraWord] | None:
    """Return a worker's reports on its cameras, or None if malformed."""
    if not isinstance(received, list):
        return None
    try:
        return _CAMERAS.validate_python(received)
    except ValidationError:
        found = (_evaluated(_CAMERA, one) for one in received)
        return [one for one in found if one is not None]


def read_figures(text: bytes) -> dict[str, CameraFigures]:
    """Return the metrics of a worker's cameras; empty if malformed."""
    return _read_table(text, _FIGURES, _COUNTED)


def read_listed_figures(text: bytes) -> dict[str, ListedFigures]:
    """Return the listed metrics only: a city's list reads 40,000 of them."""
    return _read_table(text, _LISTED, _LISTED_OF_ONE)


def _read_table(
    text: bytes, table: TypeAdapter[dict[str, T]], form: TypeAdapter[T]
) -> dict[str, T]:
    try:
        return table.validate_json(text)
    except ValidationError:
        pass
    try:
        received = from_json(text)
    except ValueError:
        return {}
    if not isinstance(received, dict):
        return {}
    found = {name: _evaluated(form, one) for name, one in received.items()}
    return {name: one for name, one in found.items() if one is not None}


def silent_worker(worker: str, reported_at: float, watched: list[str]) -> WorkerReport:
    """Return the report of a silent worker, with the ids of its last cameras."""
    return WorkerReport(worker=worker, lost=True, reported_at=reported_at, watched=watched)


def _evaluated(form: TypeAdapter[T], received: object) -> T | None:
    """Return it with None for each malformed fact; None if it is no table."""
    if not isinstance(received, dict):
        return None
    try:
        return form.validate_python(received)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    wrong = {str(one["loc"][0]) for one in found}
    try:
        return form.validate_python({**received, **dict.fromkeys(wrong)})
    except ValidationError:
        return None


def _are_cameras(received: object) -> bool:
    return isinstance(received, list) and all(
        isinstance(one, dict) and isinstance(one.get("id"), str) for one in received
    )
