"""Frames made of pixels, and what the rules raise on them: for benchmarks that make clips."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from thapcanh.app.replay.replay import camera_and_rules
from thapcanh.config.site import Site
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.inference.region_inference import RegionInference
from thapcanh.ingest.frame import Frame
from thapcanh.tools.evaluation.score import BURNING

WIDTH, HEIGHT = 1280, 720
LOOK_EVERY_S = 0.5
JPEG_QUALITY = 70  # hides how it was made, and is what cheap cameras send
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The alerts of one made clip, and how many looks at parts it took."""

    events: list[Event]
    regions: int


def through_jpeg(pixels: Pixels) -> Pixels:
    """As a cheap camera sends it."""
    _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), dtype=np.uint8)


def frame_of(pixels: Pixels, at_s: float, captured_at: float) -> Frame:
    """A frame of (`HEIGHT`, `WIDTH`, 3) pixels, blue first."""
    picture = av.VideoFrame.from_ndarray(pixels, format="bgr24")
    return Frame(
        camera_id="made",
        picture=picture.reformat(format="yuv420p", dst_color_range="MPEG"),
        width=WIDTH,
        height=HEIGHT,
        at_s=at_s,
        captured_at=captured_at,
        decoded_at=captured_at,
    )


def raised_on(
    frames: Iterable[Frame], detector: Detector, site: Site, *, regions: bool = True
) -> Raised:
    """What the site's rules say of them, fire and smoke alone."""
    camera, rules = camera_and_rules(site, Path("made"))
    numbers = count()
    scene = CameraPipeline(camera, rules, detector.model, lambda: f"made-{next(numbers)}")
    closer = RegionInference(detector.detect, detector.size_px, is_on=regions)
    events = chain.from_iterable(scene.observe(frame, *closer.observe([frame])) for frame in frames)
    raised = [
        event for event in events if event.phase is EventPhase.RAISED and event.kind in BURNING
    ]
    return Raised(events=raised, regions=closer.counts.done)
