"""The second stream's address, by the makers' forms; and nothing where it is not known."""

import pytest

from thapcanh.ingest.sources.substream import second_stream_of


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("rtsp://h/Streaming/Channels/101", "rtsp://h/Streaming/Channels/102"),
        ("rtsp://h:554/Streaming/Channels/1601?x=1", "rtsp://h:554/Streaming/Channels/1602?x=1"),
        ("rtsp://h/h264/ch1/main/av_stream", "rtsp://h/h264/ch1/sub/av_stream"),
        (
            "rtsp://a:<secret>@h/cam/realmonitor?channel=3&subtype=0",
            "rtsp://a:<secret>@h/cam/realmonitor?channel=3&subtype=1",
        ),
        ("rtsp://h/unicast/c1/s0/live", "rtsp://h/unicast/c1/s1/live"),
        ("rtsp://h/media/video1", "rtsp://h/media/video2"),
        ("rtsp://h/h264Preview_01_main", "rtsp://h/h264Preview_01_sub"),
        ("rtsp://h/stream1", "rtsp://h/stream2"),
        ("rtsp://h/user=a_password=b_channel=1_stream=0.sdp",
         "rtsp://h/user=a_password=b_channel=1_stream=1.sdp"),
        ("rtsp://h/Streaming/Channels/102", None),
        ("rtsp://h/stream2", None),
        ("rtsp://stream1/live", None),
        ("rtsp://h/axis-media/media.amp", None),
        ("/videos/fire.mp4", None),
    ],
)  # fmt: skip
def test_the_second_stream(first: str, second: str | None) -> None:
    assert second_stream_of(first) == second
