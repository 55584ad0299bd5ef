"""What all exports share: how one is prepared, and how it is fetched."""

from typing import Protocol

from fastapi.responses import StreamingResponse

from app.exports.export_job import ExportJob, Prepare
from app.web_api.access.access import CurrentUser
from app.web_api.app_state import AppState


class ExportSubject(Protocol):
    """What is taken away."""

    @property
    def is_blurred(self) -> bool:
        """Whether people and plates are hidden."""

    @property
    def prepare(self) -> Prepare | None:
        """How its copies are made; None where nothing must be copied."""

    def download(self, caller: CurrentUser, here: AppState, export: ExportJob) -> StreamingResponse:
        """The file, once it stands in the log. Raises `ApiError`."""
