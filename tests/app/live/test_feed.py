"""One connection for all viewers of a camera."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.app.live.conftest import URL, EndlessCamera
from tests.ingest.fake_source import synthetic_packets
from tests.patience import patient
from thapcanh.app.live.feed import FeedGear, StreamFeed
from thapcanh.app.live.feed_plan import FeedPlan
from thapcanh.app.live.format_choice import Transcoding, TranscodingRoom
from thapcanh.app.live.settings import LiveSettings
from thapcanh.ingest.camera.lifecycle import CameraState
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.errors import Unauthorized
from thapcanh.ingest.packets.hub import Subscriber
from thapcanh.ingest.packets.packet import Packet

PLAN = FeedPlan(camera_id="front", url=URL)


@contextmanager
def running(
    camera: EndlessCamera, slack_packets: int = 60, room: TranscodingRoom | None = None
) -> Iterator[StreamFeed]:
    places = room or TranscodingRoom(1)
    gear = FeedGear(clock=SystemClock(), opener_of=lambda _: camera, room=places)
    feed = StreamFeed(PLAN, LiveSettings(slack_packets=slack_packets), gear, lambda: None)
    feed.start()
    try:
        yield feed
    finally:
        assert feed.stop(5.0)
        assert feed.stop(0.0)
        assert camera.open_now == 0


def taken(reader: Subscriber, count: int) -> list[Packet]:
    found = []
    for _ in range(count):
        packet = reader.take(5.0)
        assert packet is not None
        found.append(packet)
    return found


def until(check: Callable[[], bool], within_s: float = 5.0) -> None:
    pause = threading.Event()
    for _ in range(int(patient(within_s) / 0.02)):
        if check():
            return
        pause.wait(0.02)
    pytest.fail(f"did not happen within {within_s} s")


def test_all_readers_share_one_connection_and_begin_with_a_keyframe(
    endless: EndlessCamera,
) -> None:
    with running(endless) as feed:
        first, _ = feed.join("first")
        early = taken(first, 5)
        second, replayed = feed.join("second")
        late = taken(second, replayed + 2)
        assert early[0].is_keyframe
        assert late[0].is_keyframe
        assert replayed >= 5
        assert [one.encoded.pts for one in late[:5]] == [one.encoded.pts for one in early]
        assert endless.opened == 1
        assert feed.status().state is CameraState.ONLINE
        assert feed.status().transcoding is None


def test_a_slow_reader_loses_until_the_next_keyframe_and_others_lose_nothing(
    endless: EndlessCamera,
) -> None:
    with running(endless, slack_packets=4) as feed:
        slow, _ = feed.join("slow")
        quick, _ = feed.join("quick")
        ticks = [packet.encoded.pts or 0 for packet in taken(quick, 25)]
        assert quick.lost == 0
        assert ticks == sorted(ticks)
        until(lambda: slow.lost > 0)
        after = slow.take(5.0)
        assert after is not None
        assert after.is_keyframe


def test_it_comes_back_by_itself_with_times_that_go_on(endless: EndlessCamera) -> None:
    with running(endless) as feed:
        reader, _ = feed.join("reader")
        before = taken(reader, 3)
        endless.cut.set()
        until(lambda: endless.opened == 2)
        after = [packet for packet in taken(reader, 4) if packet not in before]
        ticks = [packet.encoded.pts or 0 for packet in before + after]
        assert ticks == sorted(set(ticks))
        until(lambda: feed.status().state is CameraState.ONLINE)
        assert feed.status().openings == 2


def test_a_refused_camera_says_why_without_its_password(
    endless: EndlessCamera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    endless.failure = Unauthorized(str(URL))
    with running(endless) as feed:
        until(lambda: feed.status().state is CameraState.BACKOFF)
        assert feed.status().reason == "unauthorized"
        assert feed.newest_group() == ()
    assert "unauthorized" in caplog.text or "refused" in caplog.text
    assert "topsecret" not in caplog.text


def test_another_codec_is_transcoded_once_for_all() -> None:
    with running(EndlessCamera(synthetic_packets(30, codec="mjpeg"))) as feed:
        readers = [feed.join(name)[0] for name in ("one", "two")]
        packets = [taken(reader, 3) for reader in readers]
        assert feed.status().transcoding is Transcoding.OTHER_CODEC
        assert [one.encoded for one in packets[0]] == [one.encoded for one in packets[1]]
        assert packets[0][0].stream.codec == "h264"


def test_transcoding_is_bounded_and_a_place_that_becomes_free_is_taken() -> None:
    room = TranscodingRoom(1)
    film = synthetic_packets(15, codec="mjpeg")
    with running(EndlessCamera(film), room=room) as first:
        until(lambda: first.status().reason == "pictures")
        with running(EndlessCamera(film), room=room) as late:
            until(lambda: late.status().reason == "no_room_to_transcode")
            assert late.newest_group() == ()
            assert first.stop(5.0)
            taken(late.join("reader")[0], 3)
            assert late.status().reason == "pictures"
