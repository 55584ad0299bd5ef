"""Cameras against a real RTSP server that misbehaves on demand: state, one line, and back in time.

Each fault runs beside a healthy camera of the same server, which must not notice.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera, CameraHealth, CameraSettings
from thapcanh.ingest.camera.lifecycle import CameraState, LifecycleSettings
from thapcanh.ingest.camera.picture_health import PictureCondition, PictureHealthSettings
from thapcanh.ingest.clip_writer import write_clip
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.registry import open_source

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]

LOGIN = "viewer:s3cret"
BACK_WITHIN_S = 10.0
LONG_S = 600.0  # until the test ends it


class _Watched:
    """A camera, its frames with their times of arrival, and the states that it went through."""

    def __init__(self, url: str, settings: CameraSettings) -> None:
        self.frames: list[tuple[float, Frame]] = []
        spec = CameraConfig(id=url.rsplit("/", 1)[-1], name="Phố", source=SecretUrl(url))
        self.camera = Camera(
            spec,
            clock=SystemClock(),
            open_source=open_source,
            on_frame=lambda frame: self.frames.append((time.monotonic(), frame)),
            settings=settings,
        )

    @property
    def health(self) -> CameraHealth:
        return self.camera.health()

    def has_frame_after(self, moment: float) -> bool:
        return bool(self.frames) and self.frames[-1][0] > moment


@contextmanager
def _watching(url: str, settings: CameraSettings | None = None) -> Iterator[_Watched]:
    watched = _Watched(url, settings or CameraSettings())
    watched.camera.start()
    try:
        yield watched
    finally:
        assert watched.camera.stop(), "stopping is bounded"
        times = [frame.at_s for _, frame in watched.frames]
        assert all(after > before for before, after in pairwise(times))


@pytest.fixture(scope="module")
def street(film: MakeFilm) -> Iterator[RunningSimulator]:
    """Cameras: plain and calm (H.264), hevc (H.265), reordered (with B-frames)."""
    films = {
        "plain": film("plain.mp4", codec="libx264"),
        "calm": film("plain.mp4", codec="libx264"),
        "hevc": film("h265.mp4", codec="libx265"),
        "reordered": film("reordered.mp4", codec="libx264", b_frames=2),
    }
    words = [f"{name}={path}" for name, path in films.items()]
    with running_simulator(words, user=LOGIN, as_is=True) as simulator:
        yield simulator


def _url(simulator: RunningSimulator, name: str) -> str:
    return simulator.url(name, with_login=True)


@pytest.mark.parametrize("name", ["plain", "hevc", "reordered"])
def test_every_kind_of_stream_is_watched_and_its_film_can_be_cut(
    street: RunningSimulator, tmp_path: Path, wait_for: WaitFor, name: str
) -> None:
    with _watching(_url(street, name)) as watched:
        wait_for(lambda: len(watched.frames) >= 40, 15, "40 pictures")
        health = watched.health
        assert health.state is CameraState.ONLINE
        assert (health.codec, health.width) == ("hevc" if name == "hevc" else "h264", 320)
        assert health.bad_packets == 0
        wait_for(lambda: 12 < watched.health.fps < 25, 15, "15 a second, after the held pictures")
        info = write_clip(watched.camera.preroll.between(0.5, 99), tmp_path / "clip.mp4")
        assert info.copied
        assert info.duration_s > 1.5
        assert info.left_out == 0
        wait_for(lambda: abs(watched.frames[-1][1].captured_at - time.time()) < 2.0, 15, "now")


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("kill", (CameraState.BACKOFF, "ended")),
        ("end", (CameraState.BACKOFF, "ended")),
        ("off", (CameraState.BACKOFF, "not_found")),
        ("stall", (CameraState.STALLED, "no_packets")),
        ("stall", (CameraState.BACKOFF, "stalled")),
        ("mute", (CameraState.BACKOFF, "stalled")),
        ("garbage", (CameraState.STALLED, "garbled")),
        ("garbage", (CameraState.BACKOFF, "garbled")),
    ],
)
def test_a_fault_is_named_and_over_when_it_ends_and_others_do_not_notice(
    street: RunningSimulator, wait_for: WaitFor, fault: str, named: tuple[CameraState, str]
) -> None:
    with _watching(_url(street, "plain")) as sick, _watching(_url(street, "calm")) as calm:
        wait_for(lambda: len(sick.frames) >= 5 and len(calm.frames) >= 5, 15, "both online")
        began = time.monotonic()
        street.fault("plain", fault, LONG_S if fault in ("stall", "mute", "garbage") else None)
        seen: list[CameraHealth] = []

        def is_named() -> bool:
            seen.append(sick.health)
            return (seen[-1].state, seen[-1].reason) == named

        wait_for(is_named, 15, str(named))
        assert "\n" not in seen[-1].detail
        assert "s3cret" not in repr(seen)
        wait_for(lambda: calm.has_frame_after(began), 5, "the other goes on meanwhile")
        street.fault("plain", "on")
        over = time.monotonic()
        wait_for(
            lambda: sick.has_frame_after(over) and sick.health.state is CameraState.ONLINE,
            BACK_WITHIN_S,
            "back online",
        )
        assert calm.health.state is CameraState.ONLINE
        assert calm.health.reconnects == 0


def test_a_frozen_picture_is_said_while_packets_go_on(
    street: RunningSimulator, wait_for: WaitFor
) -> None:
    settings = CameraSettings(picture=PictureHealthSettings(every_s=0.3, frozen_after_s=2.0))
    with _watching(_url(street, "plain"), settings) as watched:
        wait_for(lambda: len(watched.frames) >= 5, 15)
        street.fault("plain", "freeze", LONG_S)
        wait_for(lambda: watched.health.picture is PictureCondition.FROZEN, 5, "frozen")
        assert watched.health.state is CameraState.ONLINE
        street.fault("plain", "on")
        wait_for(lambda: watched.health.picture is PictureCondition.OK, 10, "moving again")
        assert watched.health.reconnects == 0


def test_a_new_resolution_is_followed_and_a_clip_never_mixes_the_two(
    street: RunningSimulator, tmp_path: Path, wait_for: WaitFor
) -> None:
    with _watching(_url(street, "plain")) as watched:
        wait_for(lambda: len(watched.frames) >= 20, 15)
        street.fault("plain", "size", "160x120")
        wait_for(lambda: watched.health.width == 160, 10, "the small picture")
        count = len(watched.frames)
        wait_for(lambda: len(watched.frames) > count + 30, 10)
        assert watched.health.bad_packets == 0
        assert watched.health.reconnects == 0
        held = watched.camera.preroll.between(0, 1e9)
        sizes = {(packet.stream.width, packet.stream.height) for packet in held}
        assert sizes == {(320, 240), (160, 120)}
        info = write_clip(held, tmp_path / "clip.mp4")
        assert info.left_out > 0
        street.fault("plain", "size", "320x240")
        wait_for(lambda: watched.health.width == 320, 10, "the first size again")


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        (("s3cret", "wr0ng"), "unauthorized", "user or password refused"),
        ((LOGIN + "@", ""), "unauthorized", "a login is needed"),
        (("/plain", "/nowhere"), "not_found", "no such stream"),
    ],
)
def test_a_wrong_address_is_said_in_one_line(
    street: RunningSimulator, wait_for: WaitFor, change: tuple[str, str], reason: str, said: str
) -> None:
    with _watching(_url(street, "plain").replace(*change)) as watched:
        wait_for(lambda: watched.health.reason == reason, 10, reason)
        health = watched.health
        assert health.state is CameraState.BACKOFF
        assert said in health.detail
        assert "s3cret" not in health.detail
        assert "wr0ng" not in health.detail
    assert watched.frames == []


def test_stopping_is_bounded_while_the_stream_is_silent(
    street: RunningSimulator, wait_for: WaitFor
) -> None:
    with _watching(_url(street, "plain")) as watched:
        wait_for(lambda: len(watched.frames) > 0, 15)
        street.fault("plain", "stall", LONG_S)
        try:
            wait_for(lambda: watched.health.state is CameraState.STALLED, 6)
            assert watched.camera.stop()
            assert watched.health.state is CameraState.CLOSED
        finally:
            street.fault("plain", "on")


def test_a_server_that_starts_later_is_found_within_ten_seconds(
    film: MakeFilm, wait_for: WaitFor
) -> None:
    """The fault that lasted long enough for the wait to have grown to its cap."""
    words = [f"late={film('plain.mp4', codec='libx264')}"]
    with running_simulator(words, as_is=True) as simulator:
        url = simulator.url("late")
        simulator.fault("late", "off")
        slow = CameraSettings(life=LifecycleSettings(backoff_first_s=6.0))
        with _watching(url, slow) as watched:
            wait_for(lambda: watched.health.state is CameraState.BACKOFF, 5)
            simulator.fault("late", "on")
            wait_for(lambda: len(watched.frames) > 0, BACK_WITHIN_S, "online")
