"""What all files that leave the screens share: a line in the action log, then the download."""

from collections.abc import Iterable
from typing import Any

from fastapi.responses import StreamingResponse

from alerts.archive.audit_log import AuditEntry
from alerts.archive.repositories.cases import note_in_log
from app.api.app_state import AppState
from app.api.auth.access import CurrentUser
from app.api.auth.permissions import main_role

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ZIP = "application/zip"


def log_takeaway(
    caller: CurrentUser, here: AppState, *, action: str, object_id: str, details: dict[str, Any]
) -> None:
    """Write down who takes what; nothing is sent before it stands in the log."""
    line = AuditEntry(
        at=here.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action=action,
        object_id=object_id,
        details=details,
    )
    note_in_log(here.services.archive.database, line)


def download(pieces: Iterable[str | bytes], media_type: str, filename: str) -> StreamingResponse:
    """The answer that a browser saves under this name (ASCII only)."""
    return StreamingResponse(
        pieces,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
