"""Pictures: the box where the event says, the label in Vietnamese with its marks."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.evidence.snapshots import boxed, jpeg, label, line_of_words, marked
from thapcanh.alerts.store.errors import EvidenceFailed

GREY = np.full((240, 320, 3), 90, np.uint8)


def test_a_picture_becomes_a_jpeg_of_its_size() -> None:
    back = cv2.imdecode(np.frombuffer(jpeg(GREY), np.uint8), cv2.IMREAD_COLOR)
    assert back is not None
    assert back.shape == (240, 320, 3)
    assert abs(int(back[100, 100, 0]) - 90) <= 2


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(EvidenceFailed):
        jpeg(np.zeros((0, 0, 3), np.uint8))


def test_the_box_is_drawn_on_a_copy_where_the_event_says() -> None:
    drawn = boxed(GREY, fake_event(box=(0.25, 0.5, 0.5, 0.25)))
    assert (GREY == 90).all()
    orange = np.array([0, 94, 213])
    for y, x in ((120, 160), (180, 160), (150, 80), (150, 240)):
        assert (drawn[y, x] == orange).all()
    assert (drawn[150, 160] == 90).all()


@pytest.mark.parametrize("box", [(0.0, 0.0, 1.0, 1.0), (0.95, 0.95, 0.2, 0.2), (0, 0, 0, 0)])
def test_boxes_at_the_edges_are_drawn_without_complaint(
    box: tuple[float, float, float, float],
) -> None:
    assert boxed(GREY, fake_event(box=box)).shape == GREY.shape


def test_what_was_seen_is_written_in_vietnamese() -> None:
    assert label(fake_event(label="fire", confidence=0.62)) == "Mức 1 · lửa 62 %"
    assert label(fake_event(label="đám cháy", confidence=0.87)) == "Mức 1 · đám cháy 87 %"


def _inked(text: str) -> int:
    return int((_line(text) > 127).sum())


def _line(text: str) -> NDArray[np.uint8]:
    return line_of_words(text, 30, (255, 255, 255), (0, 0, 0))


def test_the_marks_of_vietnamese_are_burnt_into_the_picture() -> None:
    for bare, with_mark in (("u", "ử"), ("ư", "ứ"), ("o", "ộ"), ("D", "Đ"), ("E", "Ễ")):
        assert _inked(with_mark) > _inked(bare) * 1.05, with_mark
    assert (_line("lu\u031b\u0309a") == _line("lửa")).all()  # decomposed


def test_the_label_stands_above_its_box_in_the_colour_of_its_priority() -> None:
    drawn = boxed(np.full((720, 1280, 3), 90, np.uint8), fake_event(box=(0.25, 0.5, 0.5, 0.25)))
    band = drawn[330:356, 320:560]
    assert (band == np.array([0, 94, 213])).all(axis=2).sum() > 200
    assert (drawn[300:320] == 90).all()


def test_a_picture_too_small_for_its_words_is_written_as_far_as_they_go() -> None:
    tiny = np.full((20, 30, 3), 90, np.uint8)
    assert boxed(tiny, fake_event()).shape == tiny.shape
    assert marked(tiny).shape == tiny.shape


def test_a_drill_says_so_in_vietnamese_across_the_top() -> None:
    drawn = marked(GREY)
    assert tuple(drawn[0, 0]) == (80, 200, 120)
    assert (drawn[:24] == 0).all(axis=2).sum() > 100
    assert (drawn[60:] == 90).all()
