"""Whatever a camera shows, and however long it shows nothing: its rules go on."""

from collections.abc import Callable
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detection, detections_of
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.region import Region
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.smoke import SmokeRule
from thapcanh.ingest.frame import Frame

MODEL = ModelIdentity(name="fake", sha256="f" * 64)
BOXES: tuple[Region, ...] = ((0.4, 0.4, 0.5, 0.6), (0.0, 0.0, 1.0, 0.9), (0.1, 0.1, 0.12, 0.13))
ROWS = st.builds(
    Detection,
    box=st.sampled_from(BOXES),
    confidence=st.sampled_from((0.16, 0.2, 0.3, 0.9)),
    label=st.sampled_from(("fire", "smoke")),
)
STRETCHES = st.lists(
    st.tuples(
        st.integers(1, 9),  # looks
        st.sampled_from((0.2, 0.5, 2.0)),  # seconds between them
        st.sampled_from((0.0, 7.0, 12.0, 30.0, 200.0)),  # seconds without a picture before
        st.lists(ROWS, max_size=2),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STRETCHES)
def test_no_history_is_too_odd_for_the_rules(
    make_frame: Callable[..., Frame],
    stretches: list[tuple[int, float, float, list[Detection]]],
) -> None:
    camera = CameraConfig(id="gate", name="Gate", source=SecretUrl("rtsp://camera/1"))
    rules = (FireRule(id="fire"), SmokeRule(id="smoke"))
    pipeline = CameraPipeline(camera, rules, MODEL, map("id{}".format, count(1)).__next__)
    at_s = 0.0
    for looks, step_s, gap_s, rows in stretches:
        at_s += gap_s
        for _ in range(looks):
            at_s += step_s
            frame = make_frame(at_s, camera_id=camera.id)
            for event in pipeline.observe(frame, detections_of(frame, rows)):
                assert event.camera_id == camera.id
