"""A part's flames come out beside the whole look, at their place; not if others wait."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from detection.detections import Row
from detection.errors import InferenceError
from detection.fake_detector import FakeDetector, detections_of
from detection.region_look import RegionLooks
from ingest.frame import Frame

MakeFrame = Callable[..., Frame]
HINT = Row(box=(0.60, 0.60, 0.61, 0.62), confidence=0.12, label="fire")


def street(red: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """A grey picture of 1280×720, with a red point of 12 px whose corner is at `red`."""
    rgb = np.full((720, 1280, 3), 60, dtype=np.uint8)
    if red is not None:
        x, y = red
        rgb[y : y + 12, x : x + 12] = (230, 90, 20)
    return rgb


def red_seer(frame: Frame) -> list[Row]:
    """Sees red where it is larger than a fiftieth of the picture's width."""
    bgr = frame.bgr().astype(int)
    lines, columns = np.nonzero(bgr[..., 2] - bgr[..., 0] > 60)
    if not len(lines) or np.ptp(columns) < frame.width / 50:
        return []
    box = (
        columns.min() / frame.width, lines.min() / frame.height,
        (columns.max() + 1) / frame.width, (lines.max() + 1) / frame.height,
    )  # fmt: skip
    return [Row(box=tuple(map(float, box)), confidence=0.6, label="fire")]  # type: ignore[arg-type]


def closer(looks: RegionLooks, frame: Frame, *rows: Row) -> list[Row]:
    (found,) = looks.closer([frame], [detections_of(frame, rows)])
    return list(found.rows())


def looks_of(detector: FakeDetector) -> RegionLooks:
    return RegionLooks(detector.detect, detector.size_px)


def test_a_flame_too_small_for_the_whole_look_is_seen_at_its_place(make_frame: MakeFrame) -> None:
    frame = make_frame(rgb=street(red=(800, 470)))
    assert red_seer(frame) == []
    looks = looks_of(FakeDetector(red_seer))
    faint, sure = sorted(closer(looks, frame, HINT), key=lambda row: row.confidence)
    assert faint.confidence == pytest.approx(HINT.confidence)
    assert sure.confidence == pytest.approx(0.6)
    expected = (800 / 1280, 470 / 720, 812 / 1280, 482 / 720)
    assert sure.box == pytest.approx(expected, abs=0.003)
    assert (looks.counts.done, looks.counts.dropped) == (1, 0)


@pytest.mark.parametrize(
    ("width", "rows"),
    [(1280, [HINT]), (320, [])],
    ids=["a large picture", "one that the whole look does not shrink"],
)
def test_parts_are_as_large_as_the_model_sees(
    make_frame: MakeFrame, width: int, rows: list[Row]
) -> None:
    sizes: list[tuple[int, int]] = []

    def see(frame: Frame) -> list[Row]:
        sizes.append((frame.width, frame.height))
        return []

    frame = make_frame(rgb=np.full((width * 9 // 16, width, 3), 60, dtype=np.uint8))
    closer(looks_of(FakeDetector(see)), frame, HINT)
    assert sizes == ([(416, 234)] if rows else [])


def test_what_both_see_is_one_flame_as_sure_as_the_surer(make_frame: MakeFrame) -> None:
    box = (800 / 1280, 470 / 720, 812 / 1280, 482 / 720)
    whole = Row(box=box, confidence=0.15, label="fire")
    (found,) = closer(
        looks_of(FakeDetector(red_seer)), make_frame(rgb=street(red=(800, 470))), whole
    )
    assert found.box == pytest.approx(box, abs=1e-4)
    assert found.confidence == pytest.approx(0.6)


@pytest.mark.parametrize(("confidence", "looks_closer"), [(0.25, 1), (0.35, 0)])
def test_what_the_whole_look_is_sure_of_is_not_looked_at_closer(
    make_frame: MakeFrame, confidence: float, looks_closer: int
) -> None:
    looks = looks_of(FakeDetector(red_seer))
    near = Row(box=HINT.box, confidence=confidence, label="fire")
    closer(looks, make_frame(rgb=street()), near)
    assert looks.counts.done == looks_closer


def test_only_flame_is_taken_from_a_part(make_frame: MakeFrame) -> None:
    def see(frame: Frame) -> list[Row]:
        box = (0.1, 0.1, 0.9, 0.9)
        return [Row(box=box, confidence=0.9, label=label) for label in ("person", "smoke")]

    person = Row(box=(0.6, 0.5, 0.65, 0.7), confidence=0.5, label="person")
    found = closer(looks_of(FakeDetector(see)), make_frame(rgb=street()), person, HINT)
    assert [row.label for row in found] == ["person", "fire"]


def test_a_flame_holds_the_next_look_though_the_whole_look_sees_nothing(
    make_frame: MakeFrame,
) -> None:
    looks = looks_of(FakeDetector(red_seer))
    closer(looks, make_frame(0.0, rgb=street(red=(800, 470))), HINT)
    (found,) = closer(looks, make_frame(0.5, rgb=street(red=(800, 470))))
    assert found.confidence == pytest.approx(0.6)


def test_nothing_is_held_of_a_camera_that_was_forgotten(make_frame: MakeFrame) -> None:
    looks = looks_of(FakeDetector(red_seer))
    closer(looks, make_frame(0.0, rgb=street(red=(800, 470))), HINT)
    looks.forget("gate")
    assert closer(looks, make_frame(0.5, rgb=street(red=(800, 470)))) == []


def test_cameras_do_not_mix(make_frame: MakeFrame) -> None:
    looks = looks_of(FakeDetector(red_seer, max_batch=4))
    pictures = {"a": street(), "b": street(red=(800, 470)), "c": street()}
    frames = [make_frame(rgb=rgb, camera_id=camera) for camera, rgb in pictures.items()]
    found = looks.closer(frames, [detections_of(frame, [HINT]) for frame in frames])
    assert [detections.camera_id for detections in found] == ["a", "b", "c"]
    assert [len(detections) for detections in found] == [1, 2, 1]


def test_without_time_the_whole_look_stands_and_the_hint_is_followed_later(
    make_frame: MakeFrame,
) -> None:
    detector = FakeDetector(red_seer)
    looks = looks_of(detector)
    frame = make_frame(rgb=street(red=(800, 470)))
    whole = detections_of(frame, [HINT])
    assert looks.closer([frame], [whole], lambda: False) == [whole]
    assert (detector.frames_seen, looks.counts.dropped) == (0, 1)
    assert len(closer(looks, frame, HINT)) == 2


def test_a_region_look_that_fails_leaves_the_whole_look(make_frame: MakeFrame) -> None:
    def see(frame: Frame) -> list[Row]:
        raise InferenceError("camera gate: out of memory")

    looks = looks_of(FakeDetector(see))
    frame = make_frame(rgb=street())
    whole = detections_of(frame, [HINT])
    assert looks.closer([frame], [whole]) == [whole]
    assert (looks.counts.done, looks.counts.dropped) == (0, 1)
