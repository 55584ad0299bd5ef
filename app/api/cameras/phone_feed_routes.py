"""Phones' pictures for the workers: a transport stream, for who has the centre's own key.

The key is made again at each start and told to workers alone, through the queue. Without it, it is
not said whether there is such a phone.
"""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.api.app_state import AppStateDep
from app.api.auth.access import enforce
from app.api.auth.endpoint_access import permits
from app.api.auth.permissions import OPEN
from app.api.cameras.live_routes import CameraId
from app.api.errors import ApiError
from app.api.prefix import PREFIX
from ingest.packets.transport_stream import FORMAT

router = APIRouter(prefix=PREFIX, tags=["phones"])

Key = Annotated[str, Query(max_length=128)]


@router.get(
    "/phone-feeds/{camera_id}",
    response_class=StreamingResponse,
    dependencies=[Depends(enforce)],
)
@permits(OPEN)  # the centre's key is the login
async def feed(here: AppStateDep, camera_id: CameraId, key: Key = "") -> StreamingResponse:
    """What a phone sends, until it ends."""
    link = here.live.links.of_camera(camera_id)
    is_ours = hmac.compare_digest(key.encode(), here.live.feed_key.encode())
    pieces = await here.live.phone_feed(link) if link and is_ours else None
    if pieces is None:
        raise ApiError(404, "camera_not_found")
    return StreamingResponse(pieces, media_type=f"video/{FORMAT}")
