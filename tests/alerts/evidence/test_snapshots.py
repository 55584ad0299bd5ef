"""Pictures: the box where the event says, the label in letters that can be drawn."""

import cv2
import numpy as np
import pytest

from alerts.errors import EvidenceFailed
from alerts.events.fake_events import fake_event
from alerts.evidence.snapshots import boxed, jpeg, label

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


def test_vietnamese_loses_its_marks_only_in_the_picture() -> None:
    assert label(fake_event(label="đám cháy", confidence=0.87)) == "P1 dam chay 87%"


def test_what_was_seen_is_written_in_vietnamese() -> None:
    assert label(fake_event(label="fire", confidence=0.78)) == "P1 lua 78%"
