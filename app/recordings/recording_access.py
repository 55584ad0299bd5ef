"""Access to recordings: scope checks, and bounded reading of disks that may hang."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from thapcanh.alerts.registry.camera_owners import KEPT_FACTS, CameraOwners, RemovedCamera
from thapcanh.alerts.registry.recording_rights import (
    SEES_ALL_RECORDINGS,
    FormerOwner,
    RecordingRights,
    recording_rights,
)
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.process.bounded_reader import BoundedReader, NoAnswer
from thapcanh.app.site.site_stores import SiteFilm
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError
from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.recording.disk import RecordingDiskMissing
from thapcanh.ingest.recording.library import RecordedStretch, RecordingsUnavailable
from thapcanh.ingest.recording.retention import HoldUnreadable
from thapcanh.ingest.recording.store.objects import ObjectStoreError
from thapcanh.ingest.recording.store.recorded_film import RecordedFilm
from thapcanh.ingest.recording.store.segment_cache import StoredFilmChanged
from thapcanh.ingest.recording.timeline import GapReason, RecordedSpan, RecordingGap

log = logging.getLogger(__name__)

_READER = BoundedReader(at_once=8, within_s=3.0)
_STORE_READER = BoundedReader(at_once=16, within_s=8.0)  # a film crosses the network whole
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFilm:
    """A camera and the part of its recordings that the caller may see."""

    camera: CameraConfig
    rights: RecordingRights

    @property
    def sees_all(self) -> bool:
        return self.rights == SEES_ALL_RECORDINGS

    def cut(self, found: RecordedStretch) -> RecordedStretch:
        """Return the visible part of a span; the rest becomes a gap with its reason."""
        if self.sees_all:
            return found
        seen = self.rights.cut(found.from_s, found.to_s)
        segments = tuple(one for one in found.segments if self.rights.covers(one.from_s, one.to_s))
        gaps = [
            replace(gap, from_s=max(gap.from_s, begin), to_s=min(gap.to_s or end, end), packets=0)
            for gap in found.gaps
            for begin, end in seen
            if gap.from_s < end and begin < (gap.to_s or end)
        ]
        gaps += [
            RecordingGap(from_s=begin, to_s=end, reason=GapReason.OTHERS)
            for begin, end in _between(seen, found.from_s, found.to_s)
        ]
        span = RecordedSpan(
            recorded_from=_not_before(found.span.recorded_from, self.rights.begins),
            kept_from=_not_before(found.span.kept_from, self.rights.begins),
        )
        in_order = tuple(sorted(gaps, key=lambda gap: gap.from_s))
        return replace(found, segments=segments, gaps=in_order, span=span, named=())


def seen_film(caller: CurrentUser, here: AppState, camera_id: str) -> SeenFilm:
    """Return the caller's part of a camera's recordings; raise `ApiError` (404) if none."""
    camera = here.services.site().camera(camera_id)
    if camera is None:
        found = _film_of_removed(caller, here, camera_id)
    else:
        (found,) = films_seen(caller, here, [camera])
    if found is None:
        raise ApiError(404, "camera_not_found")
    return found


def _film_of_removed(caller: CurrentUser, here: AppState, camera_id: str) -> SeenFilm | None:
    for one in _gone(here, camera_id):
        (film,) = _films_of(caller, here, [one])
        return film
    return None


def films_of_removed(caller: CurrentUser, here: AppState) -> list[tuple[SeenFilm, float]]:
    """Return the visible recordings of removed cameras with their end, last removed first."""
    gone = _gone(here)
    films = zip(_films_of(caller, here, gone), gone, strict=True)
    return [(film, one.at) for film, one in films if film is not None]


def _gone(here: AppState, camera_id: str | None = None) -> list[RemovedCamera]:
    """Return removed cameras of the registry, or of the files of a site without one."""
    database, site = here.services.archive.database, here.services.site()
    registered = RegistryRepository(database).removed_cameras(camera_id)
    left = CameraOwners(database).left_files(camera_id)
    found: dict[str, RemovedCamera] = {}
    for one in (*registered, *left) if site.registry.source == "database" else left:
        if site.camera(one.document["id"]) is None:
            found.setdefault(one.document["id"], one)
    return sorted(found.values(), key=lambda one: one.at, reverse=True)


def _films_of(
    caller: CurrentUser, here: AppState, gone: Sequence[RemovedCamera]
) -> list[SeenFilm | None]:
    former: Mapping[str, tuple[FormerOwner, ...]] = {}
    if caller.scope != EVERYTHING:
        ids = [one.document["id"] for one in gone]
        former = CameraOwners(here.services.archive.database).former(ids)
    found: list[SeenFilm | None] = []
    for one in gone:
        camera, rights = _as_it_was(one.document), SEES_ALL_RECORDINGS
        if caller.scope != EVERYTHING:
            rights = recording_rights(caller.scope, former.get(camera.id, ()), one.present)
        found.append(SeenFilm(camera=camera, rights=rights) if rights else None)
    return found


def _as_it_was(document: Mapping[str, Any]) -> CameraConfig:
    """Return the camera with its former name, owner and masks, without a source."""
    name = document["id"]
    facts = {key: document[key] for key in KEPT_FACTS if document.get(key) is not None}
    gone = {"id": name, "name": name, "source": f"file:///removed/{name}"}
    return CameraConfig.model_validate_json(json.dumps({**gone, **facts}))


def films_seen(
    caller: CurrentUser, here: AppState, cameras: Sequence[CameraConfig | None]
) -> list[SeenFilm | None]:
    """Return the visible part for each camera; None for a missing or foreign one."""
    if caller.scope == EVERYTHING:
        return [
            None if one is None else SeenFilm(camera=one, rights=SEES_ALL_RECORDINGS)
            for one in cameras
        ]
    names = [one.id for one in cameras if one is not None]
    former = CameraOwners(here.services.archive.database).former(names)
    found: list[SeenFilm | None] = []
    for one in cameras:
        if one is None:
            found.append(None)
            continue
        rights = recording_rights(caller.scope, former.get(one.id, ()), (one.agency, one.area))
        found.append(SeenFilm(camera=one, rights=rights) if rights else None)
    return found


def asked(work: Callable[[], T], reader: BoundedReader = _READER) -> T:
    """Ask the disk; 503 where it does not answer or cannot be read."""
    try:
        return reader.ask(work)
    except RecordingDiskMissing as error:
        raise _disk_missing(error) from None
    except (NoAnswer, RecordingsUnavailable, HoldUnreadable, OSError):
        raise ApiError(503, "recordings_unavailable", headers={"Retry-After": "5"}) from None


def recordings_of(here: AppState) -> RecordedFilm:
    """Return the recordings; raise `ApiError` (404) if nothing is recorded."""
    film = here.part(SiteFilm).get()
    if film is None:
        raise ApiError(404, "nothing_recorded")
    return film


def asked_film(
    here: AppState, work: Callable[[RecordedFilm], T], reader: BoundedReader | None = None
) -> T:
    """Run `work` on the disk, or the shared store if there is one, with a time limit.

    Raises `ApiError`: 503 without an answer, 409 for altered recordings.
    """
    film = recordings_of(here)
    usual = _READER if film.store_shown is None else _STORE_READER
    try:
        return (reader or usual).ask(lambda: work(film))
    except StoredFilmChanged:
        raise ApiError(409, "recording_changed", store=film.store_shown) from None
    except ObjectStoreError as error:
        log.warning("recordings: %s", error)
        raise _store_silent(film) from None
    except RecordingDiskMissing as error:
        raise _disk_missing(error) from None
    except (NoAnswer, RecordingsUnavailable, HoldUnreadable, OSError):
        if film.store_is_silent:
            raise _store_silent(film) from None
        raise ApiError(503, "recordings_unavailable", headers={"Retry-After": "5"}) from None


def _store_silent(film: RecordedFilm) -> ApiError:
    headers = {"Retry-After": "5"}
    return ApiError(503, "recording_store_silent", headers=headers, store=film.store_shown)


def _disk_missing(error: RecordingDiskMissing) -> ApiError:
    headers = {"Retry-After": "5"}
    return ApiError(503, "recording_disk_missing", headers=headers, folder=str(error.folder))


def _between(
    seen: Sequence[tuple[float, float]], from_s: float, to_s: float
) -> Iterator[tuple[float, float]]:
    """Yield the gaps between these spans and the ends."""
    at_s = from_s
    for begin, end in seen:
        if at_s < begin:
            yield at_s, begin
        at_s = end
    if at_s < to_s:
        yield at_s, to_s


def _not_before(at_s: float | None, begins: float) -> float | None:
    return None if at_s is None else max(at_s, begins)
