"""Simulated camera: a recording, a live clock, viewers, and a fault.

`SimulatedCamera.run` is one task on the simulator's event loop that sends every access unit to all
viewers. Viewers never block it (see `sender`).
"""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from thapcanh.tools.simulator.faults import (
    CameraCondition,
    CameraFault,
    FaultOrder,
    FaultState,
    after_order,
    condition_at,
)
from thapcanh.tools.simulator.recording import Recording
from thapcanh.tools.simulator.rtsp.access_unit import RTP_CLOCK_HZ, AccessUnit, packetise

LOST_OF = 10  # packets, one, while it tears
MAX_HELD_BYTES = 8 * 1024 * 1024  # a longer group of pictures is not replayed to new viewers


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledUnit:
    """A unit with its place on the live clock: when to send it, when it is to be shown."""

    unit: AccessUnit
    due_s: float
    shown_s: float


class Timeline:
    """Cursor over one looping recording."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._index = 0
        self._loop_start_s = 0.0
        self.rounds = 0

    @property
    def position_s(self) -> float:
        """Where in the recording the next unit is."""
        return self.recording.units[self._index].dts_s

    def current(self) -> ScheduledUnit:
        unit = self.recording.units[self._index]
        return ScheduledUnit(
            unit=unit,
            due_s=self._loop_start_s + unit.dts_s,
            shown_s=self._loop_start_s + unit.pts_s,
        )

    def advance(self) -> None:
        """Go on to the next unit."""
        self._index += 1
        if self._index == len(self.recording.units):
            self._index = 0
            self._loop_start_s += self.recording.duration_s
            self.rounds += 1

    def switch_to(self, variant: Recording) -> None:
        """Go on in `variant` at its first keyframe that is not earlier than now."""
        position_s = self.position_s
        self.recording = variant
        for index, unit in enumerate(variant.units):
            if unit.is_keyframe and unit.dts_s >= position_s:
                self._index = index
                return
        # No keyframe is left in this round: its remainder is silence, the next round follows.
        self._index = 0
        self._loop_start_s += variant.duration_s
        self.rounds += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveUnit:
    """One access unit: RTP payloads, and its time on the camera's 90 kHz clock."""

    payloads: tuple[bytes, ...]
    is_keyframe: bool
    ticks: int

    @property
    def size_bytes(self) -> int:
        return sum(len(payload) for payload in self.payloads)


class RtspViewer(Protocol):
    """A receiver of the camera's pictures."""

    def deliver(self, unit: LiveUnit) -> bool:
        """Send or drop the unit without blocking; return False if the client was too slow."""

    def reset(self) -> None:
        """Cut the connection without a word (TCP RST)."""

    def end(self) -> None:
        """Say goodbye and close in good order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraStatus:
    """A camera as the control port shows it; times in seconds of its recording."""

    name: str
    condition: CameraCondition
    position_s: float
    duration_s: float
    rounds: int
    viewers: int
    skipped_units: int
    width: int
    height: int


class SimulatedCamera:
    def __init__(
        self, name: str, recording: Recording, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self.original = recording
        self.skipped_units = 0
        self._clock = clock
        self._timeline = Timeline(recording)
        self._next_variant: Recording | None = None
        self._fault = FaultState()
        self._viewers: set[RtspViewer] = set()
        self._held: list[LiveUnit] = []
        self._held_bytes = 0
        self._torn_payloads = 0
        self._keyframe: AccessUnit | None = None
        self._waits_for_keyframe = False

    @property
    def recording(self) -> Recording:
        """Recording being sent: the original, or a variant of another size."""
        return self._next_variant or self._timeline.recording

    @property
    def condition(self) -> CameraCondition:
        return condition_at(self._fault, self._clock())

    def status(self) -> CameraStatus:
        """Return the camera's status for the control port."""
        return CameraStatus(
            name=self.name,
            condition=self.condition,
            position_s=self._timeline.position_s,
            duration_s=self._timeline.recording.duration_s,
            rounds=self._timeline.rounds,
            viewers=len(self._viewers),
            skipped_units=self.skipped_units,
            width=self.recording.width,
            height=self.recording.height,
        )

    def join(self, viewer: RtspViewer, *, replay: bool) -> None:
        """Add a viewer; with `replay` it gets the current group first."""
        if replay and self.condition is CameraCondition.WELL:
            for unit in self._held:
                self._hand(viewer, unit)
        self._viewers.add(viewer)

    def leave(self, viewer: RtspViewer) -> None:
        self._viewers.discard(viewer)

    def suffer(self, order: FaultOrder) -> None:
        """Obey an order; a change of size is `show` instead, for it needs a variant first."""
        self._fault = after_order(order, self._fault, self._clock())
        if order.fault in (CameraFault.KILL, CameraFault.OFF):
            for viewer in tuple(self._viewers):
                viewer.reset()
        elif order.fault is CameraFault.END:
            for viewer in tuple(self._viewers):
                viewer.end()

    def show(self, variant: Recording) -> None:
        """Switch to `variant` at the next keyframe of what is on air."""
        self._next_variant = variant

    async def run(self) -> None:
        """Be on air until cancelled."""
        started_at = self._clock()
        while True:
            on_air = self._timeline.current()
            if self._next_variant is not None and on_air.unit.is_keyframe:
                self._timeline.switch_to(self._next_variant)
                self._next_variant = None
                continue
            delay_s = started_at + on_air.due_s - self._clock()
            if delay_s > 0:
                await asyncio.sleep(delay_s)
            self._send(on_air)
            self._timeline.advance()

    def _send(self, on_air: ScheduledUnit) -> None:
        live = self._as_sent(on_air)
        if live is None:
            return
        for viewer in tuple(self._viewers):
            self._hand(viewer, live)

    def _hand(self, viewer: RtspViewer, unit: LiveUnit) -> None:
        if not viewer.deliver(unit):
            self.skipped_units += 1

    def _as_sent(self, on_air: ScheduledUnit) -> LiveUnit | None:
        """Return what is sent for this unit in the current condition, or None."""
        condition = self.condition
        if condition is not CameraCondition.WELL:
            self._discard_group()
        if condition is CameraCondition.FROZEN and self._keyframe is not None:
            return self._live(self._keyframe, on_air.due_s)
        if condition is CameraCondition.GARBLED:
            return _noise_like(self._live(on_air.unit, on_air.shown_s))
        if condition is CameraCondition.TORN:
            return self._torn(self._live(on_air.unit, on_air.shown_s))
        if condition is not CameraCondition.WELL:
            return None
        if self._waits_for_keyframe and not on_air.unit.is_keyframe:
            return None
        live = self._live(on_air.unit, on_air.shown_s)
        self._hold(on_air.unit, live)
        return live

    def _live(self, unit: AccessUnit, shown_s: float) -> LiveUnit:
        return LiveUnit(
            payloads=packetise(unit.nals, self._timeline.recording.codec),
            is_keyframe=unit.is_keyframe,
            ticks=round(shown_s * RTP_CLOCK_HZ),
        )

    def _torn(self, live: LiveUnit) -> LiveUnit:
        first = self._torn_payloads
        self._torn_payloads += len(live.payloads)
        remaining = tuple(item for n, item in enumerate(live.payloads, first) if n % LOST_OF != 0)
        return LiveUnit(payloads=remaining, is_keyframe=live.is_keyframe, ticks=live.ticks)

    def _hold(self, unit: AccessUnit, live: LiveUnit) -> None:
        if unit.is_keyframe:
            self._waits_for_keyframe = False
            self._keyframe = unit
            self._held, self._held_bytes = [], 0
        self._held_bytes += live.size_bytes
        if self._held_bytes <= MAX_HELD_BYTES:
            self._held.append(live)
        else:
            self._held = []

    def _discard_group(self) -> None:
        """After a fault the viewers lack references: they get pictures again from a keyframe."""
        self._waits_for_keyframe = True
        self._held, self._held_bytes = [], 0


def _noise_like(live: LiveUnit) -> LiveUnit:
    noise = tuple(os.urandom(len(payload)) for payload in live.payloads)
    return LiveUnit(payloads=noise, is_keyframe=live.is_keyframe, ticks=live.ticks)
