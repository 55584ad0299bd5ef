"""Sleeping and waking never changes what an event says: both ways of decoding, side by side.

The same packets go through a camera that decodes everything and through one that sleeps, with a
detector that sees the colour of flames. Deterministic: camera time is the only time.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import count

import numpy as np
import pytest

from tests.detection.detectors.fake_detector import FakeDetector
from tests.ingest.fake_source import Picture, synthetic_packets
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detection
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.rules.fire import FireRule
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

FPS = 10
LOOK_S = 0.5
BURNS_FROM_S, BURNS_TO_S = 31.25, 50.0
SWEEP_S = AdaptiveDecodingSettings().sweep_s
CAMERA = CameraConfig(id="gate", name="Cổng", source=SecretUrl("rtsp://10.0.0.5/1"))
RULE = FireRule(id="fire")


def _street(number: int, at: int | None = None) -> Picture:
    """Grey with a little noise, and for a while a flame that flickers; `at`: of the noise."""
    chance = np.random.default_rng(number if at is None else at)
    picture = np.full((240, 320, 3), 70, np.uint8)
    picture += chance.integers(0, 6, picture.shape, dtype=np.uint8)
    if BURNS_FROM_S <= number / FPS < BURNS_TO_S:
        for left in range(120, 180, 12):
            height = int(chance.integers(20, 90))
            picture[150 - height : 150, left : left + 12] = (250, 130, 20)
            picture[150 - height // 2 : 150, left + 3 : left + 9] = (255, 200, 90)
    return picture


def _sees(frame: Frame) -> Sequence[Detection]:
    """Where the picture is orange."""
    rgb = frame.bgr()[..., ::-1].astype(np.int16)
    ys, xs = np.nonzero((rgb[..., 0] > 200) & (rgb[..., 2] < 130))
    if len(xs) < 100:
        return []
    box = (xs.min() / 320, ys.min() / 240, xs.max() / 320, ys.max() / 240)
    return [Detection(box=box, confidence=0.8, label="fire", track_id=-1)]


@dataclass
class _Watch:
    """A camera as a worker watches it; `wants` says at which frames it is looked."""

    policy: DecodingPolicy
    wants: Callable[[float], bool]
    events: list[Event] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        numbers = count()
        self._detector = FakeDetector(_sees)
        self._scene = CameraPipeline(
            CAMERA, [RULE], self._detector.model, lambda: f"id-{next(numbers)}"
        )
        decoder = Decoder("gate", lambda at_s: 1e9 + at_s)
        self.decoding = PolicyDecoder(decoder, self.policy, max_held_bytes=10_000_000)

    def play(self, packets: Sequence[Packet]) -> "_Watch":
        for packet in packets:
            for frame in self.decoding.take(packet, 0.0, now=0.0):
                if self.wants(frame.at_s):
                    self._look(frame)
        return self

    def _look(self, frame: Frame) -> None:
        self.looks.append(frame.at_s)
        self.events += self._scene.observe(frame, self._detector.detect([frame])[0])
        if self._scene.is_attentive:
            self.policy.wake("something is being watched")


def _asleep(packets: Sequence[Packet], learning_s: float = 12.0) -> _Watch:
    policy = AdaptiveDecodingPolicy(
        AdaptiveDecodingSettings(look_interval_s=LOOK_S, learning_s=learning_s)
    )
    return _Watch(policy=policy, wants=lambda _: True).play(packets)


def _everything(packets: Sequence[Packet], wants: Callable[[float], bool]) -> _Watch:
    return _Watch(policy=AlwaysDecodingPolicy(), wants=wants).play(packets)


@pytest.fixture(scope="module")
def packets() -> list[Packet]:
    return synthetic_packets(900, fps=FPS, keyframe_every=20, picture=_street)


def test_of_the_same_looks_the_same_is_said_to_the_last_letter(packets: list[Packet]) -> None:
    asleep = _asleep(packets)
    looked_at = set(asleep.looks)
    everything = _everything(packets, lambda at_s: at_s in looked_at)
    assert len(asleep.events) >= 3
    assert [asdict(event) for event in asleep.events] == [
        asdict(event) for event in everything.events
    ]


def test_nothing_of_the_beginning_is_missed(packets: list[Packet]) -> None:
    """It wakes at the first flame and says the same as one that was looked at all along."""
    asleep = _asleep(packets)
    everything = _everything(packets, lambda at_s: round(at_s * FPS) % round(LOOK_S * FPS) == 0)
    raised, usual = asleep.events[0], everything.events[0]
    assert raised.phase is usual.phase is EventPhase.RAISED
    assert abs(raised.at_s - usual.at_s) < LOOK_S
    same = ("kind", "rule_id", "rule_version", "priority", "confidence", "label", "zone_id")
    assert [getattr(raised, name) for name in same] == [getattr(usual, name) for name in same]
    assert [event.phase for event in (asleep.events[0], asleep.events[-1])] == [
        EventPhase.RAISED,
        EventPhase.CLEARED,
    ]
    first_look = next(at_s for at_s in asleep.looks if at_s >= BURNS_FROM_S)
    assert first_look <= BURNS_FROM_S + 0.3


def _at_constant_bitrate(packets: Sequence[Packet]) -> list[Packet]:
    """The same pictures in packets of the sizes of an encoder that holds its bitrate.

    40 kB every two seconds, whatever share of it the keyframe takes.
    """
    key_bytes, held = 0, list[Packet]()
    for number, packet in enumerate(packets):
        if packet.is_keyframe:
            key_bytes = 6_000 + number * 7919 % 8_000
        size_bytes = key_bytes if packet.is_keyframe else (40_000 - key_bytes) // 19
        held.append(replace(packet, size_bytes=size_bytes))
    return held


@pytest.mark.parametrize("burns_from_s", [60.1, 60.9, 61.9])
def test_after_a_quiet_minute_at_a_constant_bitrate_a_fire_is_raised_within_a_second(
    burns_from_s: float,
) -> None:
    """Sizes say nothing there, and luma was compared at keyframes alone: up to 5.2 s late."""
    shift = round((burns_from_s - BURNS_FROM_S) * FPS)
    film = _at_constant_bitrate(
        synthetic_packets(
            round((burns_from_s + 10) * FPS),
            fps=FPS,
            keyframe_every=20,
            picture=lambda number: _street(number - shift, at=number),
        )
    )
    asleep = _asleep(film)
    everything = _everything(film, lambda at_s: round(at_s * FPS) % round(LOOK_S * FPS) == 0)
    assert asleep.decoding.decoder.packets < 0.75 * len(film), "it slept before"
    raised, usual = asleep.events[0], everything.events[0]
    assert usual.at_s >= burns_from_s
    assert raised.at_s - usual.at_s <= 1.0


def test_it_sleeps_before_and_after_and_is_awake_while_it_burns(packets: list[Packet]) -> None:
    asleep = _asleep(packets)
    assert asleep.policy.status.wakes == 1
    assert asleep.policy.status.mode is DecodingMode.IDLE
    burning = [at_s for at_s in asleep.looks if BURNS_FROM_S + 0.3 < at_s < BURNS_TO_S]
    assert len(burning) >= (BURNS_TO_S - BURNS_FROM_S - 1) / (LOOK_S + 1 / FPS)
    calm = [at_s for at_s in asleep.looks if 15 <= at_s < BURNS_FROM_S]
    assert len(calm) <= 1 + (BURNS_FROM_S - 15) / SWEEP_S


@pytest.mark.parametrize("burns_after_s", [1.2, 2.9, 4.0, 5.1])
def test_a_look_wakes_it_where_sizes_say_nothing_yet(burns_after_s: float) -> None:
    """Asleep and with packet sizes unknown, the sweep finds a fire at most one sweep later."""
    first = round((BURNS_FROM_S - burns_after_s) * FPS)
    film = synthetic_packets(
        200, fps=FPS, keyframe_every=20, picture=lambda number: _street(first + number)
    )
    asleep = _asleep(film, learning_s=0.0)
    everything = _everything(film, lambda at_s: round(at_s * FPS) % round(LOOK_S * FPS) == 0)
    raised, usual = asleep.events[0], everything.events[0]
    assert (raised.phase, raised.kind, raised.label) == (usual.phase, usual.kind, usual.label)
    assert -LOOK_S < raised.at_s - usual.at_s <= SWEEP_S
