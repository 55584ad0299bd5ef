"""Web routes of devices: editing, tests, bindings to facilities and cameras."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from uuid6 import uuid7

from thapcanh.alerts.facilities.facility_store import FacilityRepository
from thapcanh.alerts.map.country import position_fault
from thapcanh.alerts.signals.device_store import LONGEST_TEST_S, DeviceRepository, DeviceTest
from thapcanh.alerts.store.roles import Actor
from thapcanh.app.signals.device_schemas import (
    ID,
    DeviceListResponse,
    DeviceRequest,
    DeviceResponse,
    DeviceTestRequest,
    NewDeviceResponse,
    device_response,
)
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ANSWERS, EDITS_LISTS, EVERYONE, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.record_owner import require_listed_owner
from thapcanh.app.web_api.schemas import first_of
from thapcanh.app.web_api.visible_camera import visible_camera
from thapcanh.config.devices import DeviceConfig

router = APIRouter(prefix=PREFIX, tags=["signals"])

DeviceId = Annotated[str, Path(pattern=ID)]
_MOST = 500


@router.get("/devices")
@permits(EVERYONE, token=TokenScope.READ)
def list_devices(
    caller: CurrentUserDep,
    state: AppStateDep,
    q: Annotated[str, Query(max_length=100)] = "",
    facility: Annotated[str | None, Query(max_length=64)] = None,
) -> DeviceListResponse:
    """List visible devices of registry and files."""
    stored = _stored(state).page(caller.scope, words=q, facility=facility, limit=_MOST + 1)
    files = [
        one
        for one in state.services.site().devices
        if caller.scope.sees(one.agency, one.area)
        and (facility is None or one.facility == facility)
        and q.casefold() in f"{one.id} {one.name}".casefold()
    ]
    listed, more = first_of([*files, *stored], _MOST)
    return DeviceListResponse(items=[_shown(one, state) for one in listed], more=more)


@router.post("/devices", status_code=201)
@permits(EDITS_LISTS, token=TokenScope.DEVICES)
def save_device(
    caller: CurrentUserDep, state: AppStateDep, body: DeviceRequest
) -> NewDeviceResponse:
    """Add a device, or replace the one with this id."""
    site = state.services.site()
    if site.device(body.id) is not None or site.camera(body.id) is not None:
        raise ApiError(409, "device_id_taken", device=body.id)
    device = _checked(caller, state, body)
    now = state.services.clock.utc()
    if _stored(state).save(_me(caller), [device], now):
        raise ApiError(409, "device_id_taken", device=body.id)
    _refresh(state)
    return NewDeviceResponse(id=device.id)


@router.delete("/devices/{device_id}", status_code=204)
@permits(EDITS_LISTS, token=TokenScope.DEVICES)
def remove_device(caller: CurrentUserDep, state: AppStateDep, device_id: DeviceId) -> None:
    """Take a device away: what it sends is refused from now on."""
    if not _stored(state).remove(_me(caller), device_id, state.services.clock.utc()):
        raise ApiError(404, "device_unknown", device=device_id)
    _refresh(state)


@router.post("/devices/{device_id}/test", status_code=204)
@permits(ANSWERS)
def begin_test(
    caller: CurrentUserDep, state: AppStateDep, device_id: DeviceId, body: DeviceTestRequest
) -> None:
    """Let a device be silent while it is tested; by whom and why stays in the log."""
    _visible(caller, state, device_id)
    now = state.services.clock.utc()
    ends_at = body.until.timestamp()
    if not now < ends_at <= now + LONGEST_TEST_S:
        raise ApiError(422, "device_test_end", days=int(LONGEST_TEST_S // 86_400))
    test = DeviceTest(
        id=str(uuid7()),
        device_id=device_id,
        reason=" ".join(body.reason.split()),
        begins_at=now,
        ends_at=ends_at,
        begun_by=caller.session.user.username,
    )
    _stored(state).begin_test(_me(caller), test, now)
    _refresh(state)


@router.delete("/devices/{device_id}/test", status_code=204)
@permits(ANSWERS)
def end_test(caller: CurrentUserDep, state: AppStateDep, device_id: DeviceId) -> None:
    """End a device's test; its signals raise alerts again within a second."""
    _visible(caller, state, device_id)
    if not _stored(state).end_tests(_me(caller), device_id, state.services.clock.utc()):
        raise ApiError(404, "device_not_in_test")
    _refresh(state)


def _checked(caller: CurrentUser, state: AppState, body: DeviceRequest) -> DeviceConfig:
    """Return the validated device. Raises `ApiError`."""
    place = body.place
    if (place.lat is None) != (place.lon is None):
        raise ApiError(422, "half_a_point", extra={"field": "body.place"})
    values = {name: getattr(body, name) for name in DeviceRequest.model_fields if name != "place"}
    device = DeviceConfig(
        **values | {"cameras": tuple(body.cameras)}, place=place.text, lat=place.lat, lon=place.lon
    )
    device = _at_facility(caller, state, device)
    if device.lat is not None and device.lon is not None:
        fault = position_fault((device.lat, device.lon))
        if fault is not None:
            cell = f"{device.lat}, {device.lon}"
            raise ApiError(422, f"position_{fault.value}", cell=cell)
    for name in device.cameras:
        try:
            visible_camera(caller, state, name)
        except ApiError:
            raise ApiError(422, "device_camera_unknown", camera=name) from None
    device = _beside_cameras(state, device)
    if not caller.scope.sees(device.agency, device.area):
        raise ApiError(403, "device_of_others")
    require_listed_owner(caller, state, device.agency, device.area)
    return device


def _beside_cameras(state: AppState, device: DeviceConfig) -> DeviceConfig:
    found = [state.services.site().camera(name) for name in device.cameras]
    changes = {
        what: _only(frozenset(getattr(one, what) for one in found))
        for what in ("agency", "area")
        if getattr(device, what) is None
    }
    return device.model_copy(update=changes)


def _at_facility(caller: CurrentUser, state: AppState, device: DeviceConfig) -> DeviceConfig:
    """Return the device with its facility's place, agency and area where it has none."""
    scope = caller.scope
    changes = {
        "agency": device.agency or _only(scope.agencies),
        "area": device.area or _only(scope.areas),
    }
    if device.facility is not None:
        repository = FacilityRepository(state.services.archive.database)
        found = repository.one(device.facility, scope)
        if found is None:
            raise ApiError(422, "facility_not_found", extra={"field": "body.facility"})
        facts = found.facts
        changes["agency"] = device.agency or facts.agency or changes["agency"]
        changes["area"] = device.area or facts.area or changes["area"]
        if device.lat is None:
            place = {"lat": facts.lat, "lon": facts.lon}
            return device.model_copy(
                update={**changes, **place, "place": device.place or facts.address or facts.name}
            )
    return device.model_copy(update=changes)


def _only(names: frozenset[str] | None) -> str | None:
    return next(iter(names)) if names is not None and len(names) == 1 else None


def _visible(caller: CurrentUser, state: AppState, device_id: str) -> DeviceConfig:
    """Return the visible device of registry or files. Raises `ApiError`."""
    device = state.services.site().device(device_id) or _stored(state).one(device_id, caller.scope)
    if device is None or not caller.scope.sees(device.agency, device.area):
        raise ApiError(404, "device_unknown", device=device_id)
    return device


def _shown(one: DeviceConfig, state: AppState) -> DeviceResponse:
    desk = state.part_or_none(SignalService)
    now_s, now = state.services.clock.monotonic(), state.services.clock.utc()
    heard_at = None if desk is None else desk.heard.heard_at(one.id)
    test = None if desk is None else desk.devices.in_test(one.id, now)
    return device_response(one, heard_at, test, now_s, state.people)


def _refresh(state: AppState) -> None:
    """Let this centre know at once; others read it within seconds."""
    desk = state.part_or_none(SignalService)
    if desk is not None:
        desk.devices.poll()


def _me(caller: CurrentUser) -> Actor:
    return caller.actor(main_role(caller.roles))


def _stored(state: AppState) -> DeviceRepository:
    return DeviceRepository(state.services.archive.database)
