"""A centre that serves live view of simulated cameras, without workers: the web face alone.

`live_centre` runs it on a thread of the test's process, on a free port, with a real archive; the
films are made on the spot.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from cryptography.fernet import Fernet

from tests.app.web_api.served_app import serving_app
from tests.end_to_end.running_site import PASSWORD
from tests.ingest.fake_source import moving_square
from tests.made_archives import archive_at
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.centre.web.application import create_app
from thapcanh.app.centre.web.centre_services import CentreServices
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.settings import LiveSettings
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.web_api.access.credentials import ensure_first_admin
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.ingest.clock import SystemClock

SETTINGS = LiveSettings(sweep_s=0.1, linger_s=1.0, still_within_s=5.0, welcome_every_s=0.2)
FPS = 15


@dataclass(frozen=True)
class LiveCentre:
    """Where it is served, and its site, which a test may replace."""

    address: str
    site: SiteHolder
    live: LiveView
    stop: threading.Event
    thread: threading.Thread


@contextmanager
def live_centre(
    folder: Path, cameras: Mapping[str, str], web_dist: Path, settings: LiveSettings = SETTINGS
) -> Iterator[LiveCentre]:
    """Serve these cameras (id: address) to the user `admin`."""
    archive = archive_at(folder / "archive.sqlite")
    ensure_first_admin(archive, PASSWORD)
    site = SiteHolder(site_of(cameras))
    app = create_app(
        CentreServices(
            archive=archive,
            evidence=FolderStore(folder),
            site=site,
            cameras=CameraBoard(list, site, SystemClock()),
            clock=SystemClock(),
            bell=ChangeNotifier(),
            web_dist=web_dist,
            factor_secrets=FactorSecrets(Fernet.generate_key()),
            live=settings,
        )
    )
    try:
        with serving_app(app) as served:
            view = app.state.here.part(LiveView)
            yield LiveCentre(served.address, site, view, served.stop, served.thread)
    finally:
        archive.close()


def site_of(cameras: Mapping[str, str]) -> Site:
    return Site(
        cameras=tuple(
            CameraConfig(id=name, name=f"Camera {name}", source=SecretUrl(url))
            for name, url in cameras.items()
        )
    )


def make_film(
    path: Path, *, codec: str = "libx264", b_frames: int = 0, size: tuple[int, int] = (640, 360)
) -> Path:
    """Four seconds of a moving square before noise, a keyframe every second."""
    noise = np.random.default_rng(1)
    width, height = size
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream(codec, rate=FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size = FPS
        keys = f"keyint={FPS}:min-keyint={FPS}:scenecut=0:bframes={b_frames}"
        params = "x265-params" if codec == "libx265" else "x264-params"
        quiet = ":log-level=error" if codec == "libx265" else ""
        stream.options = {"preset": "ultrafast", params: f"{keys}{quiet}"}
        for number in range(4 * FPS):
            picture = moving_square(number, width, height).astype(np.int16)
            picture += noise.integers(-12, 12, picture.shape, dtype=np.int16)
            frame = av.VideoFrame.from_ndarray(picture.clip(0, 255).astype(np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
