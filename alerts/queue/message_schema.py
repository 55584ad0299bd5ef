"""Pydantic models of the entry, and its published JSON Schema.

`python -m thapcanh.alerts.queue.message_schema` prints the schema; a test compares it with the
file.
"""

import json
import sys
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_ENTRY_BYTES = 2048
MAX_REASONS = 32
SIGNATURE_BYTES = 96  # of name and value, with a little room

_Name = Annotated[str, Field(min_length=1, max_length=64)]
_MessageId = Annotated[str, Field(min_length=1, max_length=64)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Time = Annotated[float, Field(ge=0, le=32_503_680_000)]  # to the year 3000: it can be shown
_Weight = Annotated[float, Field(ge=-100, le=100)]
_Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
_Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")]
_Folder = Annotated[
    str,
    Field(
        max_length=200, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"
    ),
]
_Type = Literal[
    "thapcanh.event.raised.v1", "thapcanh.event.updated.v1", "thapcanh.event.cleared.v1"
]


class _Form(BaseModel):
    """Base that ignores unknown names of newer workers."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


_KIND = "May grow worse within an `event_id`, never milder: smoke that shows a flame becomes fire."


class EvidenceFileSchema(_Form):
    """Evidence file."""

    kind: Literal["snapshot", "snapshot_boxed", "clip_start", "clip", "clip_viewing", "manifest"]
    name: _FileName
    sha256: _Sha256
    bytes: int = Field(ge=0, le=2**53)


class EvidenceSchema(_Form):
    """Files of one event, in `YYYY/MM/DD/camera/event_id` below the evidence root."""

    folder: _Folder
    files: tuple[EvidenceFileSchema, ...] = Field(max_length=8)


class EventDataSchema(_Form):
    """JSON text in `data`. Times are UTC unix seconds, the box is x, y, width, height 0..1."""

    kind: Annotated[_Name, Field(description=_KIND)]
    rule: _Name
    rule_version: _Count
    zone: _Name | None
    priority: int = Field(ge=1, le=3)
    box: tuple[_Share, _Share, _Share, _Share]
    confidence: _Share
    label: str = Field(max_length=64)
    track: Annotated[int, Field(ge=-(2**53), le=2**53)] | None
    model: str = Field(max_length=64)
    model_sha256: str = Field(max_length=64)
    at_s: Annotated[float, Field(ge=-1e12, le=1e12)]
    captured_at: _Time
    inferred_at: _Time
    spooled_at: _Time
    reason: str
    unchecked: bool
    evidence: EvidenceSchema | None = None
    evidence_error: str | None = None
    evidence_only: bool = False
    belief: _Share | None = Field(
        default=None, description="how far it is believed; it decides the priority, never whether"
    )
    reasons: dict[_Name, _Weight] = Field(
        default={},
        max_length=MAX_REASONS,
        description="of the belief: each one's weight, in log-odds",
    )
    exercise: bool = Field(
        default=False, description="a drill, status Exercise in the words of CAP 1.2; never real"
    )
    call: _Name | None = Field(
        default=None,
        description="the number of a call that told of a fire near, a short while ago",
    )


class EventEntrySchema(_Form):
    """Flat entry: every value is a text."""

    id: _MessageId
    event_id: _MessageId
    source: _Name
    producer_epoch: _Number
    producer_seq: _Number
    type: _Type
    time: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$")
    subject: _Name
    data: str = Field(min_length=2)
    sig: str | None = Field(
        default=None,
        max_length=88,
        description="Ed25519 of the JSON of all other names and values, by the worker's key",
    )


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an entry; `data` has the schema of its JSON text."""
    entry = EventEntrySchema.model_json_schema()
    entry["properties"]["data"] |= {
        "contentMediaType": "application/json",
        "contentSchema": {
            "$id": "urn:thapcanh:event-data:v1",
            **EventDataSchema.model_json_schema(),
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:thapcanh:event:v1",
        **entry,
        "title": "Entry of the stream thapcanh:events:v1",
    }


def schema_text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
