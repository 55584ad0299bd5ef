"""H.264 with intra refresh: keyframes alone give no picture, and the camera is watched anyway."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.running_simulator import running_simulator
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera, CameraSettings
from thapcanh.ingest.camera.lifecycle import CameraLifecycle, CameraState, LifecycleSettings
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, AdaptiveDecodingSettings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import (
    AlwaysDecodingPolicy,
    DecodingMode,
    DecodingPolicy,
    PolicyDecoder,
)
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.annex_b import needs_run_up
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.probe import probe, render
from thapcanh.ingest.sources.recorded_file import read_file
from thapcanh.ingest.sources.registry import open_source

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]

QUICK = AdaptiveDecodingSettings(
    sweep_s=1.5, longest_unseen_s=2.5, learning_s=0.5, quiet_s=0.5, gate_s=0.5
)


@pytest.fixture(scope="module")
def path(film: MakeFilm) -> Path:
    return film("refresh.mp4", frames=900, keyframe_every=30, intra_refresh=True)


@pytest.fixture(scope="module")
def packets(path: Path) -> list[Packet]:
    return [piece for piece in read_file(path, "gate") if isinstance(piece, Packet)]


def _watched(packets: list[Packet], policy: DecodingPolicy) -> tuple[list[Frame], PolicyDecoder]:
    decoding = PolicyDecoder(Decoder("gate", lambda at_s: at_s), policy, max_held_bytes=10_000_000)
    frames = [one for packet in packets for one in decoding.take(packet, 0.0, now=0.0)]
    return frames, decoding


def test_its_keyframes_are_known_by_their_recovery_point(
    packets: list[Packet], film: MakeFilm
) -> None:
    keyframes = [one for one in packets if one.is_keyframe]
    assert [one.stands_alone for one in keyframes[:4]] == [True, False, False, False]
    usual = film("plain.mp4", codec="libx264")
    assert all(one.stands_alone for one in read_file(usual, "gate") if isinstance(one, Packet))
    assert not needs_run_up("h264", b"\0\0\1\x06\x06\x01\x84\0\0\1\x41\x9a"), "in full at once"
    assert needs_run_up("h264", b"\0\0\1\x06\x05\x01\xff\x06\x01\x44\0\0\1\x41\x9a"), "second SEI"
    assert not needs_run_up("h264", b"\0\0\1\x06\xff\xff"), "cut short"


@pytest.mark.parametrize("joined_at", [0, 7, 30, 100])
def test_a_picture_comes_every_second_wherever_the_stream_is_joined(
    packets: list[Packet], joined_at: int
) -> None:
    frames, decoding = _watched(packets[joined_at:], AdaptiveDecodingPolicy())
    gaps = [after.at_s - before.at_s for before, after in pairwise(frames)]
    assert frames[0].at_s - packets[joined_at].at_s < 4.5, "within two refreshes"
    assert packets[-1].at_s - frames[-1].at_s < 4.9
    assert max(gaps) < 4.9, "never longer unseen than any camera that sleeps"
    assert decoding.policy.status.mode is not DecodingMode.IDLE
    assert decoding.decoder.bad_packets == 0
    assert decoding.decoder.packets > 0.95 * len(packets[joined_at:])


def test_every_picture_is_the_one_that_decoding_everything_gives(packets: list[Packet]) -> None:
    shown, _ = _watched(packets, AdaptiveDecodingPolicy(QUICK))
    whole, _ = _watched(packets, AlwaysDecodingPolicy())
    by_time = {one.at_s: one.luma().tobytes() for one in whole}
    assert len(shown) > 20
    assert all(one.luma().tobytes() == by_time[one.at_s] for one in shown)


def test_a_group_without_an_end_is_not_given_up(packets: list[Packet]) -> None:
    """A camera that sends one keyframe and then none: what is decoded need not be held."""
    endless = [packets[0], *(one for one in packets[1:] if not one.is_keyframe)]
    decoding = PolicyDecoder(
        Decoder("gate", lambda at_s: at_s),
        AdaptiveDecodingPolicy(QUICK),
        max_held_bytes=sum(one.size_bytes for one in endless) // 8,
    )
    frames = [one for packet in endless for one in decoding.take(packet, 0.0, now=0.0)]
    assert decoding.groups_given_up == 0
    assert frames[-1].at_s > endless[-1].at_s - 5.0


class _Told(Camera):
    """Remembers the states it went through."""

    def changed(self, life: CameraLifecycle) -> None:
        self.states = [*getattr(self, "states", []), life.state]
        super().changed(life)


def test_an_intra_refresh_camera_that_may_sleep_stays_online(path: Path, wait_for: WaitFor) -> None:
    """It was offline every 12-18 s while asleep, and well with `sleep = false`."""
    with running_simulator([f"gate={path}"], as_is=True) as street:
        spec = CameraConfig(id="gate", name="Cổng", source=SecretUrl(street.url("gate")))
        life = LifecycleSettings(garbled_after_s=4.0, give_up_after_s=5.0)
        camera = _Told(
            spec,
            clock=SystemClock(),
            open_source=open_source,
            settings=CameraSettings(life=life, sleep=QUICK),
        )
        camera.start()
        try:
            wait_for(lambda: camera.health().packets > 250, 40, "17 s of film")
            health = camera.health()
        finally:
            camera.stop()
    assert health.state is CameraState.ONLINE
    assert camera.states == [CameraState.CONNECTING, CameraState.ONLINE, CameraState.CLOSED]
    assert (health.width, health.height, health.reconnects) == (320, 240, 0)
    assert health.decoding.mode is not DecodingMode.IDLE


def test_probe_says_that_it_never_sleeps(path: Path) -> None:
    with running_simulator([f"gate={path}"], as_is=True) as street:
        report = probe(SecretUrl(street.url("gate")))
    assert report.ok
    assert (report.width, report.height) == (320, 240)
    assert (report.decoding or "").startswith("always: intra refresh")
    assert "switch intra refresh off" in render(report)
