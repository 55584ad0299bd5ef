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
from thapcanh.app.registry.discovery.finding import (
    FindingRefused,
    addresses_to_ask,
    check_service,
    host_of,
    known_camera,
    known_cameras,
    recognised,
)
from thapcanh.app.registry.discovery.told import told_of_camera, told_of_network
from thapcanh.app.registry.editing import Editing, EntryUnknown
from thapcanh.app.registry.editor import RegistryEditor
from thapcanh.app.registry.registry_access import (
    KEEPS,
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
    """Put the device's address into the camera. Raises `EntryUnknown` for another device."""
    there = repository.entries(EntryKind.CAMERAS, [name]).get(name)
    if there is None or there.document is None:
        raise EntryUnknown(name)
    if not is_the_same(device, there):
        raise EntryUnknown(name)
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
    known = known_camera(entry.id, entry.document or {})
    by_endpoint = known.endpoint is not None and known.endpoint == device.endpoint
    return by_endpoint or (known.mac is not None and known.mac == device.mac)


def _at(address: str, host: str) -> str:
    """Return the URL with another host; login and port stay."""
    parts = urlsplit(address)
    login, at, where = parts.netloc.rpartition("@")
    _, colon, port = where.rpartition(":") if parts.port is not None else ("", "", "")
    return urlunsplit(parts._replace(netloc=f"{login}{at}{host}{colon}{port}"))


@router.get("/discover")
@permits(KEEPS)
def list_networks(caller: CurrentUserDep, here: AppStateDep) -> NetworksResponse:
    """List the networks for discovery: `[networks] onvif`."""
    del caller
    return NetworksResponse(networks=[str(one) for one in here.services.site().networks.onvif])


@router.post("/discover")
@permits(KEEPS)
async def discover_cameras(
    wanted: DiscoverRequest, caller: CurrentUserDep, here: AppStateDep
) -> DiscoverResponse:
    """Ask each address of the allowed networks whether it is a camera; some seconds."""
    with _errand():
        asked = addresses_to_ask(here.services.site().networks.onvif, wanted.network)
        await _note(caller, here, str(wanted.network or "all networks"))
        devices = await discover(asked)
        known = await run_in_threadpool(known_cameras, repository_of(here))
    sees = caller.scope.sees
    return DiscoverResponse(
        asked=len(asked),
        items=[
            found_response(
                one, may_see=one.known is not None and sees(one.known.agency, one.known.area)
            )
            for one in recognised(devices, known)
        ],
    )


@router.post("/discover/camera")
@permits(KEEPS)
async def describe_camera(
    wanted: OnvifRequest, caller: CurrentUserDep, here: AppStateDep
) -> OnvifCameraResponse:
    """Return one camera's identity and streams."""
    with _errand():
        check_service(wanted.service, here.services.site().networks)
        await _note(caller, here, wanted.service)
        return camera_response(await describe(wanted.login))


@router.post("/discover/keyframes")
@permits(KEEPS)
async def set_keyframes(
    wanted: KeyframeRequest, caller: CurrentUserDep, here: AppStateDep
) -> OnvifProfileResponse:
    """Set how often a profile has a keyframe; the answer is what the camera made of it."""
    with _errand():
        check_service(wanted.service, here.services.site().networks)
        await _note(caller, here, f"{wanted.service} keyframes")
        return profile_response(
            await set_keyframe_interval(wanted.login, wanted.token, wanted.interval_s)
        )


@router.post("/cameras/{entry_id}/follow")
@permits(KEEPS)
async def follow_camera(
    caller: CurrentUserDep,
    here: AppStateDep,
    entry_id: Annotated[str, Path(max_length=64, pattern=NO_NUL)],
    wanted: FollowRequest,
) -> RegistryEntryResponse:
    """Give a camera the address at which it answers now, if it is the same camera."""
    with _errand(), refusals():
        editor = editor_of(here)
        entry = await run_in_threadpool(
            registry_of(caller, here).entry, EntryKind.CAMERAS, entry_id
        )
        if entry is None:
            raise EntryUnknown(entry_id)
        check_service(f"http://{wanted.address}/", here.services.site().networks)
        found = await discover([wanted.address])
        device = next((one for one in found if is_the_same(one, entry)), None)
        if device is None:
            raise ApiError(409, "camera_not_there")
        editing = editing_of(caller, here)
        moved = await run_in_threadpool(
            follow, repository_of(here), editor, entry_id, device, editing
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
        raise ApiError(403, "onvif_network", problem=told_of_network(refused)) from None
    except CertificateRefused as error:
        shown = {"fingerprint": error.fingerprint}
        told = told_of_camera(error)
        raise ApiError(422, "onvif_certificate", extra=shown, problem=told) from None
    except SourceError as error:
        raise ApiError(422, f"onvif_{error.reason}", problem=told_of_camera(error)) from None
    finally:
        _errands.release()


async def _note(caller: CurrentUser, here: AppState, what: str) -> None:
    """Log who queried which address, without a password."""
    line = AuditEntry(
        at=here.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action="address_tried",
        object_id=what[:200],
        details={"by": "onvif"},
    )
    await run_in_threadpool(note_in_log, here.services.archive.database, line)
