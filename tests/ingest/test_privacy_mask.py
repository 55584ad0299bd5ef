"""Masked parts are black in what leaves, a little beyond their edge; the rest stays as it was."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.ingest.clip_writer import write_clip
from thapcanh.ingest.frame import Plane, frame_of
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.privacy_mask import PrivacyMask

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def noise(width: int, height: int) -> Plane:
    return np.random.default_rng(1).integers(60, 200, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(64, 48), (97, 51)])
def test_the_polygon_is_black_and_the_rest_as_before(size: tuple[int, int]) -> None:
    frame = frame_of(noise(*size))
    painted = PrivacyMask([LEFT]).on_frame(frame)
    edge = frame.width // 2
    assert painted.bgr()[:, : edge + 1].max() <= 2
    before, after = frame.luma()[:, edge + 6 :], painted.luma()[:, edge + 6 :]
    assert np.array_equal(before[: after.shape[0]], after)
    assert frame.luma()[:, :edge].max() > 60, "the frame is shared, and must not be painted"


def test_a_mask_follows_the_size_of_the_picture_and_none_costs_nothing() -> None:
    mask = PrivacyMask([LEFT])
    for size in ((64, 48), (128, 96), (64, 48)):
        painted = mask.on_frame(frame_of(noise(*size)))
        assert painted.bgr()[:, : size[0] // 2].max() <= 2
    frame = frame_of(noise(64, 48))
    assert PrivacyMask(()).on_frame(frame) is frame


def test_a_full_range_picture_is_masked_too() -> None:
    picture = av.VideoFrame.from_ndarray(noise(64, 48), format="bgr24").reformat(format="yuvj420p")
    painted = PrivacyMask([LEFT]).on_picture(picture)
    assert painted.to_ndarray(format="bgr24")[:, :32].max() <= 2


def test_a_masked_clip_is_never_the_cameras_own_packets(tmp_path: Path) -> None:
    info = write_clip(synthetic_packets(30), tmp_path / "a.mp4", mask=PrivacyMask([LEFT]))
    assert not info.copied
    with open_container(str(info.path)) as container:
        pictures = [one.to_ndarray(format="gray") for one in container.decode(video=0)]
    assert len(pictures) == 30
    assert max(one[:, : one.shape[1] // 2].max() for one in pictures) < 40
    assert min(one[:, one.shape[1] // 2 + 8 :].max() for one in pictures) > 60
