"""API schemas of camera discovery. Passwords are never returned."""

from ipaddress import IPv4Address, IPv4Network

from pydantic import BaseModel, ConfigDict, Field

from thapcanh.app.registry.discovery.finding import FoundCamera
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.config.camera import TlsTrust
from thapcanh.ingest.onvif.records import OnvifDescription, OnvifLogin, OnvifProfile


class DiscoverRequest(BaseModel):
    """A part of the allowed networks; without it, all of them."""

    model_config = ConfigDict(extra="forbid")

    network: IPv4Network | None = None


class OnvifRequest(BaseModel):
    """A camera's ONVIF address and login."""

    model_config = ConfigDict(extra="forbid")

    service: str = Field(max_length=500)
    user: str = Field(default="", max_length=120)
    password: str = Field(default="", max_length=200, repr=False)
    tls_pin: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the certificate that is believed at an https address",
    )

    @property
    def login(self) -> OnvifLogin:
        tls = TlsTrust(pin=self.tls_pin)
        return OnvifLogin(service=self.service, user=self.user, password=self.password, tls=tls)


class KeyframeRequest(OnvifRequest):
    """Requested keyframe interval of a profile."""

    token: str = Field(max_length=200)
    interval_s: float = Field(ge=0.2, le=10)


class FollowRequest(BaseModel):
    """Where the camera is now."""

    model_config = ConfigDict(extra="forbid")

    address: IPv4Address


class NetworksResponse(ApiModel):
    """Where cameras may be looked for."""

    networks: list[str]


class FoundCameraResponse(ApiModel):
    """A camera that answered. `camera` is its id in the registry, if the caller may see it."""

    address: str
    service: str
    endpoint: str
    name: str
    hardware: str
    location: str
    mac: str | None
    is_known: bool
    is_moved: bool = Field(description="the registry has it at another address")
    camera: str | None


class DiscoverResponse(ApiModel):
    """Every camera that answered, by address, and how many addresses were queried."""

    asked: int
    items: list[FoundCameraResponse]


class OnvifProfileResponse(ApiModel):
    """One stream; missing values are null."""

    token: str
    name: str
    stream: str | None
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    keyframe_interval_s: float | None
    bitrate_kbps: int | None


class OnvifCameraResponse(ApiModel):
    """Identity of a camera, and its streams for detection (`watched`) and live view."""

    manufacturer: str
    model: str
    serial: str
    firmware: str
    mac: str | None
    clock_ahead_s: float | None
    turns: bool
    profiles: list[OnvifProfileResponse]
    watched: str | None
    shown: str | None


def found_response(found: FoundCamera, *, may_see: bool) -> FoundCameraResponse:
    device, known = found.device, found.known
    return FoundCameraResponse(
        address=device.address,
        service=device.service,
        endpoint=device.endpoint,
        name=device.name,
        hardware=device.hardware,
        location=device.location,
        mac=device.mac,
        is_known=known is not None,
        is_moved=found.moved,
        camera=known.id if known and may_see else None,
    )


def profile_response(profile: OnvifProfile) -> OnvifProfileResponse:
    facts = {name: getattr(profile, name) for name in OnvifProfileResponse.model_fields}
    return OnvifProfileResponse.model_validate(facts)


def camera_response(description: OnvifDescription) -> OnvifCameraResponse:
    facts = description.facts
    return OnvifCameraResponse(
        manufacturer=facts.manufacturer,
        model=facts.model,
        serial=facts.serial,
        firmware=facts.firmware,
        mac=facts.mac,
        clock_ahead_s=facts.clock_ahead_s,
        turns=any(profile.turns for profile in description.profiles),
        profiles=[profile_response(item) for item in description.profiles],
        watched=description.watched.token if description.watched else None,
        shown=description.shown.token if description.shown else None,
    )
