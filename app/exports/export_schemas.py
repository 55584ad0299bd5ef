"""API schemas of exports."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from thapcanh.app.exports.export_job import ExportState
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, SpokenModel

Purpose = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
    ),
]
"""One line of plain text; it stands in the manifest and in the log."""
_Name = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL)]


class RecordingExportRequest(SpokenModel):
    """A span of recordings, at most an hour: a zip of videos with a sealed manifest."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["recording"]
    camera: _Name
    begins: UtcTime = Field(alias="from")
    ends: UtcTime = Field(alias="to")
    purpose: Purpose


class AlertExportRequest(SpokenModel):
    """An alert's sealed case folder, or its record as a paper."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["case", "record_pdf", "record_html"]
    alert: _Name
    purpose: Purpose | None = None


class EvidenceExportRequest(SpokenModel):
    """One picture or video of an alert."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["evidence"]
    evidence: _Name
    purpose: Purpose | None = None


ExportRequest = Annotated[
    RecordingExportRequest | AlertExportRequest | EvidenceExportRequest,
    Field(discriminator="what"),
]


class ExportResponse(ApiModel):
    """State of an export; `share` is the progress, `problem` says why it failed."""

    id: str
    state: ExportState
    share: float
    blurred: bool
    problem: str | None
