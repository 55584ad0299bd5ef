"""Driver of one PTZ camera: a task that alone talks to it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.app.ptz.turned_cameras import Position, TurnedCamera
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.onvif.ptz import Preset, PtzSession, Velocity

log = logging.getLogger(__name__)

OpenSession = Callable[[], AbstractAsyncContextManager[PtzSession]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverSettings:
    """Times in seconds."""

    tick_s: float = 0.1
    renewed_within_s: float = 1.5
    """A page renews a move every half second."""
    resend_s: float = 1.0
    stops_itself_s: float = 2.0
    """What the camera is told with each move."""
    retry_s: float = 0.5
    runaway_after_s: float = 5.0
    runaway_retry_s: float = 5.0
    arrives_within_s: float = 30.0
    arrives_untold_s: float = 6.0
    """Where the camera does not say whether it moves."""
    begins_within_s: float = 1.0
    """A camera may say that it stands just before it begins."""
    presets_retry_s: float = 10.0


class Motion(StrEnum):
    """Last known motion of the camera."""

    STILL = "still"
    MOVING = "moving"
    STOPPING = "stopping"
    RUNAWAY = "runaway"
    """It was told to stop for `runaway_after_s`, and did not confirm, or still turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Target view: a preset, or the camera's home position without one."""

    preset: str | None
    is_home: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverError:
    """Why the last command failed: a word for machines, and a line."""

    reason: str
    line: str


class PtzDriver:
    """Driver of one camera; belongs to one event loop. `left` is the state of an earlier one."""

    def __init__(
        self,
        camera_id: str,
        open_session: OpenSession,
        monotonic: Callable[[], float],
        settings: DriverSettings,
        left: TurnedCamera | None = None,
    ) -> None:
        self._id = camera_id
        self._open = open_session
        self._monotonic = monotonic
        self._settings = settings
        self._session: PtzSession | None = None
        self._opened: AbstractAsyncContextManager[PtzSession] | None = None
        self._desired: Velocity | None = None
        self._renewed_at = 0.0
        self._sent: Velocity | None = None
        self._may_move = left is not None and left.is_moving
        self._goal: Goal | None = None
        self._going: Goal | None = None
        self._since = 0.0  # of the halt, or of the way to a goal
        self._next_at = 0.0
        self._presets_at = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self.motion = Motion.STILL
        self.position = left.position if left else Position.HOME
        self.preset = left.preset if left else None
        self.presets: tuple[Preset, ...] | None = None
        self.error: DriverError | None = None

    @property
    def is_idle(self) -> bool:
        """True if nothing is pending."""
        busy = self._may_move or self._desired or self._goal or self._going
        return not busy

    def start(self) -> None:
        """Begin to talk to the camera."""
        self._task = asyncio.create_task(self._run(), name=f"ptz {self._id}")

    def move(self, velocity: Velocity) -> None:
        """Move at this velocity while renewed in time."""
        self._desired = None if velocity.is_still else velocity
        self._renewed_at = self._monotonic()
        self._goal = None
        if self._going and self._desired:
            self._going = None

    def stop(self) -> None:
        """Cancel the move or goal, so that the next tick halts the camera; the task runs on."""
        self._desired, self._goal = None, None
        if self._going:
            self._going = None
            self._may_move = True

    def go(self, goal: Goal) -> None:
        """Turn to a view."""
        self._desired, self._goal = None, goal

    async def close(self, within_s: float) -> None:
        """Stop the camera if it may move, and let it go."""
        self.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._may_move and self._task is not None:
                    await asyncio.sleep(self._settings.tick_s)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        try:
            while True:
                try:
                    await self._step(self._monotonic())
                except Exception:
                    log.exception("ptz %s", self._id)
                    await self._hang_up()
                await asyncio.sleep(self._settings.tick_s)
        finally:
            await self._hang_up()

    async def _step(self, now: float) -> None:
        if self._desired and now - self._renewed_at >= self._settings.renewed_within_s:
            self._desired = None
        if self._desired is not None:
            await self._continue_move(self._desired, now)
        elif self._may_move:
            await self._halt(now)
        elif self._goal is not None:
            await self._start(self._goal, now)
        elif self._going is not None:
            await self._watch(self._going, now)
        elif self.presets is None and now >= self._presets_at:
            self._presets_at = now + self._settings.presets_retry_s
            await self._reported(self._read_presets)

    async def _continue_move(self, velocity: Velocity, now: float) -> None:
        if velocity == self._sent and now < self._next_at:
            return
        self._sent, self._next_at = velocity, now + self._settings.resend_s
        self._may_move = True
        self._leave()
        within_s = self._settings.stops_itself_s
        await self._reported(lambda camera: camera.move(velocity, within_s))

    async def _halt(self, now: float) -> None:
        if self.motion is not Motion.STOPPING and self.motion is not Motion.RUNAWAY:
            self.motion, self._sent = Motion.STOPPING, None
            self._since = self._next_at = now
        if now < self._next_at:
            return
        if await self._reported(_stopped):
            self._may_move = False
            self.motion = Motion.STILL
            return
        is_runaway = now - self._since >= self._settings.runaway_after_s
        if is_runaway and self.motion is Motion.STOPPING:
            self.motion = Motion.RUNAWAY
            log.error("ptz %s: the camera does not stop: %s", self._id, self.error)
        wait = self._settings.runaway_retry_s if is_runaway else self._settings.retry_s
        self._next_at = now + wait

    async def _start(self, goal: Goal, now: float) -> None:
        self._goal = None
        self._leave()
        token = goal.preset

        async def begin(camera: PtzSession) -> None:
            await (camera.go_home() if token is None else camera.go_to_preset(token))

        if await self._reported(begin):
            self._going, self._since = goal, now
            self._next_at = now + self._settings.begins_within_s
        else:
            self.motion = Motion.STILL

    async def _watch(self, goal: Goal, now: float) -> None:
        if now < self._next_at:
            return
        self._next_at = now + self._settings.retry_s
        moving = await self._is_moving()
        if self._going is not goal:
            return  # another command came meanwhile
        on_way_s = now - self._since
        if moving is None and on_way_s < self._settings.arrives_untold_s:
            return
        if moving and on_way_s < self._settings.arrives_within_s:
            return
        self._going = None
        if moving:
            self._may_move = True
            return
        self.motion = Motion.STILL
        self.position = Position.HOME if goal.is_home else Position.PRESET
        self.preset = None if goal.is_home else goal.preset

    async def _is_moving(self) -> bool | None:
        try:
            return await (await self._camera()).is_moving()
        except SourceError:
            return None

    def _leave(self) -> None:
        self.motion = Motion.MOVING
        self.position, self.preset = Position.ELSEWHERE, None
        self._going = None

    async def _read_presets(self, camera: PtzSession) -> None:
        self.presets = await camera.presets()

    async def _reported(self, deed: Callable[[PtzSession], Awaitable[bool | None]]) -> bool:
        """Return True if the camera did it; otherwise `error` is set."""
        try:
            done = await deed(await self._camera())
        except SourceError as error:
            self.error = DriverError(reason=error.reason, line=str(error))
            log.warning("ptz %s: %s", self._id, error)
            await self._hang_up()
            return False
        if done is False:
            self.error = DriverError(reason="turning", line="it still turns")
            return False
        self.error = None
        return True

    async def _camera(self) -> PtzSession:
        if self._session is None:
            opened = self._open()
            self._session = await opened.__aenter__()
            self._opened = opened
        return self._session

    async def _hang_up(self) -> None:
        opened, self._opened, self._session = self._opened, None, None
        if opened is not None:
            try:
                await opened.__aexit__(None, None, None)
            except SourceError as error:
                log.debug("ptz %s: %s", self._id, error)


async def _stopped(camera: PtzSession) -> bool:
    """Stop and return True if the camera stands still, or cannot tell."""
    await camera.stop()
    try:
        return not await camera.is_moving()
    except SourceError:
        return True
