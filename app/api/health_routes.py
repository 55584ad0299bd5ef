"""Whether this process serves, and the schema of the API."""

from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Depends, Request

from app.api.app_state import AppStateDep
from app.api.auth.access import enforce
from app.api.prefix import PREFIX
from app.api.schemas import HealthResponse

health = APIRouter()
schema = APIRouter(prefix=PREFIX)


@health.get("/healthz", dependencies=[Depends(enforce)])
async def is_healthy(here: AppStateDep) -> HealthResponse:
    """Answers when the archive does; says nothing of the site. In threads of its own."""
    await anyio.to_thread.run_sync(here.services.archive.last_seq, limiter=here.health)
    return HealthResponse(status="ok")


@schema.get("/openapi.json", include_in_schema=False, dependencies=[Depends(enforce)])
def openapi(request: Request) -> dict[str, Any]:
    """The schema, for those who are logged in."""
    document: dict[str, Any] = request.app.openapi()
    return document
