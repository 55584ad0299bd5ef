"""RTSP server: cameras, clients and faults on one event loop.

`Simulator.run` opens its port, loads files on worker threads, listens once all are served, and
returns when `stop` is called, with every connection closed.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from thapcanh.app.process.stop_accepting import stop_accepting
from thapcanh.tools.simulator.camera import CameraStatus, SimulatedCamera
from thapcanh.tools.simulator.camera_file import (
    CameraFile,
    LoadingStopped,
    LoadRules,
    load,
    load_variant,
)
from thapcanh.tools.simulator.control import serve_orders
from thapcanh.tools.simulator.errors import AddressInUse, FaultRefused, UnreadableVideo
from thapcanh.tools.simulator.faults import CameraFault, FaultOrder
from thapcanh.tools.simulator.recording import Recording, reason_of
from thapcanh.tools.simulator.session import RtspSession, SessionRules

LOADS_AT_ONCE = 2  # re-encoding is heavy, and each encoder has threads of its own
STOP_WITHIN_S = 3.0
CLOSE_WITHIN_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """Settings of a simulator. Port 0 picks a free one."""

    cameras: tuple[CameraFile, ...]
    host: str = "127.0.0.1"
    port: int = 8554
    control_port: int | None = None
    session: SessionRules = field(default_factory=SessionRules)
    loading: LoadRules = field(default_factory=LoadRules)


class Announcer:
    """Callbacks on the event loop; these do nothing."""

    def on_air(self, camera: SimulatedCamera, url: str, re_encoded: str | None) -> None:
        """Handle a camera that can be watched from now on."""

    def broken(self, error: UnreadableVideo) -> None:
        """Handle an unplayable file."""

    def ready(self) -> None:
        """Handle the end of loading: every file is served or broken."""


class Simulator:
    """An RTSP server of recorded files."""

    def __init__(self, settings: SimulatorSettings, announcer: Announcer | None = None) -> None:
        self.cameras: dict[str, SimulatedCamera] = {}
        self.broken: list[UnreadableVideo] = []
        self.port = settings.port
        self.control_port = settings.control_port
        self._settings = settings
        self._announcer = announcer or Announcer()
        self._files = {file.name: file for file in settings.cameras}
        self._variants: dict[str, Recording] = {}
        self._clients: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._stop_loading = threading.Event()
        self._refused: AddressInUse | None = None

    def url(self, name: str, *, with_login: bool = False) -> str:
        """Return the camera's URL; with the password only on request."""
        login = self._settings.session.login
        user = f"{login.user}:{login.password}@" if login and with_login else ""
        host = self._settings.host
        host = "127.0.0.1" if host in ("", "0.0.0.0") else host
        host = f"[{host}]" if ":" in host else host
        return f"rtsp://{user}{host}:{self.port}/{name}"

    def statuses(self) -> list[CameraStatus]:
        return [camera.status() for camera in self.cameras.values()]

    async def obey(self, order: FaultOrder) -> CameraStatus:
        """Carry out a fault order; raises `FaultRefused`."""
        camera = self.cameras.get(order.camera)
        if camera is None:
            names = " ".join(self.cameras) or "none yet"
            raise FaultRefused("unknown-camera", f"{order.camera!r} is none of: {names}")
        if order.fault is CameraFault.SIZE:
            camera.show(await self._variant(camera, order.size))
        else:
            camera.suffer(order)
        return camera.status()

    def stop(self) -> None:
        """Make `run` return; may be called again. Event loop only."""
        self._stopping.set()
        self._stop_loading.set()

    async def run(self) -> None:
        """Serve until stopped, or until no file can be played; raises `AddressInUse`."""
        rtsp = await _listen(
            self._on_client, self._settings.host, self._settings.port, at_once=False
        )
        self.port = rtsp.sockets[0].getsockname()[1]
        servers = [rtsp]
        try:
            if self._settings.control_port is not None:
                servers.append(await self._open_control(self._settings.control_port))
            async with asyncio.TaskGroup() as tasks:
                background = tasks.create_task(self._play_all(rtsp))
                await self._stopping.wait()
                background.cancel()
        finally:
            await self._end_all(servers)
        if self._refused is not None:
            raise self._refused

    async def _open_control(self, port: int) -> asyncio.Server:
        """Open the control port, on this machine only because it has no login."""

        async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._guarded(serve_orders(self, reader, writer), writer)

        server = await _listen(on_client, "127.0.0.1", port)
        self.control_port = server.sockets[0].getsockname()[1]
        return server

    async def _play_all(self, rtsp: asyncio.Server) -> None:
        loading = asyncio.Semaphore(LOADS_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            async with asyncio.TaskGroup() as loads:
                for file in self._settings.cameras:
                    loads.create_task(self._load(file, loading, tasks))
            if not self.cameras:
                self.stop()
            try:
                await rtsp.start_serving()
            except OSError as error:  # another took the port as well, and listened first
                self._refused = _acquired(self._settings.host, self.port, error)
                self.stop()
                return
            self._announcer.ready()

    async def _load(
        self, file: CameraFile, loading: asyncio.Semaphore, tasks: asyncio.TaskGroup
    ) -> None:
        try:
            async with loading:
                recording, reason = await asyncio.to_thread(
                    load, file, self._settings.loading, self._stop_loading
                )
        except LoadingStopped:
            return
        except UnreadableVideo as error:
            self.broken.append(error)
            self._announcer.broken(error)
            return
        camera = SimulatedCamera(file.name, recording)
        self.cameras[file.name] = camera
        tasks.create_task(self._run_camera(camera))
        self._announcer.on_air(camera, self.url(file.name), reason)

    async def _run_camera(self, camera: SimulatedCamera) -> None:
        """Run a camera; log its failure without ending others."""
        try:
            await camera.run()
        except Exception:
            log.exception("camera %s has failed", camera.name)

    async def _variant(self, camera: SimulatedCamera, size: tuple[int, int] | None) -> Recording:
        """Return the recording in another size; by default half of it, or the original."""
        original = camera.original
        if size is None:
            if camera.recording is not original:
                return original
            size = original.width // 4 * 2, original.height // 4 * 2
        key = f"{camera.name}-{size}"
        if key not in self._variants:
            shape = replace(
                self._settings.loading.shape,
                codec=original.codec,
                max_width=size[0],
                max_height=size[1],
            )
            file = self._files[camera.name]
            try:
                self._variants[key] = await asyncio.to_thread(
                    load_variant, file, shape, self._settings.loading, self._stop_loading
                )
            except UnreadableVideo as error:
                raise FaultRefused("cannot-resize", error.why) from error
        return self._variants[key]

    async def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = RtspSession(self.cameras, self._settings.session, reader, writer)
        await self._guarded(session.serve(), writer)

    async def _guarded(self, serving: Awaitable[None], writer: asyncio.StreamWriter) -> None:
        """Serve a connection, tracked and with errors logged."""
        task = asyncio.current_task()
        if task is not None:
            self._clients.add(task)
            task.add_done_callback(self._clients.discard)
        try:
            await serving
            await _close(writer)
        except asyncio.CancelledError:
            pass  # the simulator stops
        except Exception:  # the outermost line of this task: other clients play on
            log.exception("a client's connection failed")
        finally:
            writer.transport.abort()

    async def _end_all(self, servers: Sequence[asyncio.Server]) -> None:
        for server in servers:
            await stop_accepting(server)
        for task in self._clients:
            task.cancel()
        if self._clients:
            await asyncio.wait(self._clients, timeout=STOP_WITHIN_S)


_OnClient = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _close(writer: asyncio.StreamWriter) -> None:
    """Let the last reply go out, but do not wait for a client that does not read."""
    writer.close()
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await writer.wait_closed()


async def _listen(
    on_client: _OnClient, host: str, port: int, *, at_once: bool = True
) -> asyncio.Server:
    """Open a port; clients wait for `start_serving` unless `at_once`."""
    try:
        return await asyncio.start_server(on_client, host, port, start_serving=at_once)
    except (OSError, OverflowError) as error:
        raise _acquired(host, port, error) from error


def _acquired(host: str, port: int, error: Exception) -> AddressInUse:
    return AddressInUse(f"cannot listen on {host}:{port}: {reason_of(error)}")
