"""The probe against a real RTSP server: every kind of stream, every refusal in one line."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.probe import probe, render
from thapcanh.ingest.sources.registry import open_source

MakeFilm = Callable[..., Path]


@pytest.fixture(scope="module")
def street(film: MakeFilm) -> Iterator[RunningSimulator]:
    words = [
        f"plain={film('plain.mp4', codec='libx264')}",
        f"hevc={film('h265.mp4', codec='libx265')}",
        f"reordered={film('reordered.mp4', codec='libx264', b_frames=2)}",
    ]
    with running_simulator(words, user="viewer:s3cret", as_is=True) as simulator:
        yield simulator


@pytest.mark.parametrize(
    ("name", "codec", "b_frames"),
    [("plain", "h264", False), ("hevc", "hevc", False), ("reordered", "h264", True)],
)
def test_a_stream_is_described(
    street: RunningSimulator, name: str, codec: str, b_frames: bool
) -> None:
    report = probe(SecretUrl(street.url(name, with_login=True)))
    assert report.ok, report.error
    assert (report.codec, report.width, report.height) == (codec, 320, 240)
    assert report.has_b_frames is b_frames
    assert report.fps == pytest.approx(15, abs=1)
    assert report.keyframe_interval_s == pytest.approx(1.0, abs=0.1)
    assert report.time_to_first_frame_s is not None
    assert report.time_to_first_frame_s < 4.0
    assert "s3cret" not in render(report)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("s3cret", "wr0ng"), "unauthorized"),
        (("viewer:s3cret@", ""), "unauthorized"),
        (("/plain", "/nowhere"), "not_found"),
    ],
)
def test_a_wrong_address_is_one_line(
    street: RunningSimulator, change: tuple[str, str], reason: str
) -> None:
    report = probe(SecretUrl(street.url("plain", with_login=True).replace(*change)))
    assert report.reason == reason
    assert len(render(report).splitlines()) == 1
    assert "s3cret" not in render(report)


def test_a_wrong_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    report = probe(SecretUrl(f"rtsp://127.0.0.1:{port}/x"))
    assert report.reason == "unreachable"
    assert "nothing listens on that port" in render(report)


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        ("mute", {"unanswered"}),
        ("stall", {"stalled", "unanswered"}),
        ("garbage", {"garbled", "stalled"}),  # libav may find no packet at all in it
    ],
)
def test_a_fault_is_named(street: RunningSimulator, fault: str, reasons: set[str]) -> None:
    quick = OpenSettings(open_timeout_s=2.0, read_timeout_s=1.5)
    street.fault("plain", fault, 60)
    try:
        url = SecretUrl(street.url("plain", with_login=True))
        report = probe(url, open_with=lambda one: open_source(one, quick))
    finally:
        street.fault("plain", "on")
    assert report.reason in reasons
