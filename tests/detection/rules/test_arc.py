"""Short circuits at a pole, on made clips: arcs are told, other lights are named and rejected."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.detection.made_lights import (
    CAMERA,
    COLD,
    HALOGEN,
    Painter,
    Picture,
    arc,
    glow,
    headlights,
    lamp,
    lightning,
    passing,
    write,
)
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.stages import StageOutcome
from thapcanh.detection.detections import Detection, detections_of
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.rules.arc import ArcRule, PoleState, judge
from thapcanh.detection.rules.arc_flash import Flash, FlashKind
from thapcanh.detection.rules.fire import FireRule
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.recorded_file import read_file

RULE = ArcRule(id="pole-12", zone="pole")
SMOKE_AT_POLE = Detection(box=(0.66, 0.1, 0.76, 0.3), confidence=0.5, label="smoke")
SMOKE_ELSEWHERE = Detection(box=(0.1, 0.7, 0.2, 0.9), confidence=0.5, label="smoke")


def flash(at_s: float, kind: FlashKind = FlashKind.ARC) -> Flash:
    return Flash(kind=kind, reason="why", at_s=at_s, region=(0.6, 0.2, 0.7, 0.3))


@pytest.mark.parametrize(
    ("flashes", "burning", "expected"),
    [
        ([], None, None),
        ([flash(99.0)], None, (StageOutcome.WAITING, "1 of 3 flashes")),
        ([flash(93.0), flash(99.0)], None, (StageOutcome.WAITING, "2 of 3 flashes")),
        (
            [flash(93.0), flash(95.0), flash(99.0)],
            None,
            (StageOutcome.ACCEPTED, "3 flashes in 10 s"),
        ),
        # the first has left the window
        ([flash(89.0), flash(95.0), flash(99.0)], None, (StageOutcome.WAITING, "2 of 3 flashes")),
        # one flash, and then smoke or flame at the pole
        ([flash(75.0)], SMOKE_AT_POLE, (StageOutcome.ACCEPTED, "flash, then smoke")),
        ([flash(69.0)], SMOKE_AT_POLE, None),
        ([flash(75.0)], None, None),
        ([], SMOKE_AT_POLE, None),
        # other lights are named, and do not count
        (
            [flash(99.0, FlashKind.LIGHTNING)],
            None,
            (StageOutcome.REJECTED, "lightning: why"),
        ),
        (
            [flash(99.0, FlashKind.LIGHTNING)],
            SMOKE_AT_POLE,
            (StageOutcome.REJECTED, "lightning: why"),
        ),
        (
            [flash(93.0), flash(95.0), flash(99.0, FlashKind.HEADLIGHTS)],
            None,
            (StageOutcome.WAITING, "2 of 3 flashes"),
        ),
        # a beacon blinks evenly
        (
            [flash(94.0), flash(95.5), flash(97.0), flash(98.5)],
            None,
            (StageOutcome.REJECTED, "blinks evenly: 4 flashes"),
        ),
        (
            [flash(94.0), flash(94.6), flash(97.0), flash(98.5)],
            None,
            (StageOutcome.ACCEPTED, "4 flashes in 10 s"),
        ),
    ],
)
def test_table(
    flashes: Sequence[Flash], burning: Detection | None, expected: tuple[StageOutcome, str] | None
) -> None:
    verdict = judge(PoleState(flashes=flashes, burning=burning, at_s=100.0), RULE)
    assert (None if verdict is None else (verdict.outcome, verdict.reason)) == expected


class Watched:
    """A made clip through a scene as a camera would show it: glances at all, looks at some."""

    def __init__(
        self, tmp_path: Path, paint: Painter, *rows: Detection, seconds: float = 12.0
    ) -> None:
        numbers = count()
        model = ModelIdentity(name="fake", sha256="f" * 64)
        self.scene = CameraPipeline(CAMERA, (RULE,), model, lambda: f"id{next(numbers)}")
        self.events: list[Event] = []
        self.said: set[str] = set()
        next_look_s = 0.0
        for piece in read_file(write(tmp_path / "made.mp4", paint, seconds), CAMERA.id):
            if isinstance(piece, Frame):
                self.scene.glance(piece)
                if piece.at_s >= next_look_s:
                    next_look_s += 0.5
                    seen = [row for row in rows if piece.at_s > 6.0]
                    self.events += self.scene.observe(piece, detections_of(piece, seen))
                    self.said |= set(self.scene.verdicts())

    @property
    def raised(self) -> list[Event]:
        return [event for event in self.events if event.phase is EventPhase.RAISED]


def test_repeated_arcs_are_one_event_at_the_pole(tmp_path: Path) -> None:
    watched = Watched(tmp_path, arc(3.0, 4.1, 6.5, 7.0))
    (raised,) = watched.raised
    assert (raised.kind, raised.zone_id, raised.label, raised.priority) == (
        "arc",
        "pole",
        "flash",
        1,
    )
    assert raised.reason == "3 flashes in 10 s"
    assert 6.5 <= raised.at_s <= 8.0
    x, y, width, height = raised.box
    assert x < 0.7 < x + width
    assert y < 0.25 < y + height
    assert raised.confidence == pytest.approx(0.75)


def test_one_arc_waits(tmp_path: Path) -> None:
    watched = Watched(tmp_path, arc(3.0))
    assert watched.events == []
    assert "pole-12: waiting: 1 of 3 flashes" in watched.said


def test_one_arc_and_then_smoke_at_the_pole(tmp_path: Path) -> None:
    (raised,) = Watched(tmp_path, arc(4.0), SMOKE_AT_POLE).raised
    assert raised.reason == "flash, then smoke"
    assert raised.at_s >= 6.0


def test_smoke_elsewhere_does_not_follow_from_an_arc(tmp_path: Path) -> None:
    assert Watched(tmp_path, arc(4.0), SMOKE_ELSEWHERE).events == []


@pytest.mark.parametrize(
    ("paint", "why"),
    [
        (lightning(2.0, 3.3, 6.1, 7.0), "lightning: the whole picture lit up"),
        (headlights(COLD, apart=0.0, speed=0.4), "headlights: the light moved"),
        (headlights(COLD, apart=0.08, speed=0.02), "headlights: two lights side by side"),
        (headlights(HALOGEN, apart=0.0, speed=0.05), "headlights: warm light"),
        (lamp(3.0), "lamp: still lit after"),
    ],
)
def test_other_lights_are_rejected_by_name(tmp_path: Path, paint: Painter, why: str) -> None:
    watched = Watched(tmp_path, paint)
    assert watched.events == []
    assert any(f"rejected: {why}" in said for said in watched.said), watched.said


def test_a_white_sheet_that_is_hidden_and_shown_is_no_flash(tmp_path: Path) -> None:
    watched = Watched(tmp_path, passing(3.0, 4.1, 5.9, 6.6, 8.2))
    assert watched.events == []
    assert watched.said == set()


def test_a_quiet_night_says_nothing(tmp_path: Path) -> None:
    watched = Watched(tmp_path, lambda picture, _: picture)
    assert watched.events == []
    assert watched.said == set()


def test_arcs_beside_a_lamp_that_was_switched_on_before(tmp_path: Path) -> None:
    flashes = arc(6.0, 7.3, 9.1)

    def both(picture: Picture, now_s: float) -> Picture:
        lit = glow(picture, (0.64, 0.4), 0.015, COLD) if now_s >= 1.0 else picture
        return flashes(lit, now_s)

    assert len(Watched(tmp_path, both).raised) == 1


@pytest.mark.parametrize("jump_s", [-12.0, 60.0])
def test_flashes_before_a_reconnect_or_a_clock_jump_do_not_count_with_those_after(
    tmp_path: Path, jump_s: float
) -> None:
    """Two flashes, the jump, two flashes: never three within ten seconds."""
    watched = Watched(tmp_path, arc(8.0, 9.3), seconds=11.0)
    began_s = 11.0 + jump_s
    for piece in read_file(write(tmp_path / "again.mp4", arc(1.0, 2.3), 4.0), CAMERA.id):
        if isinstance(piece, Frame):
            frame = replace(piece, at_s=began_s + piece.at_s)
            watched.scene.glance(frame)
            watched.events += watched.scene.observe(frame, detections_of(frame, []))
            watched.said |= set(watched.scene.verdicts())
    assert watched.raised == []
    assert "pole-12: waiting: 2 of 3 flashes" in watched.said


def test_only_a_scene_with_a_pole_needs_every_picture() -> None:
    model = ModelIdentity(name="fake", sha256="f" * 64)
    assert CameraPipeline(CAMERA, (RULE,), model, str).needs_every_picture
    assert not CameraPipeline(CAMERA, (FireRule(id="fire"),), model, str).needs_every_picture
