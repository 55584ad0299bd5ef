"""Web routes of camera discovery by ONVIF, and of following a moved camera."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool

from thapcanh.alerts.registry.records import EntryKind, RegisteredEntry
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.registry.discovery.discover_schemas import (
    DiscoverRequest,
    DiscoverResponse,
    FollowRequest,
    KeyframeRequest,
    NetworksResponse,
    OnvifCameraResponse,
    OnvifProfileResponse,
    OnvifRequest,
    camera_response,
    found_response,
    profile_response,
)
from thapcanh.app.registry.discovery.discovery_messages import camera_reason, network_reason
from thapcanh.app.registry.discovery.finding import (
    FindingRefused,
    addresses_to_query,
    check_service,
    host_of,
    recognised,
    registered_camera,
    registered_cameras,
)
from thapcanh.app.registry.editing import Editing, EntryUnregistered
from thapcanh.app.registry.editor import RegistryEditor
from thapcanh.app.registry.registry_access import (
    EDITS,
    editing_of,
    editor_of,
    refusals,
    registry_of,
    repository_of,
)
from thapcanh.app.registry.registry_schemas import RegistryEntryResponse, entry_response
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import main_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL
from thapcanh.config.registry.entries import SOURCES
from thapcanh.ingest.errors import CertificateRefused, SourceError
from thapcanh.ingest.onvif.device import describe, set_keyframe_interval
from thapcanh.ingest.onvif.discovery import FoundDevice, discover

router = APIRouter(prefix=f"{PREFIX}/registry", tags=["registry"])

_MOST_AT_ONCE = 4
_errands = threading.BoundedSemaphore(_MOST_AT_ONCE)


def follow(
    repository: RegistryRepository,
    editor: RegistryEditor,
    name: str,
    device: FoundDevice,
    editing: Editing,
) -> RegisteredEntry:
    """Put the device's address into the camera. Raises `EntryUnregistered` for another device."""
    there = repository.entries(EntryKind.CAMERAS, [name]).get(name)
    if there is None or there.document is None:
        raise EntryUnregistered(name)
    if not is_the_same(device, there):
        raise EntryUnregistered(name)
    old = host_of(there.document["source"])
    whole = editor.revealed(there)
    patch: dict[str, Any] = {
        source: _at(whole[source], device.address)
        for source in SOURCES
        if isinstance(whole.get(source), str) and host_of(whole[source]) == old
    }
    patch["onvif"] = {**there.document["onvif"], "service": device.service}
    return editor.change(EntryKind.CAMERAS, name, patch, there.revision, editing)


def is_the_same(device: FoundDevice, entry: RegisteredEntry) -> bool:
    """Return True if a device is the registered camera, by endpoint reference or MAC."""
    known = registered_camera(entry.id, entry.document or {})
    by_endpoint = known.endpoint is not None and known.endpoint == device.endpoint
    return by_endpoint or (known.mac is not None and known.mac == device.mac)


def _at(address: str, host: str) -> str:
    """Return the URL with another host; login and port stay."""
    parts = urlsplit(address)
    login, at, where = parts.netloc.rpartition("@")
    _, colon, port = where.rpartition(":") if parts.port is not None else ("", "", "")
    return urlunsplit(parts._replace(netloc=f"{login}{at}{host}{colon}{port}"))


@router.get("/discover")
@permits(EDITS)
def list_networks(caller: CurrentUserDep, state: AppStateDep) -> NetworksResponse:
    """List the networks for discovery: `[networks] onvif`."""
    del caller
    return NetworksResponse(networks=[str(item) for item in state.services.site().networks.onvif])


@router.post("/discover")
@permits(EDITS)
async def discover_cameras(
    body: DiscoverRequest, caller: CurrentUserDep, state: AppStateDep
) -> DiscoverResponse:
    """Ask each address of the allowed networks whether it is a camera; some seconds."""
    with _errand():
        asked = addresses_to_query(state.services.site().networks.onvif, body.network)
        await _note(caller, state, str(body.network or "all networks"))
        devices = await discover(asked)
        known = await run_in_threadpool(registered_cameras, repository_of(state))
    sees = caller.scope.sees
    return DiscoverResponse(
        asked=len(asked),
        items=[
            found_response(
                item, may_see=item.known is not None and sees(item.known.agency, item.known.area)
            )
            for item in recognised(devices, known)
        ],
    )


@router.post("/discover/camera")
@permits(EDITS)
async def describe_camera(
    body: OnvifRequest, caller: CurrentUserDep, state: AppStateDep
) -> OnvifCameraResponse:
    """Return one camera's identity and streams."""
    with _errand():
        check_service(body.service, state.services.site().networks)
        await _note(caller, state, body.service)
        return camera_response(await describe(body.login))


@router.post("/discover/keyframes")
@permits(EDITS)
async def set_keyframes(
    body: KeyframeRequest, caller: CurrentUserDep, state: AppStateDep
) -> OnvifProfileResponse:
    """Set how often a profile has a keyframe; the answer is what the camera made of it."""
    with _errand():
        check_service(body.service, state.services.site().networks)
        await _note(caller, state, f"{body.service} keyframes")
        return profile_response(
            await set_keyframe_interval(body.login, body.token, body.interval_s)
        )


@router.post("/cameras/{entry_id}/follow")
@permits(EDITS)
async def follow_camera(
    caller: CurrentUserDep,
    state: AppStateDep,
    entry_id: Annotated[str, Path(max_length=64, pattern=NO_NUL)],
    body: FollowRequest,
) -> RegistryEntryResponse:
    """Give a camera the address at which it answers now, if it is the same camera."""
    with _errand(), refusals():
        editor = editor_of(state)
        entry = await run_in_threadpool(
            registry_of(caller, state).entry, EntryKind.CAMERAS, entry_id
        )
        if entry is None:
            raise EntryUnregistered(entry_id)
        check_service(f"http://{body.address}/", state.services.site().networks)
        found = await discover([body.address])
        device = next((item for item in found if is_the_same(item, entry)), None)
        if device is None:
            raise ApiError(409, "camera_not_there")
        editing = editing_of(caller, state)
        moved = await run_in_threadpool(
            follow, repository_of(state), editor, entry_id, device, editing
        )
        return entry_response(moved)


@contextmanager
def _errand() -> Iterator[None]:
    """Limit concurrent queries; turn refusals into `ApiError`."""
    if not _errands.acquire(blocking=False):
        raise ApiError(503, "busy", headers={"Retry-After": "10"})
    try:
        yield
    except FindingRefused as refused:
        raise ApiError(403, "onvif_network", problem=network_reason(refused)) from None
    except CertificateRefused as error:
        shown = {"fingerprint": error.fingerprint}
        told = camera_reason(error)
        raise ApiError(422, "onvif_certificate", extra=shown, problem=told) from None
    except SourceError as error:
        raise ApiError(422, f"onvif_{error.reason}", problem=camera_reason(error)) from None
    finally:
        _errands.release()


async def _note(caller: CurrentUser, state: AppState, what: str) -> None:
    """Log who queried which address, without a password."""
    line = AuditEntry(
        at=state.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action="address_tried",
        object_id=what[:200],
        details={"by": "onvif"},
    )
    await run_in_threadpool(note_in_log, state.services.archive.database, line)
