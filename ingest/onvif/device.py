"""A camera described by ONVIF, and its encoder's settings changed where it allows that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from thapcanh.ingest.errors import CameraRefused, SourceError, Unanswered
from thapcanh.ingest.onvif.answers import at, named_profiles, whole
from thapcanh.ingest.onvif.records import (
    DeviceFacts,
    OnvifDescription,
    OnvifLogin,
    OnvifProfile,
    plain_text,
)
from thapcanh.ingest.onvif.soap import OnvifSession, onvif_session

ERRAND_WITHIN_S = 40.0
_STREAM = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


async def describe(login: OnvifLogin) -> OnvifDescription:
    """Return a camera's identity and streams. Raise a `SourceError`."""
    async with _errand(login), onvif_session(login) as session:
        facts = await _facts(session)
        profiles = await _profiles(session, urlsplit(login.service).hostname or "")
        return OnvifDescription(facts=facts, profiles=profiles)


async def set_keyframe_interval(login: OnvifLogin, token: str, interval_s: float) -> OnvifProfile:
    """Set a profile's keyframe interval; return the profile as the camera then reports it.

    Raise `CameraRefused` if the camera does not allow it, and other `SourceError`s.
    """
    async with _errand(login), onvif_session(login) as session:
        profile, encoder = await _encoder(session, token, login)
        coding = at(encoder, "H264")
        if coding is None or not profile.fps:
            raise CameraRefused(
                login.service,
                problem=f"the profile {plain_text(token)!r} has no keyframe interval to be set",
                way_out="set it on the camera's own page",
                code="no_interval",
                profile=plain_text(token),
            )
        coding["GovLength"] = max(1, round(profile.fps * interval_s))
        desired = {"Configuration": encoder, "ForcePersistence": True}
        await session.ask("media", "SetVideoEncoderConfiguration", desired)
        return (await _encoder(session, token, login))[0]


@asynccontextmanager
async def _errand(login: OnvifLogin) -> AsyncIterator[None]:
    """Limit a whole errand in time, beside each response."""
    try:
        async with asyncio.timeout(ERRAND_WITHIN_S):
            yield
    except TimeoutError:
        raise Unanswered(
            login.service,
            problem=f"it did not tell all within {ERRAND_WITHIN_S:.0f} s",
            way_out="restart the camera",
        ) from None


async def _facts(session: OnvifSession) -> DeviceFacts:
    response = await session.ask("devicemgmt", "GetDeviceInformation")
    ahead = session.clock_ahead
    return DeviceFacts(
        manufacturer=plain_text(at(response, "Manufacturer")),
        model=plain_text(at(response, "Model")),
        firmware=plain_text(at(response, "FirmwareVersion")),
        serial=plain_text(at(response, "SerialNumber")),
        mac=await _mac(session),
        clock_ahead_s=None if ahead is None else round(ahead.total_seconds(), 1),
    )


async def _mac(session: OnvifSession) -> str | None:
    """Return the first network card's address, or None if the camera does not report it."""
    try:
        cards = await session.ask("devicemgmt", "GetNetworkInterfaces")
    except SourceError:
        return None
    for card in cards if isinstance(cards, list) else []:
        found = normal_mac(str(at(card, "Info", "HwAddress") or ""))
        if found:
            return found
    return None


def normal_mac(text: str) -> str | None:
    """Return a MAC as `00:1a:2b:3c:4d:5e`, or None."""
    digits = "".join(letter for letter in text.lower() if letter not in ":-. ")
    if len(digits) != 12 or not all(letter in "0123456789abcdef" for letter in digits):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


async def _profiles(session: OnvifSession, host: str) -> tuple[OnvifProfile, ...]:
    response = await session.ask("media", "GetProfiles")
    return tuple(
        [
            _profile(one, one["token"], await _stream(session, one["token"], host))
            for one in named_profiles(response)
        ]
    )


def _profile(response: Any, token: str, stream: str | None) -> OnvifProfile:
    encoder = at(response, "VideoEncoderConfiguration")
    return OnvifProfile(
        token=token,
        name=plain_text(at(response, "Name")),
        stream=stream,
        codec=plain_text(at(encoder, "Encoding")) or None,
        width=whole(at(encoder, "Resolution", "Width")),
        height=whole(at(encoder, "Resolution", "Height")),
        fps=whole(at(encoder, "RateControl", "FrameRateLimit")),
        keyframe_frames=whole(at(encoder, "H264", "GovLength")),
        bitrate_kbps=whole(at(encoder, "RateControl", "BitrateLimit")),
        turns=at(response, "PTZConfiguration") is not None,
    )


async def _stream(session: OnvifSession, token: str, host: str) -> str | None:
    """Return a profile's address at the checked host, without login, or None."""
    requested = {"StreamSetup": _STREAM, "ProfileToken": token}
    try:
        response = await session.ask("media", "GetStreamUri", requested)
    except CameraRefused:
        return None
    try:
        parts = urlsplit(str(at(response, "Uri") or ""))
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("rtsp", "rtsps") or not parts.hostname:
        return None
    shown = f"[{host}]" if ":" in host else host
    where = shown if port is None else f"{shown}:{port}"
    return urlunsplit(parts._replace(netloc=where, fragment=""))


async def _encoder(
    session: OnvifSession, token: str, login: OnvifLogin
) -> tuple[OnvifProfile, dict[str, Any]]:
    for one in named_profiles(await session.ask("media", "GetProfiles")):
        encoder = at(one, "VideoEncoderConfiguration")
        if one["token"] == token and isinstance(encoder, dict):
            return _profile(one, token, None), encoder
    raise CameraRefused(
        login.service,
        problem=f"it has no profile {plain_text(token)!r} with a picture",
        way_out="look for its profiles again",
        code="no_profile",
        profile=plain_text(token),
    )
