"""What a part shows comes out beside the whole look, at its place; not if others wait."""

import numpy as np
import pytest

from tests.detection.inference.region_eyes import HINT, Eyes, grey, red_seer, street
from tests.detection.many_cameras import MakeFrame
from thapcanh.detection.detections import Detection
from thapcanh.detection.errors import InferenceError
from thapcanh.ingest.frame import Frame


def test_a_flame_too_small_for_the_whole_look_is_seen_at_its_place(make_frame: MakeFrame) -> None:
    frame = make_frame(rgb=street(red=(800, 470)))
    assert red_seer(frame) == []
    eyes = Eyes()
    faint, sure = sorted(eyes.observe(frame, HINT), key=lambda row: row.confidence)
    assert faint.confidence == pytest.approx(HINT.confidence)
    assert sure.confidence == pytest.approx(0.6)
    expected = (800 / 1280, 470 / 720, 812 / 1280, 482 / 720)
    assert sure.box == pytest.approx(expected, abs=0.003)
    assert eyes.counted == (1, 0)


@pytest.mark.parametrize(
    ("width", "sizes"),
    [(1280, [(416, 234)]), (640, [(256, 144)]), (416, []), (320, [])],
)
def test_parts_are_as_large_as_the_model_sees(
    make_frame: MakeFrame, width: int, sizes: list[tuple[int, int]]
) -> None:
    parts: list[tuple[int, int]] = []

    def see(frame: Frame) -> list[Detection]:
        parts.append((frame.width, frame.height))
        return []

    eyes = Eyes(see)
    found = eyes.observe(make_frame(rgb=grey(width)), HINT)
    assert [row.confidence for row in found] == [pytest.approx(HINT.confidence)]
    assert parts == sizes
    assert eyes.counted == (len(sizes), 0)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (600, 320), (480, 60)])
def test_a_far_flame_beside_traffic_is_reached_by_the_eighth_look(
    make_frame: MakeFrame, x: int, y: int
) -> None:
    """In a part of 65 % of this picture its 8 pixels are too small."""
    eyes, seen_in = Eyes(), []
    for look in range(12):
        rgb = grey(640)
        at = 200 + 20 * (look % 5)
        rgb[240:300, at : at + 100] = 75  # a dark car that drives to and fro
        left = x + 8 * (look % 2)
        rgb[y : y + 8, left : left + 8] = (230, 90, 20)
        frame = make_frame(look * 0.5, rgb=rgb)
        assert red_seer(frame) == []
        if any(row.label == "fire" for row in eyes.observe(frame)):
            seen_in.append(look)
    assert seen_in[0] <= 7
    assert seen_in == list(range(seen_in[0], 12)), "once found it is not lost"


def test_what_both_see_is_one_flame_as_sure_as_the_surer(make_frame: MakeFrame) -> None:
    box = (800 / 1280, 470 / 720, 812 / 1280, 482 / 720)
    whole = Detection(box=box, confidence=0.15, label="fire")
    (found,) = Eyes().observe(make_frame(rgb=street(red=(800, 470))), whole)
    assert found.box == pytest.approx(box, abs=1e-4)
    assert found.confidence == pytest.approx(0.6)


@pytest.mark.parametrize(("confidence", "looks_closer"), [(0.25, 1), (0.35, 0)])
def test_what_the_whole_look_is_sure_of_is_not_looked_at_closer(
    make_frame: MakeFrame, confidence: float, looks_closer: int
) -> None:
    eyes = Eyes()
    eyes.observe(
        make_frame(rgb=street()), Detection(box=HINT.box, confidence=confidence, label="fire")
    )
    assert eyes.counted == (looks_closer, 0)


def test_only_flame_is_taken_from_a_part(make_frame: MakeFrame) -> None:
    def see(frame: Frame) -> list[Detection]:
        box = (0.1, 0.1, 0.9, 0.9)
        return [Detection(box=box, confidence=0.9, label=label) for label in ("person", "smoke")]

    person = Detection(box=(0.6, 0.5, 0.65, 0.7), confidence=0.5, label="person")
    found = Eyes(see).observe(make_frame(rgb=street()), person, HINT)
    assert [row.label for row in found] == ["person", "fire"]


def test_a_flame_holds_the_next_look_though_the_whole_look_sees_nothing(
    make_frame: MakeFrame,
) -> None:
    eyes = Eyes()
    eyes.observe(make_frame(0.0, rgb=street(red=(800, 470))), HINT)
    (found,) = eyes.observe(make_frame(0.5, rgb=street(red=(800, 470))))
    assert found.confidence == pytest.approx(0.6)


def test_nothing_is_held_of_a_camera_that_was_forgotten(make_frame: MakeFrame) -> None:
    eyes = Eyes()
    eyes.observe(make_frame(0.0, rgb=street(red=(800, 470))), HINT)
    eyes.looks.discard("gate")
    assert eyes.observe(make_frame(0.5, rgb=street(red=(800, 470)))) == []


def test_cameras_do_not_mix(make_frame: MakeFrame) -> None:
    pictures = {"a": street(), "b": street(red=(800, 470)), "c": street()}
    frames = [make_frame(rgb=rgb, camera_id=camera) for camera, rgb in pictures.items()]
    found = Eyes().look_at([(frame, [HINT]) for frame in frames])
    assert [camera_id for camera_id, _ in found] == ["a", "b", "c"]
    assert [len(rows) for _, rows in found] == [1, 2, 1]


def test_a_part_where_something_changed_shares_the_batch_of_the_whole(
    make_frame: MakeFrame,
) -> None:
    eyes = Eyes()
    calm = make_frame(0.0, rgb=street(), camera_id="calm")
    eyes.look_at([(make_frame(0.0, rgb=street()), ()), (calm, ())])
    lit = street(red=(800, 470))
    lit[400:600, 690:790] += np.uint8(90)
    calm = make_frame(1.0, rgb=street(), camera_id="calm")
    (_, seen), (_, of_calm) = eyes.look_at([(make_frame(1.0, rgb=lit), ()), (calm, ())])
    assert eyes.batches == [2, 3]
    assert [row.label for row in seen] == ["fire"]
    assert of_calm == []


def test_change_in_one_part_does_not_hide_a_hint_in_another(make_frame: MakeFrame) -> None:
    eyes = Eyes()
    eyes.observe(make_frame(0.0, rgb=street()))
    lit = street(red=(800, 470))
    lit[0:100, 0:200] += np.uint8(90)
    rows = eyes.observe(make_frame(1.0, rgb=lit), HINT)
    assert (eyes.batches, eyes.counted) == ([1, 2, 1], (2, 0))
    assert len(rows) == 2
    (held,) = eyes.observe(make_frame(1.5, rgb=lit))
    assert held.confidence == pytest.approx(0.6)


def test_without_time_the_whole_look_stands_and_the_hint_is_followed_later(
    make_frame: MakeFrame,
) -> None:
    eyes = Eyes()
    frame = make_frame(rgb=street(red=(800, 470)))
    assert len(eyes.observe(frame, HINT, has_time=lambda: False)) == 1
    assert (eyes.batches, eyes.counted) == ([1], (0, 1))
    assert len(eyes.observe(frame, HINT)) == 2


def _failing(frame: Frame) -> list[Detection]:
    raise InferenceError("camera gate: out of memory")


def test_a_hint_s_look_that_fails_leaves_the_whole_look(make_frame: MakeFrame) -> None:
    eyes = Eyes(_failing)
    assert len(eyes.observe(make_frame(rgb=street()), HINT)) == 1
    assert eyes.counted == (0, 1)


def test_a_part_that_fails_costs_the_whole_look_nothing(make_frame: MakeFrame) -> None:
    eyes = Eyes(_failing)
    person = Detection(box=(0.6, 0.5, 0.65, 0.7), confidence=0.5, label="person")
    eyes.observe(make_frame(0.0, rgb=street()))
    (found,) = eyes.observe(make_frame(1.0, rgb=street() + np.uint8(90)), person)
    assert found.label == "person"
    assert (eyes.batches, eyes.counted) == ([1, 2, 1], (0, 1))
