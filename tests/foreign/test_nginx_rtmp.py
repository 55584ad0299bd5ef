"""RTMP from nginx's own media server, plain and behind its TLS, from Debian, where installed."""

import getpass
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from tests.ingest.sources.tls_camera import certificate
from tests.local_ports import listens
from tests.patience import PATIENCE_S
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.camera.lifecycle import CameraState
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.sources.probe import probe
from thapcanh.ingest.sources.registry import opener_of
from thapcanh.ingest.sources.tls_relay import fingerprint_of_file

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]

_MODULES = Path("/usr/lib/nginx/modules")
_NEEDED = [_MODULES / name for name in ("ngx_rtmp_module.so", "ngx_stream_module.so")]
_SETTINGS = """
user {user};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
load_module {rtmp};
load_module {stream};
events {{}}
rtmp {{ server {{ listen 127.0.0.1:{plain}; application live {{ live on; }} }} }}
stream {{
  server {{
    listen 127.0.0.1:{secured} ssl;
    ssl_certificate {pem};
    ssl_certificate_key {pem};
    proxy_pass 127.0.0.1:{plain};
  }}
}}
"""

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None or not all(module.exists() for module in _NEEDED),
    reason="needs nginx, libnginx-mod-rtmp and libnginx-mod-stream",
)


@pytest.fixture
def nginx(tmp_path: Path, wait_for: WaitFor) -> Iterator[tuple[int, int, Path]]:
    """The ports of RTMP and RTMPS, and the certificate of the latter."""
    plain, secured = _free_ports()
    pem = certificate(tmp_path)
    settings = tmp_path / "nginx.conf"
    settings.write_text(
        _SETTINGS.format(
            user=getpass.getuser(),
            folder=tmp_path,
            rtmp=_NEEDED[0],
            stream=_NEEDED[1],
            plain=plain,
            secured=secured,
            pem=pem,
        )
    )
    command = ["nginx", "-p", str(tmp_path), "-e", "stderr", "-c", str(settings)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: listens(secured), 30, "nginx listens")
        yield plain, secured, pem
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _free_ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def _published(film: Path, url: str) -> Iterator[None]:
    """An encoder that publishes this film, as fast as a camera would, until the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=_publish, args=(film, url, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE_S)


def _publish(film: Path, url: str, over: threading.Event) -> None:
    with av.open(str(film)) as source, av.open(url, "w", format="flv") as out:
        video = source.streams.video[0]
        copy = out.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is None or over.wait(1 / 25):
                return
            packet.stream = copy
            out.mux(packet)


def _is_watched(source: str, pin: str | None, wait_for: WaitFor) -> None:
    spec = CameraConfig(id="drone", name="Drone", source=SecretUrl(source), tls_pin=pin)
    camera = Camera(spec, clock=SystemClock(), open_source=opener_of(spec))
    camera.start()
    try:
        wait_for(lambda: camera.health().frames_decoded >= 20, 30, "pictures come")
        assert camera.health().state is CameraState.ONLINE
    finally:
        assert camera.stop()


def test_a_stream_published_to_nginx_is_watched_plain_and_by_tls(
    nginx: tuple[int, int, Path], film: MakeFilm, wait_for: WaitFor
) -> None:
    plain, secured, pem = nginx
    street = film("foreign.mp4", codec="libx264", frames=900)
    with _published(street, f"rtmp://127.0.0.1:{plain}/live/drone"):
        _is_watched(f"rtmp://127.0.0.1:{plain}/live/drone", None, wait_for)
        _is_watched(f"rtmps://127.0.0.1:{secured}/live/drone", fingerprint_of_file(pem), wait_for)
        assert probe(SecretUrl(f"rtmps://127.0.0.1:{secured}/live/drone")).reason == "certificate"


def test_a_name_that_nobody_publishes_to_is_said_so(nginx: tuple[int, int, Path]) -> None:
    report = probe(SecretUrl(f"rtmp://127.0.0.1:{nginx[0]}/live/nobody"))
    assert report.reason == "unanswered"
    assert "check that the encoder publishes" in (report.error or "")
