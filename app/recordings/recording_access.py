"""Access to recordings: scope checks, and bounded reading of disks that may hang."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from thapcanh.alerts.registry.camera_owners import STORED_FACTS, CameraOwners, RemovedCamera
from thapcanh.alerts.registry.recording_rights import (
    SEES_ALL_RECORDINGS,
    FormerOwner,
    RecordingRights,
    recording_rights,
)
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.process.bounded_reader import BoundedReader, NoAnswer
from thapcanh.app.site.site_stores import SiteRecordings
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError
from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.recording.disk import RecordingDiskMissing
from thapcanh.ingest.recording.library import RecordedInterval, RecordingsUnavailable
from thapcanh.ingest.recording.retention import HoldUnreadable
from thapcanh.ingest.recording.store.objects import ObjectStoreError
from thapcanh.ingest.recording.store.recording_access import SiteRecordingAccess
from thapcanh.ingest.recording.store.segment_cache import StoredRecordingChanged
from thapcanh.ingest.recording.timeline import GapReason, RecordedSpan, RecordingGap

log = logging.getLogger(__name__)

_READER = BoundedReader(at_once=8, within_s=3.0)
_STORE_READER = BoundedReader(at_once=16, within_s=8.0)  # a film crosses the network whole
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleRecordings:
    """A camera and the part of its recordings that the caller may see."""

    camera: CameraConfig
    rights: RecordingRights

    @property
    def sees_all(self) -> bool:
        return self.rights == SEES_ALL_RECORDINGS

    def cut(self, found: RecordedInterval) -> RecordedInterval:
        """Return the visible part of a span; the rest becomes a gap with its reason."""
        if self.sees_all:
            return found
        visible = self.rights.cut(found.from_s, found.to_s)
        segments = tuple(
            item for item in found.segments if self.rights.covers(item.from_s, item.to_s)
        )
        gaps = [
            replace(gap, from_s=max(gap.from_s, start), to_s=min(gap.to_s or end, end), packets=0)
            for gap in found.gaps
            for start, end in visible
            if gap.from_s < end and start < (gap.to_s or end)
        ]
        gaps += [
            RecordingGap(from_s=start, to_s=end, reason=GapReason.OTHERS)
            for start, end in _between(visible, found.from_s, found.to_s)
        ]
        span = RecordedSpan(
            recorded_from=_not_before(found.span.recorded_from, self.rights.begins),
            kept_from=_not_before(found.span.kept_from, self.rights.begins),
        )
        in_order = tuple(sorted(gaps, key=lambda gap: gap.from_s))
        return replace(found, segments=segments, gaps=in_order, span=span, named=())


def visible_recordings(caller: CurrentUser, state: AppState, camera_id: str) -> VisibleRecordings:
    """Return the caller's part of a camera's recordings; raise `ApiError` (404) if none."""
    camera = state.services.site().camera(camera_id)
    if camera is None:
        found = _recordings_of_removed(caller, state, camera_id)
    else:
        (found,) = visible_recordings_of(caller, state, [camera])
    if found is None:
        raise ApiError(404, "camera_not_found")
    return found


def _recordings_of_removed(
    caller: CurrentUser, state: AppState, camera_id: str
) -> VisibleRecordings | None:
    for item in _removed(state, camera_id):
        (recording,) = _recordings_of(caller, state, [item])
        return recording
    return None


def recordings_of_removed(
    caller: CurrentUser, state: AppState
) -> list[tuple[VisibleRecordings, float]]:
    """Return the visible recordings of removed cameras with their end, last removed first."""
    removed = _removed(state)
    recordings = zip(_recordings_of(caller, state, removed), removed, strict=True)
    return [(recording, item.at) for recording, item in recordings if recording is not None]


def _removed(state: AppState, camera_id: str | None = None) -> list[RemovedCamera]:
    """Return removed cameras of the registry, or of the files of a site without one."""
    database, site = state.services.archive.database, state.services.site()
    registered = RegistryRepository(database).removed_cameras(camera_id)
    left = CameraOwners(database).left_files(camera_id)
    found: dict[str, RemovedCamera] = {}
    for item in (*registered, *left) if site.registry.source == "database" else left:
        if site.camera(item.document["id"]) is None:
            found.setdefault(item.document["id"], item)
    return sorted(found.values(), key=lambda item: item.at, reverse=True)


def _recordings_of(
    caller: CurrentUser, state: AppState, removed: Sequence[RemovedCamera]
) -> list[VisibleRecordings | None]:
    former: Mapping[str, tuple[FormerOwner, ...]] = {}
    if caller.scope != EVERYTHING:
        ids = [item.document["id"] for item in removed]
        former = CameraOwners(state.services.archive.database).former(ids)
    found: list[VisibleRecordings | None] = []
    for item in removed:
        camera, rights = _as_it_was(item.document), SEES_ALL_RECORDINGS
        if caller.scope != EVERYTHING:
            rights = recording_rights(caller.scope, former.get(camera.id, ()), item.present)
        found.append(VisibleRecordings(camera=camera, rights=rights) if rights else None)
    return found


def _as_it_was(document: Mapping[str, Any]) -> CameraConfig:
    """Return the camera with its former name, owner and masks, without a source."""
    name = document["id"]
    facts = {key: document[key] for key in STORED_FACTS if document.get(key) is not None}
    removed = {"id": name, "name": name, "source": f"file:///removed/{name}"}
    return CameraConfig.model_validate_json(json.dumps({**removed, **facts}))


def visible_recordings_of(
    caller: CurrentUser, state: AppState, cameras: Sequence[CameraConfig | None]
) -> list[VisibleRecordings | None]:
    """Return the visible part for each camera; None for a missing or foreign one."""
    if caller.scope == EVERYTHING:
        return [
            None if item is None else VisibleRecordings(camera=item, rights=SEES_ALL_RECORDINGS)
            for item in cameras
        ]
    names = [item.id for item in cameras if item is not None]
    former = CameraOwners(state.services.archive.database).former(names)
    found: list[VisibleRecordings | None] = []
    for item in cameras:
        if item is None:
            found.append(None)
            continue
        rights = recording_rights(caller.scope, former.get(item.id, ()), (item.agency, item.area))
        found.append(VisibleRecordings(camera=item, rights=rights) if rights else None)
    return found


def asked(work: Callable[[], T], reader: BoundedReader = _READER) -> T:
    """Ask the disk; 503 where it does not answer or cannot be read."""
    try:
        return reader.ask(work)
    except RecordingDiskMissing as error:
        raise _disk_missing(error) from None
    except (NoAnswer, RecordingsUnavailable, HoldUnreadable, OSError):
        raise ApiError(503, "recordings_unavailable", headers={"Retry-After": "5"}) from None


def recordings_of(state: AppState) -> SiteRecordingAccess:
    """Return the recordings; raise `ApiError` (404) if nothing is recorded."""
    recording = state.part(SiteRecordings).get()
    if recording is None:
        raise ApiError(404, "nothing_recorded")
    return recording


def read_recordings(
    state: AppState, work: Callable[[SiteRecordingAccess], T], reader: BoundedReader | None = None
) -> T:
    """Run `work` on the disk, or the shared store if there is one, with a time limit.

    Raises `ApiError`: 503 without an answer, 409 for altered recordings.
    """
    recording = recordings_of(state)
    usual = _READER if recording.store_shown is None else _STORE_READER
    try:
        return (reader or usual).ask(lambda: work(recording))
    except StoredRecordingChanged:
        raise ApiError(409, "recording_changed", store=recording.store_shown) from None
    except ObjectStoreError as error:
        log.warning("recordings: %s", error)
        raise _store_silent(recording) from None
    except RecordingDiskMissing as error:
        raise _disk_missing(error) from None
    except (NoAnswer, RecordingsUnavailable, HoldUnreadable, OSError):
        if recording.store_is_silent:
            raise _store_silent(recording) from None
        raise ApiError(503, "recordings_unavailable", headers={"Retry-After": "5"}) from None


def _store_silent(recording: SiteRecordingAccess) -> ApiError:
    headers = {"Retry-After": "5"}
    return ApiError(503, "recording_store_silent", headers=headers, store=recording.store_shown)


def _disk_missing(error: RecordingDiskMissing) -> ApiError:
    headers = {"Retry-After": "5"}
    return ApiError(503, "recording_disk_missing", headers=headers, folder=str(error.folder))


def _between(
    visible: Sequence[tuple[float, float]], from_s: float, to_s: float
) -> Iterator[tuple[float, float]]:
    """Yield the gaps between these spans and the ends."""
    at_s = from_s
    for start, end in visible:
        if at_s < start:
            yield at_s, start
        at_s = end
    if at_s < to_s:
        yield at_s, to_s


def _not_before(at_s: float | None, begins: float) -> float | None:
    return None if at_s is None else max(at_s, begins)
