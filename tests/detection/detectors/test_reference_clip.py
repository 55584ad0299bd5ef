"""The shipped model sees the known fire, clearly enough that no site is told that it is blind."""

from itertools import count

from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detectors.kinds.openvino import OpenVinoDetector
from thapcanh.detection.detectors.reference_clip import LABEL, reference_clip
from thapcanh.detection.event import Event
from thapcanh.detection.rules.fire import FireRule

AFTERNOON = 1_760_000_400.0


def test_the_shipped_model_sees_the_known_fire(detector: OpenVinoDetector) -> None:
    frames = reference_clip("test", lambda at_s: AFTERNOON + at_s)
    assert [frame.at_s for frame in frames] == [number * 0.5 for number in range(10)]
    assert LABEL in detector.labels
    numbers = count()
    camera = CameraConfig(id="test", name="test", source=SecretUrl("film"))
    scene = CameraPipeline(
        camera, [FireRule(id="fire")], detector.model, lambda: str(next(numbers))
    )
    raised: list[Event] = []
    for frame in frames[:5]:
        raised += scene.observe(frame, detector.detect([frame])[0])
    assert [event.kind for event in raised] == ["fire"]
    assert raised[0].confidence > 0.6
