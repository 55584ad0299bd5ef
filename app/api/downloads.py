"""What all files that leave the screens share: a line in the action log, then the download."""

from collections.abc import Iterable
from typing import Any

from fastapi.responses import StreamingResponse

from alerts.archive import Alert
from alerts.archive.repositories.accounts.viewings import Viewing, ViewingRepository
from app.api.app_state import AppState
from app.api.auth.access import CurrentUser
from app.api.auth.permissions import main_role

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ZIP = "application/zip"


def log_takeaway(
    caller: CurrentUser, here: AppState, *, action: str, object_id: str, details: dict[str, Any],
    of: Alert | None = None,
) -> None:  # fmt: skip
    """Write down who takes what; nothing is sent before it stands in the log."""
    seen = Viewing(
        at=here.services.clock.utc(),
        username=caller.session.user.username,
        role=main_role(caller.roles).value,
        what="export",
        object_id=object_id,
        ground="none" if of is None else f"{of.state.value}:{of.number}",
        camera=None if of is None else of.camera_id,
        agency=None if of is None else of.agency,
        area=None if of is None else of.area,
    )
    ViewingRepository(here.services.archive.database).note(seen, action=action, details=details)


def download(pieces: Iterable[str | bytes], media_type: str, filename: str) -> StreamingResponse:
    """The answer that a browser saves under this name (ASCII only)."""
    return StreamingResponse(
        pieces,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
