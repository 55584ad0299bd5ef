"""A part of a picture is a frame of its own, with the whole's colours and clock readings."""

from dataclasses import replace

import av
import numpy as np
import pytest

from thapcanh.ingest.frame import SMALL_PX, Frame


def frame(picture_format: str) -> Frame:
    """A 96×64 picture, red above and blue below, green in its right half."""
    rgb = np.zeros((64, 96, 3), dtype=np.uint8)
    rgb[:32], rgb[32:] = (200, 30, 30), (30, 30, 200)
    rgb[:, 48:] = (30, 180, 30)
    picture = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=picture_format)
    return Frame(
        camera_id="gate",
        picture=picture,
        width=96,
        height=64,
        at_s=3.0,
        captured_at=10.0,
        decoded_at=11.0,
    )


@pytest.mark.parametrize("picture_format", ["yuv420p", "yuvj420p", "yuv444p", "nv12", "rgb24"])
def test_a_cut_is_that_part_of_the_picture(picture_format: str) -> None:
    whole = frame(picture_format)
    part = whole.cut(36, 20, 30, 26)
    assert (part.width, part.height) == (30, 26)
    assert (part.camera_id, part.at_s, part.captured_at, part.decoded_at) == (
        "gate",
        3.0,
        10.0,
        11.0,
    )
    difference = part.bgr().astype(int) - whole.bgr()[20:46, 36:66]
    inner = np.abs(difference)[4:-4, 4:-4]  # chroma is smoothed over the edge
    assert np.median(inner) <= 2
    assert inner.mean() < 8
    assert [plane.shape for plane in part.planes()] == [(26, 30), (13, 15), (13, 15)]


@pytest.mark.parametrize("picture_format", ["yuv420p", "yuvj420p", "yuvj444p", "nv12", "rgb24"])
def test_small_luma_is_of_limited_range_as_the_planes_are(picture_format: str) -> None:
    whole = frame(picture_format)
    difference = whole.small_luma().astype(int) - whole.planes()[0]
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("size", [(1080, 1920), (240, 320), (100, 60), (4, 4000)])
def test_small_luma_is_small_and_made_once(size: tuple[int, int]) -> None:
    grey = av.VideoFrame.from_ndarray(np.full(size, 90, dtype=np.uint8), format="gray")
    whole = replace(frame("yuv420p"), picture=grey.reformat(format="yuv420p"))
    small = whole.small_luma()
    assert max(small.shape) <= SMALL_PX
    assert small.dtype == np.uint8
    assert np.ptp(small) == 0
    assert whole.small_luma() is small
    assert whole.cut(0, 0, 2, 2).small_luma() is not small
