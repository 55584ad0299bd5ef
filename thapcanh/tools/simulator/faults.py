"""Faults on demand: orders, their parsing, and their effect on a camera.

Pure: `now_s` is an argument.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.tools.simulator.errors import FaultRefused

MAX_FAULT_S = 86_400.0
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")


class CameraFault(StrEnum):
    """Orderable fault; the value is the word on the control port."""

    KILL = "kill"  # its clients' connections are reset
    END = "end"  # its clients are told goodbye and closed in good order
    OFF = "off"  # clients reset, and 404 until `on`
    ON = "on"  # every fault of this camera is over
    STALL = "stall"  # connected, but nothing is sent
    FREEZE = "freeze"  # the last keyframe again and again, its clock running on
    GARBAGE = "garbage"  # right RTP headers, random payload
    TEAR = "tear"  # one packet in ten is lost
    MUTE = "mute"  # connections are accepted, requests never answered, nothing is sent
    SIZE = "size"  # another picture size from the next keyframe on, or the first one again


class CameraCondition(StrEnum):
    """Current behaviour of a camera; the latest order wins."""

    WELL = "well"  # plays
    OFF = "off"  # answers 404
    STALLED = "stalled"  # sends nothing
    FROZEN = "frozen"  # repeats one picture
    GARBLED = "garbled"  # sends noise
    TORN = "torn"  # loses packets
    MUTE = "mute"  # neither answers nor sends


_CONDITIONS = {
    CameraFault.STALL: CameraCondition.STALLED,
    CameraFault.FREEZE: CameraCondition.FROZEN,
    CameraFault.GARBAGE: CameraCondition.GARBLED,
    CameraFault.TEAR: CameraCondition.TORN,
    CameraFault.MUTE: CameraCondition.MUTE,
    CameraFault.OFF: CameraCondition.OFF,
    CameraFault.ON: CameraCondition.WELL,
}
TIMED_FAULTS = (
    CameraFault.STALL,
    CameraFault.FREEZE,
    CameraFault.GARBAGE,
    CameraFault.TEAR,
    CameraFault.MUTE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultOrder:
    """One fault for one camera; `seconds` for timed ones, `size` for SIZE (None: toggle)."""

    fault: CameraFault
    camera: str
    seconds: float | None = None
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultState:
    """A camera's condition and when it ends by itself (None: not by itself)."""

    condition: CameraCondition = CameraCondition.WELL
    until_s: float | None = None


def fault_order(fault: str, camera: str, value: float | str | None = None) -> FaultOrder:
    """Return an order from its parts; raises `FaultRefused` with a code."""
    try:
        kind = CameraFault(fault)
    except ValueError:
        words = " ".join(CameraFault)
        raise FaultRefused("unknown-order", f"{fault!r} is none of: {words}") from None
    if kind in TIMED_FAULTS:
        return FaultOrder(fault=kind, camera=camera, seconds=_seconds(kind, value))
    if kind is CameraFault.SIZE:
        return FaultOrder(fault=kind, camera=camera, size=_size(value))
    if value is not None:
        raise FaultRefused("too-many-words", f"{kind} takes a camera and nothing more")
    return FaultOrder(fault=kind, camera=camera)


def after_order(order: FaultOrder, state: FaultState, now_s: float) -> FaultState:
    """Return the camera's state after an order; events leave it unchanged."""
    condition = _CONDITIONS.get(order.fault)
    if condition is None:
        return state
    until_s = now_s + order.seconds if order.seconds is not None else None
    return FaultState(condition=condition, until_s=until_s)


def condition_at(state: FaultState, now_s: float) -> CameraCondition:
    """Return the condition at `now_s`; a timed one expires."""
    if state.until_s is not None and now_s >= state.until_s:
        return CameraCondition.WELL
    return state.condition


def _seconds(kind: CameraFault, value: float | str | None) -> float:
    if value is None:
        raise FaultRefused("missing-seconds", f"{kind} needs how many seconds it lasts")
    try:
        seconds = float(value)
    except ValueError:
        raise FaultRefused("bad-seconds", f"{value!r} is not a number of seconds") from None
    if not 0 < seconds <= MAX_FAULT_S:  # also refuses nan
        raise FaultRefused("bad-seconds", f"{value} is not between 0 and {MAX_FAULT_S:.0f}")
    return seconds


def _size(value: float | str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = _SIZE.fullmatch(str(value))
    if match is None:
        raise FaultRefused("bad-size", f"{value!r} is not WIDTHxHEIGHT, as 320x180")
    width, height = int(match[1]), int(match[2])
    if not (16 <= width <= 3840 and 16 <= height <= 2160) or width % 2 or height % 2:
        raise FaultRefused("bad-size", "sides are even, from 16x16 up to 3840x2160")
    return width, height
