"""A drawn car crosses a line in a recorded film: the record names it, the film shows it there."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from tests.detection.detectors.fake_detector import FakeDetector
from thapcanh.app.worker.camera_share import WorkerShare
from thapcanh.app.worker.recording import recorder_of, sightings_of
from thapcanh.app.worker.watched_cameras import WatchedCameras
from thapcanh.config.camera import CameraConfig, LineConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig, Site, SiteFacts
from thapcanh.config.storage import RecordingConfig
from thapcanh.detection.detections import Detection
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.sightings.query import SightingQuery
from thapcanh.detection.sightings.search import SightingSearch
from thapcanh.detection.sightings.sighting import VehicleColour
from thapcanh.detection.tracking.drawn_shapes import LineSide
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.recording.library import recorded, still

WaitFor = Callable[..., None]
WIDTH, HEIGHT, FPS = 320, 180, 15
BLUE = (200, 70, 20)
LINE = LineConfig(id="gate", name="Gate", points=((0.5, 0.0), (0.5, 1.0)), inside=(0.9, 0.5))


def drawn_drive(path: Path) -> Path:
    """A blue car drives from left to right for 8 s, over and over."""
    with av.open(str(path), "w") as container:
        out = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        assert isinstance(out, av.VideoStream)
        out.width, out.height, out.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        out.codec_context.gop_size = FPS
        for number in range(8 * FPS):
            pixels = np.full((HEIGHT, WIDTH, 3), (96, 112, 92), np.uint8)
            left = -60 + round(400 * number / (8 * FPS))
            cv2.rectangle(pixels, (left, 80), (left + 60, 120), BLUE, -1)
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(out.encode(frame))
        container.mux(out.encode(None))
    return path


def blue_part(pixels: np.ndarray) -> tuple[float, float, float, float] | None:
    """Where the blue thing is, in shares of the picture."""
    is_blue = pixels[..., 0].astype(int) - pixels[..., 2] > 90
    rows, columns = np.flatnonzero(is_blue.any(axis=1)), np.flatnonzero(is_blue.any(axis=0))
    if len(columns) < 40:
        return None
    height, width = is_blue.shape
    return columns[0] / width, rows[0] / height, columns[-1] / width, rows[-1] / height


def see(frame: Frame) -> list[Detection]:
    box = blue_part(frame.bgr())
    return [] if box is None else [Detection(label="car", box=box, confidence=0.8)]


def test_a_drawn_car_is_found_again_in_the_film_where_the_record_says(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    camera = CameraConfig(
        id="a", name="a", source=SecretUrl(str(drawn_drive(tmp_path / "drive.mp4"))),
        lines=(LINE,), record=True,
    )  # fmt: skip
    folder = tmp_path / "recordings"
    site = Site(
        site=SiteFacts(data_dir=tmp_path / "data"),
        cameras=(camera,),
        recording=RecordingConfig(dir=folder, min_free_gb=0.0),
    )
    detector = FakeDetector(see)
    packets, sightings = recorder_of(site, {}), sightings_of(site, {})
    cameras: WatchedCameras | None = None
    loop = InferenceLoop(
        detector,
        InferenceConfig(interval_s=0.3, sleep=False),
        lambda frame, seen, _: cameras.looked(frame, seen) if cameras else None,
    )
    cameras = WatchedCameras(
        WorkerShare(index=0, of=1), loop, detector.model, str, SystemClock(),
        recorder=packets, sightings=sightings,
    )  # fmt: skip
    loop.start()
    cameras.start(site)
    began_s = SystemClock().utc()
    try:
        wait_for(lambda: sightings.figures()["stored"] + sightings.figures()["waiting"], 40.0)
    finally:
        cameras.stop()
        assert loop.stop()
        assert packets.stop()
        assert sightings.stop()
    now_s = SystemClock().utc()
    wanted = SightingQuery(
        from_s=began_s - 60, to_s=now_s, hidden={"a": 0}, labels=frozenset({"car"}),
        colour=VehicleColour.BLUE, line="gate", to=LineSide.INSIDE,
    )  # fmt: skip
    with SightingSearch(folder) as search:
        found = [one for _, one in search.page(wanted, 10).items]
        looks = search.coverage(began_s, now_s, "a", None)
    assert found
    assert sum(300 * slot.awake for slot in looks.slots) > 3.0
    one = found[0]
    (segment,) = recorded(folder, "a", one.best_s, one.best_s + 0.001, now_s).segments
    picture = still(folder / segment.path, segment, one.best_s, 640, PrivacyMask(()))
    assert picture is not None
    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    shown = blue_part(np.asarray(decoded))
    assert shown is not None
    assert np.abs(np.array(shown) - one.best).max() < 0.05
