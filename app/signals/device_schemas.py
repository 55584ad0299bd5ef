"""API schemas of devices."""

from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field

from thapcanh.alerts.signals.device_store import DeviceTest
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, More, PersonResponse, SpokenModel, Time
from thapcanh.config.devices import DeviceConfig, DeviceKind

ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ShortText = Annotated[str | None, Field(max_length=64, pattern=NO_NUL)]
OwnerId = Annotated[str | None, Field(pattern=ID)]


class DevicePlaceRequest(SpokenModel):
    """Where a device is: a point, words, or both."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    text: str | None = Field(default=None, max_length=200, pattern=NO_NUL)


class DeviceRequest(SpokenModel):
    """A device as it is to be. Without a place of its own it stands at its facility."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: str = Field(pattern=ID)
    name: str = Field(min_length=1, max_length=120, pattern=NO_NUL)
    kind: DeviceKind = "panel"
    facility: ShortText = None
    place: DevicePlaceRequest = DevicePlaceRequest()
    agency: OwnerId = None
    area: OwnerId = None
    cameras: list[Annotated[str, Field(pattern=ID)]] = Field(default=[], max_length=20)
    heartbeat_s: float | None = Field(default=None, ge=5, le=604_800)
    topic: str | None = Field(default=None, pattern=r"^[^#+\x00]{1,200}$")
    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]{3,16}$")


class DeviceTestRequest(SpokenModel):
    """A device is tested until then, for a reason that stays in the log."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime
    reason: str = Field(min_length=3, max_length=500, pattern=NO_NUL)


class DeviceTestResponse(ApiModel):
    """A test, during which signals are recorded but raise nothing."""

    until: Time
    reason: str
    by: PersonResponse | None


class DevicePlaceResponse(ApiModel):
    """Known location of a device."""

    lat: float | None
    lon: float | None
    text: str | None


class DeviceResponse(ApiModel):
    """A device; `silent_s` is how long no centre received its signal."""

    id: str
    name: str
    kind: DeviceKind
    facility: str | None
    place: DevicePlaceResponse
    agency: str | None
    area: str | None
    cameras: list[str]
    heartbeat_s: float | None
    topic: str | None
    account: str | None
    silent_s: float | None
    in_test: DeviceTestResponse | None


class DeviceListResponse(ApiModel):
    """Devices, by name."""

    items: list[DeviceResponse]
    more: More


class NewDeviceResponse(ApiModel):
    """By what a device speaks."""

    id: str


def device_response(
    item: DeviceConfig,
    received_at: float | None,
    test: DeviceTest | None,
    now_s: float,
    people: People,
) -> DeviceResponse:
    same = {name: getattr(item, name) for name in _SAME_NAME}
    return DeviceResponse(
        **same,
        place=DevicePlaceResponse(lat=item.lat, lon=item.lon, text=item.place),
        cameras=list(item.cameras),
        silent_s=None if received_at is None else round(max(0.0, now_s - received_at), 1),
        in_test=None
        if test is None
        else DeviceTestResponse(
            until=test.until, reason=test.reason, by=people.person(test.begun_by)
        ),
    )


_SAME_NAME = DeviceResponse.model_fields.keys() - {"place", "cameras", "silent_s", "in_test"}
