"""Phones' pictures for the workers: a transport stream, for who has the centre's own key.

The key is made again at each start and told to workers alone, through the queue. Without it, it is
not said whether there is such a phone.
"""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.live.live_routes import CameraId
from app.live.live_view import LiveView
from app.web_api.access.access import enforce
from app.web_api.access.endpoint_access import permits
from app.web_api.access.permissions import OPEN
from app.web_api.app_state import AppStateDep
from app.web_api.errors import ApiError
from app.web_api.prefix import PREFIX
from ingest.packets.transport_stream import FORMAT

router = APIRouter(prefix=PREFIX, tags=["phones"])

Key = Annotated[str, Query(max_length=128)]


@router.get(
    "/phone-feeds/{camera_id}",
    response_class=StreamingResponse,
    dependencies=[Depends(enforce)],
)
@permits(OPEN)  # the centre's key is the login
async def phone_feed(here: AppStateDep, camera_id: CameraId, key: Key = "") -> StreamingResponse:
    """What a phone sends, until it ends."""
    link = here.part(LiveView).links.of_camera(camera_id)
    is_ours = hmac.compare_digest(key.encode(), here.part(LiveView).feed_key.encode())
    pieces = await here.part(LiveView).phone_feed(link) if link and is_ours else None
    if pieces is None:
        raise ApiError(404, "camera_not_found")
    return StreamingResponse(pieces, media_type=f"video/{FORMAT}")
