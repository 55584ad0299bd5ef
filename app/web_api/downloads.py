"""Downloads: an entry in the action log, then the file."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from thapcanh.alerts.alert.records import Alert
from thapcanh.alerts.viewings.viewing_store import Viewing, ViewingRepository
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.access.permissions import main_role
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.middleware.concurrency_limit import PLACE, CountedRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ZIP = "application/zip"
PDF = "application/pdf"
HTML = "text/html; charset=utf-8"


def log_takeaway(
    caller: CurrentUser, state: AppState, *, action: str, object_id: str, details: dict[str, Any],
    of: Alert | None = None,
) -> None:  # fmt: skip
    """Log who exports what; call it before anything is sent."""
    viewing = Viewing(
        at=state.services.clock.utc(),
        username=caller.session.user.username,
        role=main_role(caller.roles).value,
        what="export",
        object_id=object_id,
        ground="none" if of is None else f"{of.state.value}:{of.number}",
        camera=None if of is None else of.camera_id,
        agency=None if of is None else of.agency,
        area=None if of is None else of.area,
    )
    ViewingRepository(state.services.archive.database).note(viewing, action=action, details=details)


class _PiecewiseResponse(StreamingResponse):
    """Response that takes a request place for each piece, since producing it needs a thread."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.body_iterator = _in_place(self.body_iterator, scope[PLACE])
        await super().__call__(scope, receive, send)


async def _in_place(pieces: AsyncIterable[Any], place: CountedRequest) -> AsyncIterator[Any]:
    coming = aiter(pieces)
    while True:
        await place.take()
        try:
            piece = await anext(coming)
        except StopAsyncIteration:
            return
        finally:
            place.leave()
        yield piece


def download(pieces: Iterable[str | bytes], media_type: str, filename: str) -> StreamingResponse:
    """Return a response that browsers save under this name (ASCII only)."""
    return _PiecewiseResponse(
        pieces,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
