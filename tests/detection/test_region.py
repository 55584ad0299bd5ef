"""What can be asked of two boxes."""

import pytest

from thapcanh.detection.region import overlap


def test_overlap_of_empty_and_equal_boxes() -> None:
    one = (0.0, 0.0, 0.1, 0.1)
    many = [(0.0, 0.0, 0.1, 0.1), (0.05, 0.0, 0.15, 0.1), (0.03, 0.03, 0.03, 0.03)]
    assert [overlap(one, other) for other in many] == pytest.approx([1.0, 1 / 3, 0.0], abs=1e-6)
    assert overlap(many[2], many[2]) == 0.0
