"""A camera at work with scripted sources: it goes on, in order, bounded, and stops when told."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.ingest.camera.camera_at_work import PACKETS, QUICK, URL, watching
from tests.ingest.fake_clock import FakeClock
from tests.ingest.fake_source import (
    FakeSource,
    PlaybackScript,
    moving_square,
    synthetic_packets,
)
from tests.patience import PATIENCE_S
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera, CameraSettings
from thapcanh.ingest.camera.lifecycle import CameraState
from thapcanh.ingest.camera.picture_health import PictureCondition, PictureHealthSettings
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingSettings
from thapcanh.ingest.errors import Ended
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.sources.connection import Connection
from thapcanh.ingest.sources.registry import open_source

WaitFor = Callable[..., None]
MakeFilm = Callable[..., Path]


@dataclass
class _Ticking:
    """A connection that tells of each packet before it gives it."""

    connection: Connection
    tick: Callable[[], object]

    @property
    def stream(self) -> StreamInfo:
        return self.connection.stream

    @property
    def transport(self) -> None:
        return None

    @property
    def live(self) -> bool:
        return self.connection.live

    def __iter__(self) -> Iterator[Packet]:
        for packet in self.connection:
            self.tick()
            yield packet


def test_frames_arrive_in_order_and_the_newest_is_kept(wait_for: WaitFor) -> None:
    hold, frames = threading.Event(), list[Frame]()
    source = FakeSource([PlaybackScript(packets=PACKETS, live=True, hold=hold)])
    with watching(source, on_frame=frames.append) as camera:
        wait_for(lambda: len(frames) == 30, 5)
        assert camera.newest() is frames[-1]
        assert camera.newest() is frames[-1], "until a newer one comes"
        health = camera.health()
        assert health.state is CameraState.ONLINE
        assert (health.packets, health.frames_decoded, health.frames_dropped) == (30, 30, 29)
        assert (health.width, health.height, health.codec) == (320, 240, "h264")
        hold.set()
    assert all(after.at_s > before.at_s for before, after in pairwise(frames))


def test_packets_of_camera_time_reach_hub_and_preroll(wait_for: WaitFor) -> None:
    hold = threading.Event()
    go = threading.Event()

    def source(url: SecretUrl, /) -> object:
        go.wait(PATIENCE_S)
        return FakeSource([PlaybackScript(packets=PACKETS, live=True, hold=hold)])(url)

    with watching(source) as camera:  # type: ignore[arg-type]
        reader = camera.hub.subscribe("test", 100)
        go.set()
        wait_for(lambda: camera.health().packets == 30, 5)
        published = [reader.take(1) for _ in PACKETS]
        held = camera.preroll.between(0, 1e9)
        assert published == held
        assert len(held) == 30
        hold.set()
    assert reader.closed


def test_while_somebody_watches_no_packet_waits(wait_for: WaitFor) -> None:
    hold = threading.Event()
    source = FakeSource([PlaybackScript(packets=PACKETS, live=True, hold=hold)])
    asleep = replace(QUICK, sleep=AdaptiveDecodingSettings(learning_s=0))
    with watching(source, settings=asleep) as camera:
        wait_for(lambda: camera.health().packets > 20, 5)
        assert camera.can_wait(PACKETS[1])
        assert not camera.can_wait(PACKETS[0]), "a keyframe"
        with camera.hub.subscribe("officer", 100):
            assert not camera.can_wait(PACKETS[1])
        assert camera.can_wait(PACKETS[1])
        hold.set()


@pytest.mark.parametrize(
    "sleep", [None, AdaptiveDecodingSettings()], ids=["everything", "adaptive"]
)
def test_a_long_gop_joined_in_its_middle_comes_online_at_its_next_keyframe(
    wait_for: WaitFor, sleep: AdaptiveDecodingSettings | None
) -> None:
    """12 s between keyframes, joined just after one: 10 s without a picture were given up."""
    clock, told, watched = FakeClock(), list[str](), queue.Queue[Camera]()
    packets = synthetic_packets(150, fps=10, keyframe_every=120)[1:]
    hold = threading.Event()
    live = FakeSource([PlaybackScript(packets=packets, live=True, hold=hold)])
    settings = replace(QUICK, sleep=sleep)

    @contextmanager
    def source(url: SecretUrl, /) -> Iterator[_Ticking]:
        camera = watched.get(timeout=PATIENCE_S)

        def tick() -> None:
            clock.advance(0.1)
            told.append(camera.health().reason)

        with live(url) as connection:
            yield _Ticking(connection, tick)

    with watching(source, clock=clock, settings=settings) as camera:
        watched.put(camera)
        wait_for(lambda: camera.health().frames_decoded, 5)
        assert camera.health().state is CameraState.ONLINE
        assert camera.health().reconnects == 0
        hold.set()
    assert "no_keyframe" in told
    assert "garbled" not in told


def test_what_there_was_no_room_to_hold_is_counted(wait_for: WaitFor) -> None:
    hold = threading.Event()
    room = sum(packet.size_bytes for packet in PACKETS[:15])  # one group of ten and a half
    source = FakeSource([PlaybackScript(packets=PACKETS, live=True, hold=hold)])
    with watching(source, settings=replace(QUICK, preroll_max_bytes=room)) as camera:
        wait_for(lambda: camera.health().packets == 30, 5)
        health = camera.health()
        assert (health.prerolls_cut, health.groups_given_up, health.damaged_pictures) == (2, 0, 0)
        hold.set()


def test_behind_it_skips_to_the_newest_keyframe(wait_for: WaitFor) -> None:
    """Each picture costs 0.4 s, but ten a second come: most are skipped, the last is fresh."""
    clock, hold = FakeClock(), threading.Event()
    packets = synthetic_packets(200, fps=10, keyframe_every=10)
    source = FakeSource([PlaybackScript(packets=packets, live=True, hold=hold)])
    with watching(source, clock=clock, on_frame=lambda _: clock.advance(0.4)) as camera:
        wait_for(lambda: camera.health().packets == 200, 5)
        health = camera.health()
        assert health.packets_skipped > 120
        assert health.packets_skipped + health.frames_decoded == 200
        newest = camera.newest()
        assert newest is not None
        assert camera.preroll.between(0, 1e9)[-1].at_s - newest.at_s <= 1.0
        hold.set()


def test_a_frozen_picture_is_said_and_over_when_it_moves(wait_for: WaitFor) -> None:
    still = synthetic_packets(40, fps=10, picture=lambda _: moving_square(1))
    moving = synthetic_packets(20, fps=10)
    holds = threading.Event(), threading.Event()
    source = FakeSource(
        [
            PlaybackScript(packets=still, live=True, hold=holds[0]),
            PlaybackScript(packets=moving, live=True, hold=holds[1]),
        ]
    )
    rules = PictureHealthSettings(every_s=0.5, frozen_after_s=2.0)
    clock = FakeClock()
    with watching(
        source,
        clock=clock,
        on_frame=lambda _: clock.advance(0.1),
        settings=CameraSettings(picture=rules, life=QUICK.life),
    ) as camera:
        wait_for(lambda: camera.health().frames_decoded == 40, 5)
        assert camera.health().picture is PictureCondition.FROZEN
        assert camera.health().state is CameraState.ONLINE
        frozen_s = clock.utc() - camera.health().since
        assert 1.0 <= frozen_s <= 2.5, "the picture was lost then, not when pictures began"
        holds[0].set()
        wait_for(lambda: camera.health().frames_decoded == 60, 5)
        assert camera.health().picture is PictureCondition.OK
        holds[1].set()


def test_a_file_plays_in_real_time_and_again_after_its_end(
    film: MakeFilm, wait_for: WaitFor
) -> None:
    frames = list[tuple[float, Frame]]()
    path = film("second.mp4", codec="libx264", frames=15)
    with watching(
        open_source,
        url=str(path),
        on_frame=lambda frame: frames.append((time.monotonic(), frame)),
    ) as camera:
        wait_for(lambda: len(frames) >= 15, 5)
        took_s = frames[14][0] - frames[0][0]
        assert took_s > 0.7, "14 pictures at 15 a second last 0.93 s"
        wait_for(lambda: len(frames) >= 20, 5)
        assert camera.health().reconnects >= 1
    assert all(after.at_s > before.at_s for (_, before), (_, after) in pairwise(frames))


def test_a_camera_that_was_never_started_stops() -> None:
    spec = CameraConfig(id="gate", name="Cổng", source=SecretUrl(URL))
    camera = Camera(spec, clock=SystemClock(), open_source=FakeSource([Ended("x")]))
    assert camera.health().state is CameraState.IDLE
    assert camera.newest() is None
    assert camera.stop()
    assert camera.health().state is CameraState.CLOSED
