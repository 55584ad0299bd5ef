"""Which streams pass as they are."""

import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.app.live.format_choice import Reordering, Transcoding, why_transcoded
from thapcanh.ingest.packets.annex_b import START_CODE
from thapcanh.ingest.packets.packet import StreamInfo


def stream(codec: str = "h264", profile: int | None = 66, b_frames: bool = False) -> StreamInfo:
    sets = b"" if profile is None else START_CODE + bytes([0x67, profile, 0, 30])
    return StreamInfo(
        codec=codec,
        width=1280,
        height=720,
        fps=15.0,
        has_b_frames=b_frames,
        extradata=sets,
        time_base=synthetic_packets(1)[0].stream.time_base,
    )


@pytest.mark.parametrize(
    ("given", "reorders", "expected"),
    [
        (stream(profile=66), False, None),
        (stream(profile=77), False, None),
        (stream(profile=100), False, None),
        (stream(profile=None), False, None),
        (stream(profile=110), False, Transcoding.PROFILE),
        (stream(profile=244), False, Transcoding.PROFILE),
        (stream(b_frames=True), False, Transcoding.B_FRAMES),
        (stream(), True, Transcoding.B_FRAMES),
        (stream("hevc"), False, Transcoding.OTHER_CODEC),
        (stream("mjpeg", None), False, Transcoding.OTHER_CODEC),
    ],
)
def test_only_what_browsers_can_show_in_order_passes(
    given: StreamInfo, reorders: bool, expected: Transcoding | None
) -> None:
    assert why_transcoded(given, reorders=reorders) is expected


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0.0, 0.1, 0.2, 0.3], False),
        ([0.0, 0.3, 0.1, 0.2, 0.6, 0.4, 0.5, 0.9, 0.7, 0.8], True),
        ([1.0, 1.1, 0.0, 0.1, 0.2, 0.3], False),  # a clock that was set
        ([5.0, 5.1, 0.0, 0.1], False),  # the camera's film began again
        ([0.0, 0.0, 0.0], False),
    ],
)
def test_times_that_go_back_a_little_are_reordering(times: list[float], expected: bool) -> None:
    reordering = Reordering()
    for at_s in times:
        reordering.observe(at_s)
    assert reordering.seen is expected


def test_a_new_connection_starts_anywhere() -> None:
    reordering = Reordering()
    reordering.observe(1.0)
    reordering.new_connection()
    reordering.observe(0.5)
    assert not reordering.seen
