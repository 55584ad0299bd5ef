"""Command `thapcanh simulate`: an RTSP server for files until Ctrl-C.

It prints `rtsp://…/name` per camera and `ready`, errors on standard error, and never passwords. It
must run on the main thread to receive signals.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from thapcanh.tools.simulator.camera import SimulatedCamera
from thapcanh.tools.simulator.camera_file import LoadRules, camera_files
from thapcanh.tools.simulator.errors import SimulatorError, UnreadableVideo
from thapcanh.tools.simulator.rtsp.login import parse_login
from thapcanh.tools.simulator.server import Announcer, Simulator, SimulatorSettings
from thapcanh.tools.simulator.session import SessionRules


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateOptions:
    """Options: `FILE` or `NAME=FILE` words, `user:password`, ports (0: a free one)."""

    files: Sequence[str]
    host: str = "127.0.0.1"
    port: int = 8554
    user: str | None = None
    control_port: int | None = None
    as_is: bool = False
    gop_replay: bool = True
    cache_dir: Path | None = None


def run_simulator(
    options: SimulateOptions, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Serve until SIGINT or SIGTERM; 0 at a good end, 1 when there was nothing to serve."""
    out, err = out or sys.stdout, err or sys.stderr
    try:
        return asyncio.run(_serve(_settings(options), _Console(out, err)))
    except SimulatorError as error:
        _line(err, f"error: {error}")
        return 1


class _Console(Announcer):
    """Tells the person at the terminal."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self.out = out
        self.err = err
        self._on_air = 0

    def on_air(self, camera: SimulatedCamera, url: str, re_encoded: str | None) -> None:
        self._on_air += 1
        _line(self.out, url)
        if re_encoded:
            _line(self.err, f"{camera.name}: re-encoded as a camera sends it ({re_encoded})")
        if camera.original.is_cut:
            length_s = camera.original.duration_s
            _line(self.err, f"{camera.name}: only its first {length_s:.0f} s fit into memory")

    def broken(self, error: UnreadableVideo) -> None:
        _line(self.err, f"error: {error}")

    def ready(self) -> None:
        if self._on_air:
            _line(self.out, "ready")


def _settings(options: SimulateOptions) -> SimulatorSettings:
    files = tuple(camera_files(options.files, as_is=options.as_is))
    if not files:
        raise SimulatorError("no video was named: thapcanh simulate FILE...")
    login = parse_login(options.user) if options.user else None
    return SimulatorSettings(
        cameras=files,
        host=options.host,
        port=options.port,
        control_port=options.control_port,
        session=SessionRules(login=login, gop_replay=options.gop_replay),
        loading=LoadRules(cache_dir=options.cache_dir),
    )


async def _serve(settings: SimulatorSettings, console: _Console) -> int:
    simulator = Simulator(settings, console)
    loop = asyncio.get_running_loop()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, simulator.stop)
    await simulator.run()
    return 0 if simulator.cameras else 1


def _line(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()
