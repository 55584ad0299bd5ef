"""Records of turned cameras, shared by centres and workers through the queue."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from thapcanh.alerts.store.errors import QueueError

log = logging.getLogger(__name__)

POLL_EVERY_S = 1.0
AGAIN_EVERY_S = 5.0
LEFT_AFTER_S = 20.0  # a record that is older is of a centre that died
_LONGEST_NAME = 200


class Position(StrEnum):
    """View of a camera."""

    HOME = "home"
    PRESET = "preset"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedCamera:
    """A camera that is leased, moving, or not home."""

    id: str
    position: Position
    preset: str | None
    is_moving: bool
    holder: str | None = None
    """The name of who may turn it."""

    @property
    def is_home(self) -> bool:
        """True at the position for which its zones are drawn."""
        return self.position is Position.HOME and not self.is_moving


class TurnedCameraStore(Protocol):
    """Where they are stored."""

    def publish_turned(self, turned: Mapping[str, Mapping[str, Any]], home: Iterable[str]) -> None:
        """Store records by camera, and delete those at home; raises `QueueError`."""
        ...

    def turned(self) -> dict[str, dict[str, Any]]:
        """Return all records; raises `QueueError`."""
        ...


class TurningController(Protocol):
    """The part of a centre that turns cameras; called on the publisher's thread."""

    def turned(self) -> Iterable[TurnedCamera]:
        """Return this centre's cameras."""
        ...

    def hear(self, others: Mapping[str, TurnedCamera], left: Iterable[TurnedCamera]) -> None:
        """Set other centres' cameras, and those that a dead centre left."""
        ...


def read_turned(store: TurnedCameraStore) -> dict[str, TurnedCamera]:
    """Return all records by id, except unreadable ones. Raises `QueueError`."""
    return {item.id: item for item, _, _ in _records(store)}


def position_name(camera: TurnedCamera | None) -> str | None:
    """Return a view's name for workers: empty at home, None while the camera turns."""
    if camera is None:
        return ""
    if camera.is_moving:
        return None
    if camera.position is Position.HOME:
        return ""
    return f"{camera.position.value} {camera.preset or ''}"


class TurningCameras(Protocol):
    """A worker's cameras, as far as they turn."""

    @property
    def any_turns(self) -> bool: ...

    def look_at(self, turned: Mapping[str, TurnedCamera]) -> None:
        """Set their views; cameras without a record are home."""
        ...


class TurnedViews:
    """Worker's side: polls every second where its cameras look. On its main thread."""

    def __init__(
        self, store: TurnedCameraStore, cameras: TurningCameras, monotonic: Callable[[], float]
    ) -> None:
        self._store = store
        self._cameras = cameras
        self._monotonic = monotonic
        self._poll_at = 0.0

    def poll(self) -> None:
        """Poll when due; while the queue does not answer, the last views stay."""
        if self._monotonic() < self._poll_at or not self._cameras.any_turns:
            return
        self._poll_at = self._monotonic() + POLL_EVERY_S
        try:
            self._cameras.look_at(read_turned(self._store))
        except QueueError as error:
            log.debug("where cameras look is not known: %s", error)


class TurnedCameraPublisher:
    """Centre's side, on one thread. `centre` identifies its records."""

    def __init__(
        self,
        store: TurnedCameraStore,
        desk: TurningController,
        centre: str,
        utc: Callable[[], float],
    ) -> None:
        self._store = store
        self._desk = desk
        self._centre = centre
        self._utc = utc

    def round(self) -> None:
        """Tell what changed, and hear of the others. Raises `QueueError`."""
        own = {item.id: item for item in self._desk.turned()}
        stored = {item.id: (item, centre, at) for item, centre, at in _records(self._store)}
        now = self._utc()
        changed = {
            item.id: {**asdict(item), "centre": self._centre, "at": now}
            for item in own.values()
            if not self._is_published(item, stored.get(item.id), now)
        }
        foreign = {name: record for name, record in stored.items() if record[1] != self._centre}
        left = [item for item, _, at in foreign.values() if not _is_alive(at, now)]
        left = [item for item in left if item.id not in own]
        done = [item.id for item in left if item.is_home]
        done += [name for name in stored if name not in foreign and name not in own]
        if changed or done:
            self._store.publish_turned(changed, done)
        self._desk.hear(
            {name: item for name, (item, _, at) in foreign.items() if _is_alive(at, now)},
            [item for item in left if not item.is_home],
        )

    def _is_published(
        self, item: TurnedCamera, record: tuple[TurnedCamera, str, float] | None, now: float
    ) -> bool:
        return (
            record is not None
            and record[:2] == (item, self._centre)
            and now - record[2] < AGAIN_EVERY_S
        )


def _is_alive(at: float, now: float) -> bool:
    return abs(now - at) < LEFT_AFTER_S


def _records(store: TurnedCameraStore) -> list[tuple[TurnedCamera, str, float]]:
    """Return each readable record: the camera, the centre that reported it, and when."""
    read = (_record(camera_id, facts) for camera_id, facts in store.turned().items())
    return [item for item in read if item is not None]


def _record(camera_id: str, facts: Mapping[str, Any]) -> tuple[TurnedCamera, str, float] | None:
    try:
        preset, holder = facts["preset"], facts["holder"]
        camera = TurnedCamera(
            id=camera_id,
            position=Position(facts["position"]),
            preset=None if preset is None else str(preset),
            is_moving=bool(facts["is_moving"]),
            holder=None if holder is None else str(holder)[:_LONGEST_NAME],
        )
        return camera, str(facts["centre"]), float(facts["at"])
    except (KeyError, TypeError, ValueError, OverflowError):
        log.warning("camera %s: what is told of where it looks cannot be read", camera_id)
        return None
