"""The default confirmation stages on a lamp and on a flame."""

from itertools import count

import numpy as np

from tests.detection.test_camera_pipeline import FIRE, MODEL, MakeFrame, flame, phases
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import detections_of
from thapcanh.detection.event import EventPhase


def test_the_default_stages_reject_a_lamp_and_say_so(make_frame: MakeFrame) -> None:
    numbers = count()
    camera = CameraConfig(id="gate", name="Gate", source=SecretUrl("rtsp://camera/1"))
    scene = CameraPipeline(camera, (FIRE,), MODEL, lambda: str(next(numbers)))
    lamp = np.full((90, 160, 3), (10, 20, 60), dtype=np.uint8)
    lamp[40:50, 66:78] = (255, 170, 60)
    for number in range(10):
        frame = make_frame(number * 0.5, rgb=lamp)
        assert scene.observe(frame, detections_of(frame, [flame((0.4, 0.4, 0.5, 0.6), 0.9)])) == []
    assert scene.verdicts()[0].startswith("fire: rejected: static thing")
    assert scene.is_attentive


def test_the_default_stages_believe_a_flame(make_frame: MakeFrame) -> None:
    numbers = count()
    camera = CameraConfig(id="gate", name="Gate", source=SecretUrl("rtsp://camera/1"))
    scene = CameraPipeline(camera, (FIRE,), MODEL, lambda: str(next(numbers)))
    random = np.random.default_rng(7)
    events = []
    for number in range(3):
        burning = np.full((90, 160, 3), (10, 20, 60), dtype=np.uint8)
        glow = random.integers(0, 2, (20, 16, 1), dtype=np.uint8)
        burning[36:56, 64:80] = np.where(glow, (255, 190, 60), (120, 40, 10))
        frame = make_frame(number * 0.5, rgb=burning)
        events += scene.observe(frame, detections_of(frame, [flame()]))
    assert phases(events) == [EventPhase.RAISED]
    assert "inner change" in events[0].reason
