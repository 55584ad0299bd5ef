"""Sleeping and waking never changes what an event says: live looks of both ways, side by side.

The same packets go through a camera that decodes everything and through one that sleeps; both are
looked at on the same grid of times, with a detector that sees the colour of flames. Deterministic:
camera time is the only time.
"""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import count

import numpy as np
import pytest

from config.camera import Camera
from config.rules import DEFAULT_RULES, Confirm, FireRule
from config.secret import SecretUrl
from detection.detections import Row
from detection.event import Event, Phase
from detection.fake_detector import FakeDetector
from detection.scene import Scene
from ingest.adaptive_decoding import AdaptiveDecoding, SleepRules
from ingest.decoder import Decoder
from ingest.decoding import Decoding
from ingest.decoding_policy import DecodingMode, DecodingPolicy, EverythingUnlessBehind
from ingest.fake_source import Picture, made_packets
from ingest.frame import Frame
from ingest.packet import Packet

FPS = 10
LOOK_S = 0.5
BURNS_S = (31.25, 50.0)
CAMERA = Camera(id="gate", name="Cổng", source=SecretUrl("rtsp://10.0.0.5/1"))
RULE = FireRule(id="fire", confirm=Confirm(looks=3, of=5, window_s=10))


def _street(number: int, *, constant: bool = False) -> Picture:
    """Grey with a little noise; from second to second a flame that flickers."""
    chance = np.random.default_rng(number)
    picture = np.full((240, 320, 3), 70, np.uint8)
    picture += chance.integers(0, 30 if constant else 6, picture.shape, dtype=np.uint8)
    if BURNS_S[0] <= number / FPS < BURNS_S[1]:
        height = 50 + int(chance.integers(0, 30))
        picture[150 - height : 150, 120:180] = (250, 130, 20)
        picture[150 - height // 2 : 150, 130:160] = (255, 200, 90)
    return picture


def _sees(frame: Frame) -> Sequence[Row]:
    """Where the picture is orange."""
    rgb = frame.bgr()[..., ::-1].astype(np.int16)
    ys, xs = np.nonzero((rgb[..., 0] > 200) & (rgb[..., 2] < 130))
    if len(xs) < 100:
        return []
    box = (xs.min() / 320, ys.min() / 240, xs.max() / 320, ys.max() / 240)
    return [Row(box=box, confidence=0.8, label="fire", track_id=None)]


def _watch(packets: Sequence[Packet], policy: DecodingPolicy) -> tuple[list[Event], Decoding]:
    """As a worker does: the newest frame is looked at when the interval has passed."""
    numbers = count()
    detector = FakeDetector(_sees)
    scene = Scene(CAMERA, [RULE], detector.model, lambda: f"id-{next(numbers)}")
    decoding = Decoding(Decoder("gate", lambda at_s: 1e9 + at_s), policy, max_held_bytes=10_000_000)
    events: list[Event] = []
    newest: Frame | None = None
    next_look_s = 0.0
    for packet in packets:
        for frame in decoding.take(packet, 0.0, now=0.0):
            newest = frame
        if newest is None or packet.at_s + 1e-6 < next_look_s:
            continue
        frame, newest = newest, None
        next_look_s = packet.at_s + LOOK_S
        events += scene.look(frame, detector.detect([frame])[0])
        if scene.is_attentive:
            policy.wake("something is being watched")
    return events, decoding


def _said(events: Sequence[Event]) -> list[dict[str, object]]:
    """All that an event says but for its own ids, and how much it had changed since the look
    before: the look before it woke lies further back."""
    said = []
    for event in events:
        facts = asdict(event)
        facts["reason"] = event.reason.split(" · ")[0]
        said.append({key: value for key, value in facts.items() if key not in ("id", "event_id")})
    return said


def test_the_same_events_at_the_same_moments() -> None:
    packets = made_packets(700, fps=FPS, keyframe_every=20, picture=_street)
    everything, full = _watch(packets, EverythingUnlessBehind())
    policy = AdaptiveDecoding(SleepRules(look_interval_s=LOOK_S))
    asleep, sparse = _watch(packets, policy)
    raised = next(event for event in everything if event.phase is Phase.RAISED)
    assert BURNS_S[0] + 2 * LOOK_S <= raised.at_s <= BURNS_S[0] + 4 * LOOK_S
    assert Phase.CLEARED in {event.phase for event in everything}
    assert _said(asleep)[0] == _said(everything)[0], "raised"
    assert [event.phase for event in asleep] == [event.phase for event in everything]
    assert policy.status.wakes == 1
    assert policy.status.mode is DecodingMode.IDLE
    assert sparse.decoder.packets < full.decoder.packets / 1.5


@pytest.mark.parametrize("began", [30.0, 30.7, 31.1, 31.9])
def test_what_a_look_sees_wakes_it_even_where_sizes_say_nothing(began: float) -> None:
    """Learning takes longer than this film: only the sweep can find the fire. It is later by at
    most a sweep, and what is said is the same."""
    first = round(began * FPS)
    packets = made_packets(
        200, fps=FPS, keyframe_every=20, picture=lambda number: _street(first - 50 + number)
    )
    everything, _ = _watch(packets, EverythingUnlessBehind())
    asleep, _ = _watch(packets, AdaptiveDecoding(SleepRules(look_interval_s=LOOK_S)))
    assert [event.phase for event in asleep][:1] == [Phase.RAISED]
    late_s = asleep[0].at_s - everything[0].at_s
    assert 0 <= late_s <= 4.0
    for event, other in zip(asleep[:1], everything[:1], strict=True):
        assert (event.kind, event.rule_id, event.priority) == (
            other.kind,
            other.rule_id,
            other.priority,
        )
        assert event.captured_at == 1e9 + event.at_s


def test_default_rules_are_what_is_tested_here() -> None:
    assert {rule.kind for rule in DEFAULT_RULES} >= {"fire"}
