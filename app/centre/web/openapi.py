"""Prints the OpenAPI document, from which the screens' types are made.

Run as `python -m app.centre.web.openapi`. Needs no site: no archive is opened and no port.
"""

import json
import sys
from typing import Any

from fastapi import FastAPI

from app.centre.web.application import add_api_routes, new_app


def openapi() -> dict[str, Any]:
    """The document of the whole API."""
    app: FastAPI = new_app()
    add_api_routes(app)
    return app.openapi()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n")
