"""The shipped model sees the known fire, clearly enough that no site is told that it is blind."""

from itertools import count

from config.camera import Camera
from config.rules import FireRule
from config.secret import SecretUrl
from detection.event import Event
from detection.known_film import LABEL, known_film
from detection.openvino_detector import OpenVinoDetector
from detection.scene import Scene

AFTERNOON = 1_760_000_400.0


def test_the_shipped_model_sees_the_known_fire(detector: OpenVinoDetector) -> None:
    frames = known_film("test", lambda at_s: AFTERNOON + at_s)
    assert [frame.at_s for frame in frames] == [number * 0.5 for number in range(10)]
    assert LABEL in detector.labels
    numbers = count()
    camera = Camera(id="test", name="test", source=SecretUrl("film"))
    scene = Scene(camera, [FireRule(id="fire")], detector.model, lambda: str(next(numbers)))
    raised: list[Event] = []
    for frame in frames[:5]:
        raised += scene.look(frame, detector.detect([frame])[0])
    assert [event.kind for event in raised] == ["fire"]
    assert raised[0].confidence > 0.6
