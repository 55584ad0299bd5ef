"""Web routes of habits: what is usual on a camera; technicians clear it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter
from pydantic import Field

from thapcanh.alerts.store.roles import Role
from thapcanh.alerts.suppression.habits import HabitRepository, StoredHabits
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, PersonResponse, Time
from thapcanh.app.web_api.visible_camera import visible_camera
from thapcanh.detection.confirmation.habit_record import HabitsUnreadable, from_text
from thapcanh.detection.confirmation.habits import GROWN_UP_SPANS, KINDS, SPAN_S, HabitMap, hour_of

router = APIRouter(prefix=PREFIX, tags=["cameras"])

CameraId = Annotated[str, PathParameter(max_length=64, pattern=NO_NUL)]
Grid = list[list[float]]


class CameraHabitsResponse(ApiModel):
    """Frequency of candidates on a camera at one local hour."""

    camera: str
    since: Time | None = Field(description="when it began to learn; nothing: it has not")
    watched_h: float = Field(description="hours of learning; older ones weigh less")
    is_young: bool = Field(description="less than a day was watched")
    hour: int
    kinds: dict[str, Grid] = Field(
        description="by kind, rows from the top and columns from the left: 0 never, 1 always"
    )
    updated_at: Time | None
    cleared_at: Time | None
    cleared_by: PersonResponse | None


@router.get("/cameras/{camera_id}/habits")
@permits(EVERYONE, token=TokenScope.READ)
def camera_habits(
    caller: CurrentUserDep,
    state: AppStateDep,
    camera_id: CameraId,
    hour: Annotated[int | None, Query(ge=0, le=23)] = None,
) -> CameraHabitsResponse:
    """Return the map of a local hour; by default the current one."""
    visible_camera(caller, state, camera_id)
    stored = _repository(state).of(camera_id)
    shown_hour = hour_of(state.services.clock.utc()) if hour is None else hour
    return _shown(camera_id, stored, shown_hour, state)


@router.post("/cameras/{camera_id}/habits/clear")
@permits(frozenset({Role.TECHNICIAN}))
def clear_habits(
    caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId
) -> CameraHabitsResponse:
    """Clear a camera's map, for example after it was moved; the action is logged."""
    visible_camera(caller, state, camera_id)
    now = state.services.clock.utc()
    repository = _repository(state)
    repository.clear(camera_id, caller.actor(main_role(caller.roles)), now)
    return _shown(camera_id, repository.of(camera_id), hour_of(now), state)


def _shown(
    camera_id: str, stored: StoredHabits | None, hour: int, state: AppState
) -> CameraHabitsResponse:
    habits = _map(stored)
    spans = 0.0 if habits is None else float(habits.watched.sum())
    return CameraHabitsResponse(
        camera=camera_id,
        since=None if habits is None else habits.since,
        watched_h=round(spans * SPAN_S / 3600, 2),
        is_young=spans < GROWN_UP_SPANS,
        hour=hour,
        kinds={} if habits is None else {kind: habits.grid(kind, hour) for kind in KINDS},
        updated_at=None if stored is None else stored.updated_at,
        cleared_at=None if stored is None else stored.cleared_at,
        cleared_by=None if stored is None else state.people.person(stored.cleared_by),
    )


def _map(stored: StoredHabits | None) -> HabitMap | None:
    if stored is None or stored.record is None:
        return None
    try:
        return from_text(stored.record)
    except HabitsUnreadable:
        return None  # its worker begins again too


def _repository(state: AppState) -> HabitRepository:
    return HabitRepository(state.services.archive.database)
