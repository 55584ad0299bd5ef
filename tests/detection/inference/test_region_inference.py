"""A part's flames come out beside the whole look, at their place; not if others wait."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from detection.detections import Detection, Detections
from detection.detectors.fake_detector import FakeDetector
from detection.errors import InferenceError
from detection.inference.region_inference import RegionInference
from ingest.frame import Frame

MakeFrame = Callable[..., Frame]
HINT = Detection(box=(0.60, 0.60, 0.61, 0.62), confidence=0.12, label="fire")


def street(red: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """A grey picture of 1280×720, with a red point of 12 px whose corner is at `red`."""
    rgb = np.full((720, 1280, 3), 60, dtype=np.uint8)
    if red is not None:
        x, y = red
        rgb[y : y + 12, x : x + 12] = (230, 90, 20)
    return rgb


def red_seer(frame: Frame) -> list[Detection]:
    """Sees red where it is larger than a fiftieth of the picture's width."""
    bgr = frame.bgr().astype(int)
    lines, columns = np.nonzero(bgr[..., 2] - bgr[..., 0] > 60)
    if not len(lines) or np.ptp(columns) < frame.width / 50:
        return []
    box = (
        columns.min() / frame.width, lines.min() / frame.height,
        (columns.max() + 1) / frame.width, (lines.max() + 1) / frame.height,
    )  # fmt: skip
    return [Detection(box=tuple(map(float, box)), confidence=0.6, label="fire")]  # type: ignore[arg-type]


class Eyes:
    """Region looks.

    A whole picture shows the rows that it is looked at with, a part what `see` says.
    """

    def __init__(self, see: Callable[[Frame], Sequence[Detection]] = red_seer) -> None:
        self._see = see
        self._wholes: dict[str, Sequence[Detection]] = {}
        self._sizes: set[tuple[int, int]] = set()
        self.batches: list[int] = []
        self.detector = FakeDetector(self._seen, max_batch=4)
        self.looks = RegionInference(self._detect, self.detector.size_px)

    def observe(
        self, frame: Frame, *rows: Detection, has_time: Callable[[], bool] = lambda: True
    ) -> list[Detection]:
        ((_, found),) = self.look_at([(frame, rows)], has_time)
        return found

    def look_at(
        self,
        wholes: Sequence[tuple[Frame, Sequence[Detection]]],
        has_time: Callable[[], bool] = lambda: True,
    ) -> list[tuple[str, list[Detection]]]:
        self._wholes = {frame.camera_id: rows for frame, rows in wholes}
        self._sizes = {(frame.width, frame.height) for frame, _ in wholes}
        found = self.looks.observe([frame for frame, _ in wholes], has_time)
        return [(one.camera_id, list(one.rows())) for one in found]

    @property
    def counted(self) -> tuple[int, int]:
        return self.looks.counts.done, self.looks.counts.dropped

    def _detect(self, frames: Sequence[Frame]) -> list[Detections]:
        self.batches.append(len(frames))
        return self.detector.detect(frames)

    def _seen(self, frame: Frame) -> Sequence[Detection]:
        is_whole = (frame.width, frame.height) in self._sizes
        return self._wholes[frame.camera_id] if is_whole else self._see(frame)


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
    [(1280, [(416, 234)]), (320, [])],
    ids=["a large picture", "one that the whole look does not shrink"],
)
def test_parts_are_as_large_as_the_model_sees(
    make_frame: MakeFrame, width: int, sizes: list[tuple[int, int]]
) -> None:
    parts: list[tuple[int, int]] = []

    def see(frame: Frame) -> list[Detection]:
        parts.append((frame.width, frame.height))
        return []

    Eyes(see).observe(
        make_frame(rgb=np.full((width * 9 // 16, width, 3), 60, dtype=np.uint8)), HINT
    )
    assert parts == sizes


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
    eyes.looks.forget("gate")
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


@pytest.mark.parametrize(
    ("box", "taken"),
    [((0.3, 0.2, 0.6, 0.9), True), ((0.0, 0.0, 1.0, 0.8), False)],
    ids=["a plume that ends within the part", "smoke that fills it, as a sky does"],
)
def test_smoke_with_an_outside_is_taken_from_a_part(
    make_frame: MakeFrame, *, box: tuple[float, float, float, float], taken: bool
) -> None:
    eyes = Eyes(lambda _: [Detection(box=box, confidence=0.5, label="smoke")])
    found = eyes.observe(make_frame(rgb=street()), HINT)
    smoke = [row for row in found if row.label == "smoke"]
    assert [row.confidence for row in smoke] == [0.5] * taken


def test_smoke_that_the_whole_look_sees_too_is_one_as_sure_as_the_surer_look(
    make_frame: MakeFrame,
) -> None:
    part = Detection(box=(0.3, 0.2, 0.6, 0.9), confidence=0.5, label="smoke")
    eyes = Eyes(lambda _: [part])
    found = eyes.observe(make_frame(rgb=street()), HINT)
    (seen,) = (row for row in found if row.label == "smoke")
    for confidence in (0.2, 0.8):
        whole = Detection(box=seen.box, confidence=confidence, label="smoke")
        found = Eyes(lambda _: [part]).observe(make_frame(rgb=street()), HINT, whole)
        smoke = [row for row in found if row.label == "smoke"]
        assert [row.confidence for row in smoke] == [pytest.approx(max(confidence, 0.5))]
