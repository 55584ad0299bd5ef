"""What is said of a camera that is turned, and what is asked of it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.web_api.schemas import ApiModel

Speed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class PtzHolderResponse(ApiModel):
    """Who may turn the camera now."""

    name: str | None  # None where the caller may not know
    mine: bool
    may_take_over: bool
    for_s: float


class PtzPresetResponse(ApiModel):
    """A view that the camera keeps."""

    token: str
    name: str


class PtzResponse(ApiModel):
    """Where a camera looks, what it does, and who turns it."""

    holder: PtzHolderResponse | None
    motion: Literal["still", "moving", "stopping", "runaway"]
    position: Literal["home", "preset", "elsewhere"]
    preset: str | None
    home_in_s: float | None  # it goes home by itself, if nobody turns it
    is_drawn: bool  # zones or lines are drawn on its picture, for the home view
    presets: list[PtzPresetResponse] | None  # None while the camera was not asked
    error: str | None  # why the last command failed: `unanswered`, `unauthorized`, `turning`, …
    error_line: str | None  # for who keeps cameras: it names the camera's address


class PtzRequest(BaseModel):
    """What is asked of a camera; no other key is taken."""

    model_config = ConfigDict(extra="forbid")


class PtzLeaseRequest(PtzRequest):
    """`take_over` says that the asker knows who has it; `renew` only keeps what is the asker's."""

    take_over: bool = False
    renew: bool = False


class PtzMoveRequest(PtzRequest):
    """How fast to turn and zoom: right, up and closer are positive."""

    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0


class PtzGoRequest(PtzRequest):
    """A preset; without one, home."""

    preset: str | None = Field(
        default=None, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$"
    )
