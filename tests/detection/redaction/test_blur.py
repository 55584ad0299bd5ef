"""What is hidden cannot be made out; what lies beside it stays bit for bit."""

import numpy as np

from thapcanh.detection.redaction import CELLS, blur

WIDTH, HEIGHT = 320, 180


def test_hidden_parts_lose_their_detail_and_others_nothing() -> None:
    rng = np.random.default_rng(7)
    planes = rng.integers(0, 256, (HEIGHT * 3 // 2, WIDTH), dtype=np.uint8)
    before = planes.copy()
    blur(planes, WIDTH, HEIGHT, [(0.25, 0.25, 0.5, 0.75)])
    inside = np.s_[46:134, 82:158]
    left = planes[inside].astype(int)
    assert np.abs(np.diff(left, axis=1)).max() <= 256 / CELLS
    assert abs(np.corrcoef(left.ravel(), before[inside].ravel())[0, 1]) < 0.4
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[44:138, 80:164] = False
    assert np.array_equal(planes[:HEIGHT][outside], before[:HEIGHT][outside])
    assert not np.array_equal(planes[HEIGHT:], before[HEIGHT:])  # colour too


def test_regions_at_the_edge_and_of_no_size_do_no_harm() -> None:
    planes = np.full((HEIGHT * 3 // 2, WIDTH), 77, np.uint8)
    blur(planes, WIDTH, HEIGHT, [(0, 0, 1, 1), (0.999, 0.999, 1, 1), (0.5, 0.5, 0.5, 0.5)])
    assert (planes == 77).all()
