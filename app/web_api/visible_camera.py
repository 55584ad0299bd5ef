"""Looks up a camera that a person names; it is found only if its owner is in their scope."""

from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError
from thapcanh.config.camera import CameraConfig


def visible_camera(caller: CurrentUser, state: AppState, camera_id: str) -> CameraConfig:
    """Return the visible camera; raise `ApiError` (404) otherwise."""
    return check_visible(caller, state.services.site().camera(camera_id))


def check_visible(caller: CurrentUser, camera: CameraConfig | None) -> CameraConfig:
    """Return the camera if it is visible; raise `ApiError` (404) otherwise."""
    if camera is None or not caller.scope.sees(camera.agency, camera.area):
        raise ApiError(404, "camera_not_found")
    return camera
