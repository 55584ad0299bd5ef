"""A real night camera: infra-red, a bright tree in it, H.265, a keyframe every 4.7 s, noise.

The detector names the tree again and again, never often or surely enough to be believed. Recorded
ones stayed awake all night; the same kind, made here, must sleep, and wake when something burns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise

import cv2
import numpy as np
import pytest

from tests.detection.detectors.fake_detector import FakeDetector
from tests.ingest.fake_source import Picture, synthetic_packets
from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detection
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.smoke import SmokeRule
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, AdaptiveDecodingSettings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import (
    AlwaysDecodingPolicy,
    DecodingMode,
    DecodingPolicy,
    PolicyDecoder,
)
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet

FPS = 15
WIDTH, HEIGHT = 240, 272
KEYFRAME_EVERY = round(4.7 * FPS)
BURNS_FROM_S, ENDS_S = 100.0, 112.0
JUDGED_S = 45.0
"""By then packet sizes are learned, and the tree was judged."""
CAMERA = CameraConfig(id="yard", name="Sân", source=SecretUrl("rtsp://10.0.0.5/1"))
_TREE = (60, 30, 150, 120)  # px


def _yard(number: int) -> Picture:
    chance = np.random.default_rng(number)
    grey = np.full((HEIGHT, WIDTH), 38, np.int16)
    grey[200:] = 52
    leaves = np.random.default_rng(7).integers(130, 210, (15, 15)).astype(np.uint8)
    left, top, right, bottom = _TREE
    grey[top:bottom, left:right] = cv2.resize(leaves, (right - left, bottom - top))
    grey += chance.integers(-5, 6, grey.shape, dtype=np.int16)
    if number / FPS >= BURNS_FROM_S:
        for column in range(left + 20, right - 20, 8):
            tall = int(chance.integers(15, 60))
            grey[bottom - tall : bottom, column : column + 8] = 250
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _names(frame: Frame) -> Sequence[Detection]:
    """The tree as smoke in every other look, about as surely as the rule asks for; and flames."""
    chance = np.random.default_rng(round(frame.at_s * 1000))
    if frame.at_s >= BURNS_FROM_S:
        return [Detection(box=(0.33, 0.25, 0.55, 0.45), confidence=0.7, label="fire", track_id=-1)]
    if chance.random() < 0.5:
        return []
    x, y = chance.uniform(-0.04, 0.04, 2)
    box = (0.25 + x, 0.11 + y, 0.62 + x, 0.44 + y)
    confidence = float(chance.uniform(0.16, 0.31))
    return [Detection(box=box, confidence=confidence, label="smoke", track_id=-1)]


@dataclass
class _Watched:
    """A camera as a worker watches it."""

    policy: DecodingPolicy
    interval_s: float = 0.5
    looks: list[float] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    awake: list[float] = field(default_factory=list)
    decoded_at: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        numbers = count()
        self.detector = FakeDetector(_names)
        rules: list[Rule] = [FireRule(id="fire"), SmokeRule(id="smoke")]
        self.scene = CameraPipeline(
            CAMERA, rules, self.detector.model, lambda: f"id-{next(numbers)}"
        )
        self.decoder = Decoder("yard", lambda at_s: 1e9 + at_s)
        self.decoding = PolicyDecoder(self.decoder, self.policy, max_held_bytes=10_000_000)

    def play(self, packets: Sequence[Packet]) -> "_Watched":
        next_s = 0.0
        for packet in packets:
            for frame in self.decoding.take(packet, 0.0, now=0.0):
                if frame.at_s >= next_s:
                    next_s = frame.at_s + self.interval_s - 0.01
                    self._look(frame)
            self.decoded_at.append((packet.at_s, self.decoder.packets))
            if self.policy.status.mode is not DecodingMode.IDLE:
                self.awake.append(packet.at_s)
        return self

    def _look(self, frame: Frame) -> None:
        self.looks.append(frame.at_s)
        self.events += self.scene.observe(frame, self.detector.detect([frame])[0])
        if self.scene.is_attentive:
            self.policy.wake("something", is_sure=self.scene.has_candidate)

    def decoded_between(self, from_s: float, to_s: float) -> int:
        inside = [packets for at_s, packets in self.decoded_at if from_s <= at_s < to_s]
        return inside[-1] - inside[0]

    def looks_between(self, from_s: float, to_s: float) -> int:
        return len([at_s for at_s in self.looks if from_s <= at_s < to_s])


@pytest.fixture(scope="module")
def night() -> list[Packet]:
    return synthetic_packets(
        round(ENDS_S * FPS),
        fps=FPS,
        keyframe_every=KEYFRAME_EVERY,
        codec="libx265",
        picture=_yard,
    )


@pytest.fixture(scope="module")
def asleep(night: list[Packet]) -> _Watched:
    return _Watched(policy=AdaptiveDecodingPolicy(AdaptiveDecodingSettings())).play(night)


def test_a_night_yard_with_a_bright_tree_sleeps_at_an_eighth_of_being_awake(
    asleep: _Watched, night: list[Packet]
) -> None:
    awake = _Watched(policy=AlwaysDecodingPolicy()).play(night)
    span = (JUDGED_S, BURNS_FROM_S)
    assert 8 * asleep.decoded_between(*span) <= awake.decoded_between(*span)
    assert 8 * asleep.looks_between(*span) <= awake.looks_between(*span)
    assert not [at_s for at_s in asleep.awake if JUDGED_S <= at_s < BURNS_FROM_S]
    assert asleep.scene.habituation.withheld >= 3
    assert [event for event in asleep.events if event.at_s < BURNS_FROM_S] == []


def test_it_is_still_seen_within_the_promise(asleep: _Watched) -> None:
    looks = [at_s for at_s in asleep.looks if at_s >= JUDGED_S]
    gaps = [after - before for before, after in pairwise(looks)]
    assert max(gaps) <= AdaptiveDecodingSettings().longest_unseen_s


def test_a_fire_in_the_tree_that_was_judged_wakes_it_by_its_next_keyframe(
    asleep: _Watched,
) -> None:
    """Noise is most of its packets' bytes, so that their sizes hardly tell of a small fire."""
    raised = next(event for event in asleep.events if event.phase is EventPhase.RAISED)
    assert raised.kind == "fire"
    seen_s = next(at_s for at_s in asleep.looks if at_s >= BURNS_FROM_S)
    assert seen_s <= BURNS_FROM_S + AdaptiveDecodingSettings().longest_unseen_s
    assert raised.at_s <= seen_s + 2.0
