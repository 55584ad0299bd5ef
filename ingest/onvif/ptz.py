"""PTZ by ONVIF: move, zoom, stop, presets, and movement state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from thapcanh.ingest.errors import CameraRefused, Unanswered
from thapcanh.ingest.onvif.answers import at, named_profiles
from thapcanh.ingest.onvif.records import OnvifLogin, plain_text
from thapcanh.ingest.onvif.soap import OnvifSession, onvif_session

COMMAND_WITHIN_S = 4.0
OPEN_WITHIN_S = 15.0
MOST_PRESETS = 300
LONGEST_TOKEN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """Speed of turning and zooming, each -1 to 1: right, up and closer are positive."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0

    @property
    def is_still(self) -> bool:
        return not (self.pan or self.tilt or self.zoom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """View stored in the camera, with its name there."""

    token: str
    name: str


class PtzSession:
    """PTZ session of one camera, made by `ptz_session`. Every method raises a `SourceError`."""

    def __init__(self, login: OnvifLogin, session: OnvifSession, profile: str) -> None:
        self._login = login
        self._session = session
        self._profile = profile

    async def presets(self) -> tuple[Preset, ...]:
        """Return the camera's presets, at most `MOST_PRESETS`."""
        response = await self._ask("GetPresets")
        found = response if isinstance(response, list) else []
        read = (_preset(one) for one in found[:MOST_PRESETS])
        return tuple(one for one in read if one is not None)

    async def move(self, velocity: Velocity, within_s: float) -> None:
        """Turn on and on; the camera stops by itself after `within_s` if it hears no more."""
        speeds: dict[str, Any] = {}
        if velocity.pan or velocity.tilt or not velocity.zoom:
            speeds["PanTilt"] = {"x": velocity.pan, "y": velocity.tilt}
        if velocity.zoom:
            speeds["Zoom"] = {"x": velocity.zoom}
        await self._ask("ContinuousMove", Velocity=speeds, Timeout=timedelta(seconds=within_s))

    async def stop(self) -> None:
        await self._ask("Stop", PanTilt=True, Zoom=True)

    async def go_to_preset(self, token: str) -> None:
        await self._ask("GotoPreset", PresetToken=token)

    async def go_home(self) -> None:
        """Start turning to the camera's own home position."""
        await self._ask("GotoHomePosition")

    async def is_moving(self) -> bool | None:
        """Return whether it moves now; None if the camera does not report it."""
        response = at(await self._ask("GetStatus"), "MoveStatus")
        states = {at(response, "PanTilt"), at(response, "Zoom")}
        if "MOVING" in states:
            return True
        return False if "IDLE" in states else None

    async def _ask(self, operation: str, **asked: Any) -> Any:
        try:
            async with asyncio.timeout(COMMAND_WITHIN_S):
                return await self._session.ask(
                    "ptz", operation, {"ProfileToken": self._profile, **asked}
                )
        except TimeoutError:
            raise _unanswered(self._login, operation, COMMAND_WITHIN_S) from None


@asynccontextmanager
async def ptz_session(login: OnvifLogin) -> AsyncIterator[PtzSession]:
    """Open a session. Raise a `SourceError`; `CameraRefused` if the camera has no PTZ."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                session = await stack.enter_async_context(onvif_session(login))
                profile = await _turning_profile(login, session)
                await session.open("ptz")
        except TimeoutError:
            raise _unanswered(login, "its services", OPEN_WITHIN_S) from None
        yield PtzSession(login, session, profile)


async def _turning_profile(login: OnvifLogin, session: OnvifSession) -> str:
    if session.offers("ptz"):
        for one in named_profiles(await session.ask("media", "GetProfiles")):
            if at(one, "PTZConfiguration") is not None:
                return str(one["token"])
    raise CameraRefused(
        login.service,
        problem="it has no profile that turns",
        way_out="switch PTZ on in its settings, or take ptz = true from this camera",
        code="turns_not",
    )


def _unanswered(login: OnvifLogin, what: str, within_s: float) -> Unanswered:
    problem = f"it did not answer {what} within {within_s:.0f} s"
    return Unanswered(login.service, problem=problem, way_out="restart the camera")


def _preset(response: Any) -> Preset | None:
    token = at(response, "token")
    if not isinstance(token, str) or not is_token(token):
        return None
    return Preset(token=token, name=plain_text(at(response, "Name")) or token)


def is_token(text: str) -> bool:
    """Return whether a text may be a preset's token."""
    return 0 < len(text) <= LONGEST_TOKEN and text.isprintable()
