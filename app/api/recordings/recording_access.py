"""Who may reach which recordings, and how the recording disk is asked: it may hang for hours."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.api.alerts.bounded_reader import BoundedReader, NoAnswer
from app.api.app_state import AppState
from app.api.auth.access import CurrentUser
from app.api.errors import ApiError
from config.camera import CameraConfig
from ingest.recording.library import RecordingsUnavailable
from ingest.recording.retention import HoldUnreadable

_READER = BoundedReader(at_once=8, within_s=3.0)
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
