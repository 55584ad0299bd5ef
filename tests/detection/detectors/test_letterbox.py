"""A picture fits its input, and boxes find their way back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thapcanh.detection.detectors.letterbox import STRIDE_PX, letterbox


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1920, 1080), (256, 416)),
        ((640, 480), (320, 416)),
        ((480, 854), (416, 256)),
        ((416, 416), (416, 416)),
        ((3840, 400), (64, 416)),
    ],
)
def test_input_is_the_smallest_of_whole_strides(
    size: tuple[int, int], shape: tuple[int, int]
) -> None:
    assert letterbox(*size, 416).input_shape == shape


@given(width=st.integers(16, 4000), height=st.integers(16, 4000))
def test_boxes_come_back_within_the_picture(width: int, height: int) -> None:
    fit = letterbox(width, height, 416)
    assert fit.input_width % STRIDE_PX == 0
    assert fit.input_height % STRIDE_PX == 0
    inner = [fit.left, fit.top, fit.left + fit.inner_width, fit.top + fit.inner_height]
    far = [-50, -50, 5000, 5000]
    back = fit.boxes_back(np.array([inner, far], dtype=np.float32))
    np.testing.assert_allclose(back, [[0, 0, width, height]] * 2, atol=1e-2)


def test_planes_become_the_padded_picture() -> None:
    fit = letterbox(64, 32, 64)
    luma = np.full((32, 64), 235, dtype=np.uint8)
    chroma = np.full((16, 32), 128, dtype=np.uint8)
    filled = fit.fill((luma, chroma, chroma))
    assert filled.shape == (32, 64, 3)
    assert (filled == 255).all()


def test_odd_sizes_and_padding() -> None:
    fit = letterbox(101, 51, 96)
    luma = np.full((51, 101), 16, dtype=np.uint8)
    chroma = np.full((26, 51), 128, dtype=np.uint8)
    filled = fit.fill((luma, chroma, chroma))
    assert (filled[0] == 114).all()
    assert (filled[fit.top : fit.top + fit.inner_height] == 0).all()
