"""Routes whose body is a file, looked up before the body is admitted."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request

from thapcanh.app.calls import citizen_media_routes
from thapcanh.app.calls.caller_page_routes import link_of_code
from thapcanh.app.crews import crew_send_routes
from thapcanh.app.facilities import document_routes, facility_import_routes
from thapcanh.app.imports import import_routes
from thapcanh.app.process.admission import (
    FILES_OF_ACCOUNTS,
    FILES_OF_CALLERS,
    FILES_OF_CREWS,
    FILES_OF_GATEWAYS,
)
from thapcanh.app.web_api.access.access import admitted, owner_of_caller
from thapcanh.app.web_api.access.endpoint_access import access_of
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.middleware.body_size_limit import BODY_WITHIN_S, FileDoor
from thapcanh.app.web_api.prefix import PREFIX

Endpoint = Callable[..., Any]
_FROM_PHONE_BYTES = 20 << 20
_LISTS: Sequence[tuple[str, int, Endpoint]] = (
    ("registry/cameras/import", 16 << 20, import_routes.import_file),
    ("facilities/import", 32 << 20, facility_import_routes.import_facilities),
    ("facilities/[^/]+/documents", 20 << 20, document_routes.add_document),
)


def file_doors(state: AppState) -> Sequence[FileDoor]:
    lists = (
        FileDoor(
            path=_path(path),
            most_bytes=most_bytes,
            budget=FILES_OF_ACCOUNTS,
            sender=_account(state, endpoint),
            within_s=BODY_WITHIN_S,
            until_answered=False,
        )
        for path, most_bytes, endpoint in _LISTS
    )
    return (
        *lists,
        FileDoor(
            path=_path("caller/[^/]+/media"),
            most_bytes=_FROM_PHONE_BYTES,
            budget=FILES_OF_CALLERS,
            sender=lambda request: (link_of_code(state, request, _code(request)).id,),
        ),
        FileDoor(
            path=_path("messages/[^/]+/media"),
            most_bytes=_FROM_PHONE_BYTES,
            budget=FILES_OF_GATEWAYS,
            sender=_account(state, citizen_media_routes.receive_message_media),
        ),
        FileDoor(
            path=_path("crew/incidents/[^/]+/media"),
            most_bytes=_FROM_PHONE_BYTES,
            budget=FILES_OF_CREWS,
            sender=_account(state, crew_send_routes.send_crew_media),
        ),
    )


def _path(path: str) -> re.Pattern[str]:
    return re.compile(f"{PREFIX}/{path}")


def _code(request: Request) -> str:
    return request.url.path.removeprefix(f"{PREFIX}/caller/").partition("/")[0]


def _account(state: AppState, endpoint: Endpoint) -> Callable[[Request], Sequence[str]]:
    """Return what names the agency and the account of a request that the endpoint permits."""
    access = access_of(endpoint)
    return lambda request: owner_of_caller(admitted(request, state, access)).senders
