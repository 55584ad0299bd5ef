"""The OpenAPI document of the whole API, without a site: no archive is opened and no port."""

import json
from typing import Any, TextIO

from thapcanh.app.centre.web.application import add_api_routes, new_app


def openapi() -> dict[str, Any]:
    """Return the document that a centre publishes at `/api/v1/openapi.json`."""
    app = new_app()
    add_api_routes(app)
    return app.openapi()


def print_openapi(out: TextIO) -> int:
    """Print it; the exit code."""
    out.write(json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n")
    return 0
