"""Simulator on its own thread, for code without an event loop.

Starting waits until every file is served and raises the first file's error; stopping is idempotent,
joins the thread, and is bounded in time.
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from thapcanh.ingest.stoppable_thread import StoppableThread
from thapcanh.tools.simulator.camera import CameraStatus
from thapcanh.tools.simulator.camera_file import CameraFile, LoadRules, camera_files
from thapcanh.tools.simulator.errors import SimulatorError
from thapcanh.tools.simulator.faults import fault_order
from thapcanh.tools.simulator.rtsp.login import parse_login
from thapcanh.tools.simulator.server import Announcer, Simulator, SimulatorSettings
from thapcanh.tools.simulator.session import SessionRules

START_WITHIN_S = 120.0  # a long file may have to be re-encoded first
ANSWER_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0

log = logging.getLogger(__name__)
_T = TypeVar("_T")


class RunningSimulator(Announcer):
    """Handle on a simulator's thread; every method may be called from any other thread."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._settings = settings
        self._started = threading.Event()
        self._failure: SimulatorError | None = None
        self._simulator: Simulator | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = StoppableThread(self._main, "simulator", interrupt=self._interrupt)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._running().port

    @property
    def control_port(self) -> int | None:
        """The control port; None where there is none."""
        return self._running().control_port

    def url(self, name: str, *, with_login: bool = False) -> str:
        """Return the camera's address."""
        return self._running().url(name, with_login=with_login)

    def fault(self, camera: str, fault: str, value: float | str | None = None) -> CameraStatus:
        """Order a fault and wait until it is carried out; raises `FaultRefused`."""
        return self._query(self._running().obey(fault_order(fault, camera, value)))

    def status(self, camera: str) -> CameraStatus:
        """Return what the camera does just now."""

        async def status() -> CameraStatus:
            return self._running().cameras[camera].status()

        return self._query(status())

    def start(self) -> None:
        """Start and wait until every file is served; on an error the thread has ended."""
        self._thread.start()
        if not self._started.wait(START_WITHIN_S):
            self.stop()
            raise SimulatorError(f"no camera was on air within {START_WITHIN_S:.0f} s")
        broken = self._simulator.broken if self._simulator else []
        failure = self._failure or (broken[0] if broken else None)
        if failure is not None:
            self.stop()
            raise failure

    def stop(self) -> None:
        """Stop the simulator and join its thread."""
        if not self._thread.stop(STOP_WITHIN_S):
            raise SimulatorError(f"the simulator did not stop within {STOP_WITHIN_S:.0f} s")

    def ready(self) -> None:
        """Announcer: every file is loaded."""
        self._started.set()

    def _query(self, question: Coroutine[object, object, _T]) -> _T:
        if self._loop is None:
            raise SimulatorError("the simulator is not running")
        return asyncio.run_coroutine_threadsafe(question, self._loop).result(ANSWER_WITHIN_S)

    def _running(self) -> Simulator:
        if self._simulator is None:
            raise SimulatorError("the simulator is not running")
        return self._simulator

    def _interrupt(self) -> None:
        if self._loop is not None and self._simulator is not None:
            try:
                self._loop.call_soon_threadsafe(self._simulator.stop)
            except RuntimeError:
                log.debug("the simulator's loop was closed already")

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except SimulatorError as error:
            self._failure = error
        except Exception:  # the outermost line of this thread
            log.exception("the simulator's thread failed")
            self._failure = SimulatorError("the simulator failed; see the log")
        finally:
            self._started.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._simulator = Simulator(self._settings, self)
        if not self._thread.is_stopping:
            await self._simulator.run()


@contextmanager
def running_simulator(
    cameras: Iterable[str | Path | CameraFile],
    *,
    user: str | None = None,
    as_is: bool = False,
    control: bool = False,
    host: str = "127.0.0.1",
    cache_dir: Path | None = None,
) -> Iterator[RunningSimulator]:
    """Serve cameras on a free port of this machine during the block."""
    settings = SimulatorSettings(
        cameras=tuple(camera_files(cameras, as_is=as_is)),
        host=host,
        port=0,
        control_port=0 if control else None,
        session=SessionRules(login=parse_login(user) if user else None),
        loading=LoadRules(cache_dir=cache_dir),
    )
    with RunningSimulator(settings) as simulator:
        yield simulator
