"""The API's endpoints with what they declare, for tests that walk over all of them."""

from pathlib import Path

from thapcanh.app.centre.web import front_end
from thapcanh.app.centre.web.application import add_api_routes, new_app
from thapcanh.app.web_api.access.endpoint_access import EndpointAccess, PublicEndpoint, access_table


def _all_endpoints() -> dict[tuple[str, str], EndpointAccess]:
    app = new_app()
    add_api_routes(app)
    app.include_router(front_end.router(Path()))
    return access_table(app)


ENDPOINTS = _all_endpoints()
GUARDED = {
    key: access.roles
    for key, access in ENDPOINTS.items()
    if not isinstance(access.roles, PublicEndpoint)
}
