"""Controller of all PTZ cameras: leases, drivers, and the return home.

It belongs to the web server's event loop and never waits for a camera or the archive.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from thapcanh.app.ptz.acts import PtzAct, PtzActKind
from thapcanh.app.ptz.driver import DriverSettings, Goal, Motion, PtzDriver
from thapcanh.app.ptz.lease import Holder, Lease, LeaseResult, PtzRefused, ended, request_lease
from thapcanh.app.ptz.login import NotTurned, login_now, login_of, without_address
from thapcanh.app.ptz.turned_cameras import Position, TurnedCamera
from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import Site
from thapcanh.ingest.onvif.ptz import PtzSession, Velocity, ptz_session
from thapcanh.ingest.onvif.records import OnvifLogin

log = logging.getLogger(__name__)

TICK_S = 0.25
HOME_RETRY_S = 60.0
CLOSE_WITHIN_S = 5.0
MOST_TURNED = 200  # at once, each a task and a connection
NOTED_EVERY_S = 1.0  # moves of one camera, in the log

OpenPtz = Callable[[OnvifLogin], AbstractAsyncContextManager[PtzSession]]


@dataclass(slots=True)
class _Turned:
    """A camera that is turned, or was and is not home yet."""

    camera: CameraConfig
    driver: PtzDriver
    used_at: float
    lease: Lease | None = None
    noted_at: float = float("-inf")
    home_tried_at: float = float("-inf")


class PtzController:
    """PTZ controller. `note` gets each action, and must not block."""

    def __init__(
        self,
        site: Callable[[], Site],
        monotonic: Callable[[], float],
        note: Callable[[PtzAct], None],
        *,
        settings: DriverSettings | None = None,
        open_ptz: OpenPtz = ptz_session,
    ) -> None:
        self._site = site
        self._monotonic = monotonic
        self._note = note
        self._settings = settings or DriverSettings()
        self._open_ptz = open_ptz
        self._turned: dict[str, _Turned] = {}
        self._task: asyncio.Task[None] | None = None
        self._others: Mapping[str, TurnedCamera] = {}
        self._left: tuple[TurnedCamera, ...] = ()
        self._refused: set[str] = set()  # left away from home, and not turned from here any more

    def hear(self, others: Mapping[str, TurnedCamera], left: Iterable[TurnedCamera]) -> None:
        """Set other centres' cameras, and those that a dead centre left. Any thread."""
        self._others = others
        self._left = tuple(left)

    def start(self) -> None:
        """Begin to end leases, and to bring cameras home."""
        self._task = asyncio.create_task(self._keep(), name="ptz")

    async def close(self) -> None:
        """Stop every camera that moves."""
        if self._task is not None:
            self._task.cancel()
        await asyncio.gather(*(item.driver.close(CLOSE_WITHIN_S) for item in self._turned.values()))

    def lease(self, camera_id: str) -> Lease | None:
        """Return the lease in force, or None."""
        found = self._turned.get(camera_id)
        lease = None if found is None else found.lease
        return lease if lease and ended(lease, self._monotonic()) is None else None

    def driver(self, camera_id: str) -> PtzDriver | None:
        """Return the driver of a camera that is turned or not home, or None."""
        found = self._turned.get(camera_id)
        return None if found is None else found.driver

    def home_in_s(self, camera_id: str) -> float | None:
        """Return the seconds until the camera returns home, or None."""
        found = self._turned.get(camera_id)
        if found is None or found.lease or found.driver.position is Position.HOME:
            return None
        return max(0.0, found.used_at + self._site().ptz.home_after_s - self._monotonic())

    def take(self, camera: CameraConfig, asker: Holder, *, take_over: bool = False) -> Lease:
        """Acquire or keep the lease of a camera. Raises `PtzRefused` and `NotTurned`."""
        now = self._monotonic()
        login = login_of(self._site(), camera)
        self._refuse_others(camera)
        held = self.lease(camera.id)
        result, lease = request_lease(held, asker, now, take_over=take_over)
        if result is LeaseResult.HELD:
            raise PtzRefused("ptz_held", lease.holder.name)
        found = self._turned.get(camera.id) or self._new(camera, login)
        if result is LeaseResult.TAKEN_OVER:
            found.driver.stop()
        found.camera, found.lease = camera, lease
        if result is not LeaseResult.RENEWED:
            self._noted(found, PtzActKind.ACQUIRED, was=held.holder.username if held else None)
        return lease

    def renew(self, camera_id: str, asker: Holder) -> None:
        """Renew the lease for an open page. Raises `PtzRefused` if another holds it."""
        lease, found = self.lease(camera_id), self._turned.get(camera_id)
        if lease is None or found is None or lease.holder.key != asker.key:
            raise PtzRefused("ptz_no_lease")
        found.lease = replace(lease, seen_at=self._monotonic())

    def release(self, camera_id: str, asker: Holder) -> None:
        """Give the right back; a camera that moves is stopped."""
        found = self._turned.get(camera_id)
        if found is not None and found.lease and found.lease.holder.key == asker.key:
            self._end(found, "released")

    def move(self, camera: CameraConfig, asker: Holder, velocity: Velocity) -> None:
        """Move for a moment; repeat to continue. Raises `PtzRefused`."""
        found = self._used(camera, asker)
        is_start = found.driver.motion is Motion.STILL
        found.driver.move(velocity)
        now = self._monotonic()
        if is_start and not velocity.is_still and now - found.noted_at >= NOTED_EVERY_S:
            found.noted_at = now
            speeds = {"pan": velocity.pan, "tilt": velocity.tilt, "zoom": velocity.zoom}
            self._noted(found, PtzActKind.MOVED, **speeds)

    def stop(self, camera: CameraConfig, asker: Holder) -> None:
        """Stop the camera. Raises `PtzRefused`."""
        self._used(camera, asker).driver.stop()

    def go(self, camera: CameraConfig, asker: Holder, preset: str | None) -> None:
        """Turn to a preset, or home without one. Raises `PtzRefused`."""
        found = self._used(camera, asker)
        now = self._monotonic()
        if now - found.noted_at < NOTED_EVERY_S:
            raise PtzRefused("ptz_too_often")
        found.noted_at = now
        goal = home_of(camera) if preset in (None, camera.ptz_home) else Goal(preset=preset)
        found.driver.go(goal)
        kind = PtzActKind.SENT_HOME if goal.is_home else PtzActKind.SENT
        self._noted(found, kind, preset=goal.preset)

    def call(self, camera: CameraConfig, asker: Holder, preset: str, beside: str) -> None:
        """Turn to a preset that shows the place `beside`, if nobody holds the camera.

        Raises `PtzRefused` and `NotTurned`. It acquires no lease.
        """
        now = self._monotonic()
        login = login_of(self._site(), camera)
        self._refuse_others(camera)
        lease = self.lease(camera.id)
        if lease is not None and lease.holder.key != asker.key:
            raise PtzRefused("ptz_held", lease.holder.name)
        found = self._turned.get(camera.id) or self._new(camera, login)
        if now - found.noted_at < NOTED_EVERY_S:
            raise PtzRefused("ptz_too_often")
        found.used_at = found.noted_at = now
        found.driver.go(home_of(camera) if preset == camera.ptz_home else Goal(preset=preset))
        act = {"preset": preset, "beside": beside}
        self._note(PtzAct(kind=PtzActKind.CALLED, camera=camera, holder=asker, details=act))

    def turned(self) -> tuple[TurnedCamera, ...]:
        """Return the cameras that are turned or not home. Any thread."""
        return tuple(
            TurnedCamera(
                id=camera_id,
                position=item.driver.position,
                preset=item.driver.preset,
                is_moving=item.driver.motion is not Motion.STILL,
                holder=item.lease.holder.name if item.lease else None,
            )
            for camera_id, item in list(self._turned.items())
        )

    def runaways(self) -> Mapping[str, str]:
        """Return cameras that do not stop, with the error. Any thread."""
        every = list(self._turned.items())
        return {
            camera_id: without_address(item.camera, item.driver.error.line)
            if item.driver.error
            else "it still turns"
            for camera_id, item in every
            if item.driver.motion is Motion.RUNAWAY
        }

    def _refuse_others(self, camera: CameraConfig) -> None:
        """Raise `PtzRefused` if somebody turns the camera at another centre."""
        other = self._others.get(camera.id)
        if other is not None and other.holder is not None and camera.id not in self._turned:
            raise PtzRefused("ptz_held", other.holder)

    def _used(self, camera: CameraConfig, asker: Holder) -> _Turned:
        now = self._monotonic()
        lease = self.lease(camera.id)
        found = self._turned.get(camera.id)
        if lease is None or found is None:
            raise PtzRefused("ptz_no_lease")
        if lease.holder.key != asker.key:
            raise PtzRefused("ptz_held", lease.holder.name)
        found.lease = replace(lease, seen_at=now, used_at=now)
        found.used_at = now
        return found

    def _new(
        self,
        camera: CameraConfig,
        login: OnvifLogin,
        left: TurnedCamera | None = None,
    ) -> _Turned:
        if len(self._turned) >= MOST_TURNED:
            raise PtzRefused("ptz_too_many")
        driver = PtzDriver(
            camera.id, lambda: self._open_ptz(login_now(self._site(), camera.id, login)),
            self._monotonic, self._settings, left,
        )  # fmt: skip
        found = _Turned(camera=camera, driver=driver, used_at=self._monotonic())
        self._turned[camera.id] = found
        driver.start()
        return found

    def _resume_left(self) -> None:
        left, self._left = self._left, ()
        for item in left:
            if item.id not in self._turned and item.id not in self._refused:
                self._acquire(item)

    def _acquire(self, left: TurnedCamera) -> None:
        site = self._site()
        camera = site.camera(left.id)
        try:
            if camera is not None:
                self._new(camera, login_of(site, camera), left)
        except (NotTurned, PtzRefused) as error:
            self._refused.add(left.id)
            log.warning("ptz %s: it was left away from home: %s", left.id, error)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self._resume_left()
                for camera_id, item in list(self._turned.items()):
                    self._look_after(item, self._monotonic())
                    if self._is_over(camera_id, item):
                        del self._turned[camera_id]
                        await item.driver.close(within_s=0.0)
            except Exception:
                log.exception("ptz")

    def _is_over(self, camera_id: str, item: _Turned) -> bool:
        """Return True if the camera is home and still, or was removed."""
        if item.lease is not None or item.driver.motion is not Motion.STILL:
            return False
        at_home = item.driver.is_idle and item.driver.position is Position.HOME
        return at_home or self._site().camera(camera_id) is None

    def _look_after(self, item: _Turned, now: float) -> None:
        if item.lease is not None:
            why = ended(item.lease, now)
            if why is None:
                return
            self._end(item, why.value)
        if item.driver.position is Position.HOME or not item.driver.is_idle:
            return
        is_due = now - item.used_at >= self._site().ptz.home_after_s
        if is_due and now - item.home_tried_at >= HOME_RETRY_S:
            item.home_tried_at = now
            item.driver.go(home_of(self._site().camera(item.camera.id) or item.camera))
            self._noted(item, PtzActKind.WENT_HOME)

    def _end(self, item: _Turned, why: str) -> None:
        self._noted(item, PtzActKind.ENDED, why=why)
        item.lease = None
        if item.driver.motion in (Motion.MOVING, Motion.STOPPING):
            item.driver.stop()

    def _noted(self, item: _Turned, kind: PtzActKind, **details: str | float | None) -> None:
        holder = item.lease.holder if item.lease else None
        self._note(PtzAct(kind=kind, camera=item.camera, holder=holder, details=details))


def home_of(camera: CameraConfig) -> Goal:
    """Return the view for which the camera's zones are drawn."""
    return Goal(preset=camera.ptz_home, is_home=True)
