"""Who may reach which recordings, and how disk and store are asked: both may hang for hours."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.process.bounded_reader import BoundedReader, NoAnswer
from app.web_api.access.access import CurrentUser
from app.web_api.app_state import AppState
from app.web_api.errors import ApiError
from config.camera import CameraConfig
from ingest.recording.library import RecordingsUnavailable
from ingest.recording.retention import HoldUnreadable
from ingest.recording.store.objects import ObjectStoreError
from ingest.recording.store.recorded_film import RecordedFilm
from ingest.recording.store.segment_cache import StoredFilmChanged

log = logging.getLogger(__name__)

_READER = BoundedReader(at_once=8, within_s=3.0)
_STORE_READER = BoundedReader(at_once=16, within_s=8.0)  # a film crosses the network whole
T = TypeVar("T")


def seen_camera(caller: CurrentUser, here: AppState, camera_id: str) -> CameraConfig:
    """The camera, where the caller may see it; else 404, whether there is one or not."""
    camera = here.services.site().camera(camera_id)
    if camera is None or not caller.scope.sees(camera.agency, camera.area):
        raise ApiError(404, "camera_not_found")
    return camera


def folder_of(here: AppState) -> Path:
    """The recording folder."""
    folder = here.services.site().recording.dir
    if folder is None:
        raise ApiError(404, "recording_not_found")
    return folder


def asked(work: Callable[[], T], reader: BoundedReader = _READER) -> T:
    """Ask the disk; 503 where it does not answer or cannot be read."""
    try:
        return reader.ask(work)
    except (NoAnswer, RecordingsUnavailable, HoldUnreadable, OSError):
        raise ApiError(503, "recordings_unavailable", headers={"Retry-After": "5"}) from None


def recordings_of(here: AppState) -> RecordedFilm:
    """The door to recorded film."""
    film = here.film.get()
    if film is None:
        raise ApiError(404, "recording_not_found")
    return film


def asked_film(
    here: AppState, work: Callable[[RecordedFilm], T], reader: BoundedReader | None = None
) -> T:
    """Ask the disk, and the store of all machines where there is one.

    503 where either does not answer, with the store's name; 409 where its film was changed.
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
    except (NoAnswer, RecordingsUnavailable, HoldUnreadable, OSError):
        if film.store_is_silent:
            raise _store_silent(film) from None
        raise ApiError(503, "recordings_unavailable", headers={"Retry-After": "5"}) from None


def _store_silent(film: RecordedFilm) -> ApiError:
    headers = {"Retry-After": "5"}
    return ApiError(503, "recording_store_silent", headers=headers, store=film.store_shown)
