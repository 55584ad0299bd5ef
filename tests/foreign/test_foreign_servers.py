"""Servers that are not ours: GStreamer's RTSP server and VLC, from Debian, where installed.

`probe` says what they send, and a camera as a worker runs it comes online.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.local_ports import listens
from tests.patience import PATIENCE_S
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.camera.lifecycle import CameraState
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.sources.pinned_address import probe_only_there
from thapcanh.ingest.sources.probe import ProbeReport, probe
from thapcanh.ingest.sources.registry import opener_of

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]

SYSTEM_PYTHON = "/usr/bin/python3"
_LOOKS = int(os.environ.get("THAPCANH_TEST_LOOKS", "3"))
_NOBODY = 65534
"""VLC refuses to run as root."""


def _has_gstreamer() -> bool:
    asked = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        tried = subprocess.run([SYSTEM_PYTHON, "-c", asked], capture_output=True, check=False)
    except OSError:
        return False
    return tried.returncode == 0


needs_gstreamer = pytest.mark.skipif(
    not _has_gstreamer(), reason="needs gir1.2-gst-rtsp-server-1.0 and python3-gi"
)
needs_vlc = pytest.mark.skipif(
    shutil.which("cvlc") is None, reason="needs vlc-bin and vlc-plugin-base"
)


@pytest.fixture(scope="module")
def street(film: MakeFilm) -> Path:
    return film("foreign.mp4", codec="libx264", frames=900)


@contextmanager
def _running(command: list[str], **env: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)


@contextmanager
def _gstreamer(film: Path, transport: str) -> Iterator[str]:
    server = str(Path(__file__).with_name("gstreamer_server.py"))
    with _running([SYSTEM_PYTHON, server, str(film), transport]) as process:
        assert process.stdout is not None
        yield f"rtsp://127.0.0.1:{int(process.stdout.readline())}/camera"


@contextmanager
def _vlc(film: Path, home: Path, wait_for: WaitFor) -> Iterator[str]:
    """Serves by UDP only, as many encoders do."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    copy = home / "street.mp4"
    shutil.copy(film, copy)
    for path, mode in ((home, 0o777), (copy, 0o644)):
        path.chmod(mode)
    as_nobody = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    url = f"rtsp://127.0.0.1:{port}/camera"
    command = ["cvlc", "--quiet", "--intf", "dummy", "--no-audio", "--loop", str(copy)]
    command += ["--sout-keep", f"--sout=#rtp{{sdp={url}}}"]
    is_root = os.geteuid() == 0
    with _running([*as_nobody, *command] if is_root else command, HOME=str(home)):
        wait_for(lambda: listens(port), 15, "VLC listens")
        yield url


def _is_watched(url: str, wait_for: WaitFor) -> None:
    reports: list[ProbeReport] = []

    def has_pictures() -> bool:
        reports.append(probe(SecretUrl(url)))
        return reports[-1].ok

    wait_for(has_pictures, 15, "it may listen before it has anything to send")
    assert (reports[-1].codec, reports[-1].width, reports[-1].height) == ("h264", 320, 240)
    spec = CameraConfig(id="foreign", name="Foreign", source=SecretUrl(url))
    camera = Camera(spec, clock=SystemClock(), open_source=opener_of(spec))
    camera.start()
    try:
        wait_for(lambda: camera.health().frames_decoded >= 20, 15, "pictures come")
        assert camera.health().state is CameraState.ONLINE
        assert camera.health().reconnects == 0
    finally:
        assert camera.stop()


@needs_gstreamer
@pytest.mark.parametrize("transport", ["tcp", "udp", "shared-udp"])
def test_gstreamers_server_with_a_track_of_sound_is_watched(
    street: Path, wait_for: WaitFor, transport: str
) -> None:
    with _gstreamer(street, transport) as url:
        _is_watched(url, wait_for)


@needs_gstreamer
@pytest.mark.parametrize("look", [probe, probe_only_there])
def test_a_camera_by_udp_was_refused_while_its_server_held_what_was_closed(
    street: Path, look: Callable[[SecretUrl], ProbeReport]
) -> None:
    with _gstreamer(street, "shared-udp") as url:
        reports = [look(SecretUrl(url)) for _ in range(_LOOKS)]
    assert [(one.ok, one.transport, one.error) for one in reports] == [(True, "udp", None)] * _LOOKS


@needs_vlc
def test_vlc_that_sends_by_udp_only_is_watched(
    street: Path, wait_for: WaitFor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = Path("/tmp") / f"thapcanh-vlc-{os.getpid()}"
    home.mkdir()
    try:
        with _vlc(street, home, wait_for) as url:
            _is_watched(url, wait_for)
    finally:
        shutil.rmtree(home, ignore_errors=True)
