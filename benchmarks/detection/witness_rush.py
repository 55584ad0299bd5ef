"""`python -m benchmarks.detection.witness_rush`: many fires in one second on one worker.

So many cameras see the known fire at once; the detector is replaced by one that says so, the
witness is the shipped one. For each camera it is measured how long its event waited for the
witness, from the look that confirmed it, and whether it was judged or went on as unchecked.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

from tests.detection.detectors.fake_detector import FakeDetector
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import DetectorConfig, InferenceConfig
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.confirmation.witness import load_witness
from thapcanh.detection.detections import Detection
from thapcanh.detection.detectors.reference_clip import reference_clip
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.rules.fire import FireRule
from thapcanh.ingest.frame import Frame
from thapcanh.tools.evaluation.score import percentile

FLAME = (0.63, 0.4, 0.85, 0.8)
ABANDONED_S = 60.0


@dataclass(slots=True)
class Rush:
    """What was raised, and how long after it was seen."""

    began_s: dict[str, float] = field(default_factory=dict)
    waits_s: dict[str, float] = field(default_factory=dict)
    unchecked: int = 0

    def looked(self, frame: Frame, *_: object) -> None:
        """A look ended, which confirms at once here."""
        self.began_s.setdefault(frame.camera_id, time.monotonic())

    def told(self, frame: Frame, events: Sequence[Event]) -> None:
        """An answer of the witness brought these."""
        for event in events:
            if event.phase is EventPhase.RAISED:
                waited_s = time.monotonic() - self.began_s.get(frame.camera_id, time.monotonic())
                self.waits_s[frame.camera_id] = waited_s
                self.unchecked += event.unchecked


def main(arguments: Sequence[str] | None = None) -> int:
    """Let them burn, and print one line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection.witness_rush")
    parser.add_argument("--fires", type=int, default=50)
    asked = parser.parse_args(arguments)
    rush, clip, numbers = Rush(), reference_clip("rush", lambda at_s: at_s), count()
    detector = FakeDetector(lambda _: [Detection(box=FLAME, confidence=0.9, label="fire")])
    witness = load_witness(DetectorConfig(device="cpu"))
    loop = InferenceLoop(
        detector, InferenceConfig(), rush.looked, witness=witness, on_events=rush.told
    )
    for number in range(asked.fires):
        camera = CameraConfig(id=f"c{number}", name="camera", source=SecretUrl("rush"))
        scene = CameraPipeline(
            camera,
            [FireRule(id="fire")],
            detector.model,
            lambda: str(next(numbers)),
            (),  # confirmed by one look, so that all are asked about in the same second
            belief=BeliefSources(has_witness=True),
        )
        loop.add(scene, partial(_of, clip[5], camera.id), 1)
        loop.notice(camera.id)
    began_s, cpu_s = time.monotonic(), time.process_time()
    loop.start()
    while len(rush.waits_s) < asked.fires and time.monotonic() - began_s < ABANDONED_S:
        time.sleep(0.01)
    loop.stop()
    waits = sorted(rush.waits_s.values())
    sys.stdout.write(
        f"{len(waits)} of {asked.fires} raised, {rush.unchecked} unchecked; waited: first "
        f"{waits[0]:.2f} s, median {percentile(waits, 0.5)} s, last {waits[-1]:.2f} s; "
        f"{time.process_time() - cpu_s:.2f} s of CPU time\n"
    )
    return 0


def _of(frame: Frame, camera_id: str) -> Frame:
    return replace(frame, camera_id=camera_id)


if __name__ == "__main__":
    raise SystemExit(main())
