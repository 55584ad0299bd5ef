"""Signal of a device, and its published JSON Schema.

`python -m thapcanh.alerts.signals.signal_schema` prints the schema; a test compares it with
`alerts/schema/signal.v1.json`.
"""

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2999, 1, 1, tzinfo=UTC)


class SignalKind(StrEnum):
    """Kind of signal."""

    FIRE = "fire"  # flame, heat, a fire panel's alarm, a call point that was pressed: P1
    SMOKE = "smoke"  # a smoke detector: P2 by itself, P1 where a camera nearby sees it too
    FAULT = "fault"  # the panel or a loop of it is broken
    SUPERVISORY = "supervisory"  # a valve is shut, a pump is off: it would not help in a fire
    TAMPER = "tamper"  # somebody opened it
    CLEARED = "cleared"  # what it said before is over
    RESTORED = "restored"  # the same, of a zone (`place`) or of one kind (`restores`)
    HEARTBEAT = "heartbeat"  # it lives; nothing happened
    TEST = "test"  # as a heartbeat, pressed by somebody


QUIET = frozenset({SignalKind.HEARTBEAT, SignalKind.TEST})
"""Nothing happened; not written down."""
RestoredKind = Literal["fire", "smoke", "fault", "supervisory", "tamper"]


def _datable(at: datetime) -> datetime:
    if not _EARLIEST <= at <= _LATEST:
        raise ValueError("must lie between the years 2000 and 2999")
    return at


class SignalBody(BaseModel):
    """Signal. The device's place is the configured one; `place` is stored beside it."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    device_id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
            description="as the centre knows it: [[devices]], or a device of the browser",
        ),
    ]
    kind: SignalKind
    at: Annotated[
        AwareDatetime,
        AfterValidator(_datable),
        Field(description="when it happened, by the device's clock, ISO 8601 with a zone"),
    ]
    place: Annotated[str | None, Field(max_length=200, description="zone or loop of the panel")] = (
        None
    )
    value: Annotated[
        float | bool | Annotated[str, Field(max_length=100)] | None,
        Field(description="a reading, for people; it decides nothing"),
    ] = None
    restores: Annotated[
        RestoredKind | None,
        Field(description="of `restored`: which kind is over; without it, all of the zone"),
    ] = None


def schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:thapcanh:signal:v1",
        **SignalBody.model_json_schema(),
        "title": "Signal of a device to Tháp Canh",
    }


def schema_text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
