"""The probe: what a source is, or the exact reason why not; as text and as JSON."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest

from tests.ingest.fake_source import FakeSource, PlaybackScript, synthetic_packets
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import Ended, SourceError, Stalled, Unauthorized
from thapcanh.ingest.sources.probe import as_dict, probe, render

MakeFilm = Callable[..., Path]


@pytest.mark.parametrize(
    ("name", "how", "expected"),
    [
        ("plain.mp4", {"codec": "libx264"}, ("h264", False, 1.0)),
        ("reordered.mp4", {"codec": "libx264", "b_frames": 2}, ("h264", True, 1.0)),
        ("h265.mp4", {"codec": "libx265"}, ("hevc", False, 1.0)),
        ("mpeg4.avi", {"codec": "mpeg4"}, ("mpeg4", False, 1.0)),
        ("motion.avi", {"codec": "mjpeg"}, ("mjpeg", False, 0.07)),
    ],
)
def test_what_a_film_is(
    film: MakeFilm,
    name: str,
    how: dict[str, object],
    expected: tuple[str, bool, float],
) -> None:
    codec, b_frames, interval_s = expected
    report = probe(SecretUrl(str(film(name, **how))))
    assert report.ok
    assert report.error is None
    assert (report.codec, report.width, report.height) == (codec, 320, 240)
    assert report.fps == pytest.approx(15, abs=0.5)
    assert report.has_b_frames is b_frames
    assert report.keyframe_interval_s == pytest.approx(interval_s, abs=0.05)
    assert report.time_to_first_frame_s is not None
    assert report.opened_in_s is not None
    assert report.time_to_first_frame_s >= report.opened_in_s
    assert report.bad_packets == 0


def test_the_text_has_every_value_on_a_line_of_its_own(film: MakeFilm) -> None:
    lines = render(probe(SecretUrl(str(film("reordered.mp4", b_frames=2))))).splitlines()
    text = "\n".join(lines)
    for wanted in ("h264", "320 x 240", "15", "keyframe every       1 s", "yes", "first picture"):
        assert wanted in text
    assert any("B-frames" in line and line.startswith("  note:") for line in lines)


def test_a_failure_is_one_line_without_the_password() -> None:
    url = SecretUrl("rtsp://viewer:s3cret@10.0.0.5/1")
    report = probe(url, open_with=FakeSource([Unauthorized(str(url))]))
    assert not report.ok
    assert report.reason == "unauthorized"
    text = render(report)
    assert len(text.splitlines()) == 1
    assert "user or password refused" in text
    assert "s3cret" not in text + json.dumps(as_dict(report))


def test_packets_of_which_nothing_can_be_made_are_a_failure() -> None:
    packets = synthetic_packets(20)
    for packet in packets:
        object.__setattr__(packet, "encoded", av.Packet(b"\x01\x02\x03\x04" * 50))
    report = probe(
        SecretUrl("rtsp://10.0.0.5/1"), open_with=FakeSource([PlaybackScript(packets=packets)])
    )
    assert not report.ok
    assert report.bad_packets == 20
    assert "FAILED" in render(report)


@pytest.mark.parametrize("then", [None, Ended("fake://x"), Stalled("fake://x")])
def test_a_picture_now_and_then_makes_no_well_source_of_noise(then: SourceError | None) -> None:
    packets = synthetic_packets(45, keyframe_every=15)
    noisy = [
        one if n == 15 else replace(one, encoded=av.Packet(b"\x41" * one.size_bytes))
        for n, one in enumerate(packets)
    ]
    source = FakeSource([PlaybackScript(packets=noisy, then=then)])
    report = probe(SecretUrl("fake://x"), open_with=source)
    assert report.frames_decoded > 0
    assert not report.ok
    assert report.reason == "garbled"


def test_packets_without_a_keyframe_are_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thapcanh.ingest.sources.probe._KEYFRAME_WAIT_S", 0.0)
    source = FakeSource(
        [PlaybackScript(packets=synthetic_packets(20, keyframe_every=30)[1:], live=True)]
    )
    report = probe(SecretUrl("rtsp://10.0.0.5/1"), open_with=source)
    assert report.reason == "no_keyframe"
    assert "set the camera's keyframe interval to 1-2 s" in render(report)


def test_a_rare_keyframe_is_warned_of(film: MakeFilm) -> None:
    path = film("rare.mp4", codec="libx264", frames=200, keyframe_every=75, size=(64, 48))
    report = probe(SecretUrl(str(path)))
    assert report.keyframe_interval_s == pytest.approx(5.0, abs=0.1)
    assert any("keyframe only every 5.0 s" in note for note in report.notes)


def test_it_prints_and_logs_nothing(
    film: MakeFilm, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        probe(SecretUrl(str(film("plain.mp4"))))
        probe(SecretUrl("rtsp://viewer:s3cret@127.0.0.1:1/x"))
    assert capfd.readouterr() == ("", "")
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("keyframe_every", "frames", "decoding"),
    [
        (15, 45, "idle: keyframes, while nothing happens; packet sizes and looks wake it"),
        (1, 45, "idle: single pictures; every packet is a keyframe, luma wakes it"),
        (1000, 45, "always: keyframes are too far apart to sleep between them; luma wakes"),
    ],
)
def test_it_says_how_much_will_be_decoded(
    film: MakeFilm, keyframe_every: int, frames: int, decoding: str
) -> None:
    path = film(f"every_{keyframe_every}.mp4", keyframe_every=keyframe_every, frames=frames)
    report = probe(SecretUrl(str(path)))
    assert report.decoding is not None
    assert report.decoding.startswith(decoding)
    assert f"decoding             {decoding}" in render(report)


@pytest.mark.parametrize(("height", "told"), [(1080, True), (576, False)])
def test_a_large_stream_is_told_of_the_cameras_second_one(*, height: int, told: bool) -> None:
    packets = synthetic_packets(45, fps=15, keyframe_every=15)
    large = [
        replace(one, stream=replace(one.stream, width=height * 16 // 9, height=height))
        for one in packets
    ]
    source = FakeSource([PlaybackScript(packets=large)])
    report = probe(SecretUrl("rtsp://h/Streaming/Channels/101"), open_with=source)
    proposed = [note for note in report.notes if "/Streaming/Channels/102 as source" in note]
    assert bool(proposed) is told
