"""API schemas of positions."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from thapcanh.alerts.positions.position_check import PositionVerdict
from thapcanh.app.web_api.schemas import ApiModel, Time

PLAIN = r"^[\w.:-]+$"
UnitName = Annotated[str, Field(max_length=64, pattern=PLAIN)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class PositionRequest(BaseModel):
    """Where a unit is, by its device's clock."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    unit: UnitName
    lat: Latitude
    lon: Longitude
    at: AwareDatetime


class PositionListRequest(BaseModel):
    """Several at once, of a gateway."""

    model_config = ConfigDict(extra="forbid")

    items: list[PositionRequest] = Field(max_length=500)


class OsmAndQuery(BaseModel):
    """Parameters of OsmAnd and Traccar's clients; others are ignored."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    id: UnitName
    lat: Latitude
    lon: Longitude
    timestamp: float = Field(gt=0, lt=1e14)


class PositionResponse(ApiModel):
    """Result for a position: `moved`, or `late` if older than the last one."""

    outcome: PositionVerdict


class RefusedPositionResponse(ApiModel):
    """Result for one of several, with the reason of a refusal."""

    unit: str
    outcome: PositionVerdict | None
    error: str | None
    detail: str | None


class PositionListResponse(ApiModel):
    """Results in order."""

    items: list[RefusedPositionResponse]


class TrackPointResponse(ApiModel):
    """Position of a unit at one time."""

    lat: float
    lon: float
    at: Time


class TrackResponse(ApiModel):
    """Where a unit was, in order."""

    items: list[TrackPointResponse]
