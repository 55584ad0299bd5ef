"""Packets in the form that browsers decode."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import av
import numpy as np
import pytest

from tests.ingest.fake_source import Picture, synthetic_packets
from thapcanh.app.live.browser_form import RTP_CLOCK, PassedThrough, Transcoded, fitted
from thapcanh.ingest.packets.annex_b import START_CODE, nal_units
from thapcanh.ingest.packets.libav import new_decoder
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask


def kinds(packet: Packet) -> list[int]:
    return [unit[0] & 0x1F for unit in nal_units(bytes(packet.encoded))]


def decoded(packets: Iterable[Packet]) -> list[av.VideoFrame]:
    found: list[av.VideoFrame] = []
    decoder = None
    for packet in packets:
        decoder = decoder or new_decoder(packet.stream)
        found += decoder.decode(packet.encoded)
    return found + (decoder.decode(None) if decoder else [])


def test_parameter_sets_stand_before_each_keyframe_once(film: list[Packet]) -> None:
    sets = START_CODE + b"\x67\x42\x00\x1e" + START_CODE + b"\x68\xce\x3c\x80"
    stream = replace(film[0].stream, extradata=sets)
    bare = START_CODE + b"\x65\x88\x84"
    without = replace(film[0], encoded=av.Packet(bare), stream=stream)
    (sent,) = PassedThrough().take(without)
    assert kinds(sent) == [7, 8, 5]
    assert sent.size_bytes == len(sets + bare)
    (again,) = PassedThrough().take(replace(film[0], stream=stream))
    assert kinds(again).count(7) == 1
    assert bytes(again.encoded) == bytes(film[0].encoded)


def test_pictures_pass_bit_for_bit_with_their_times_never_going_back(film: list[Packet]) -> None:
    form = PassedThrough()
    jumped = [replace(packet, at_s=100.0 - packet.at_s) for packet in film[:3]]
    sent = [one for packet in [*film, *jumped] for one in form.take(packet)]
    assert [bytes(one.encoded) for one in sent[:30]] == [bytes(one.encoded) for one in film]
    ticks = [one.encoded.pts or 0 for one in sent]
    assert ticks[:3] == [0, 6000, 12000]
    assert all(later > earlier for earlier, later in pairwise(ticks))
    assert {one.encoded.time_base for one in sent} == {RTP_CLOCK}


@pytest.mark.parametrize("codec", ["mjpeg", "libx264"])
def test_other_streams_become_h264_in_order(codec: str) -> None:
    packets = synthetic_packets(30, codec=codec)
    form = Transcoded(packets[0].stream, PrivacyMask(()))
    sent = [one for packet in packets for one in form.take(packet)]
    assert sent[0].is_keyframe
    assert {7, 8, 5} <= set(kinds(sent[0]))
    assert sent[0].stream.codec == "h264"
    assert len(sent) == 30
    times = [one.at_s for one in sent]
    assert times == sorted(times)
    pictures = decoded(sent)
    assert len(pictures) == 30
    ticks = [picture.pts or 0 for picture in pictures]
    assert ticks == sorted(ticks)
    before, after = decoded(packets)[-1], pictures[-1]
    far = np.abs(_visible(before).astype(int) - _visible(after).astype(int)).mean()
    assert far < 6, "the picture is another one"


def _visible(picture: av.VideoFrame) -> Picture:
    return np.asarray(picture.to_ndarray(format="rgb24"), dtype=np.uint8)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 360), (640, 360)),
        ((1920, 1080), (1280, 720)),
        ((3840, 2160), (1280, 720)),
        ((1080, 1920), (404, 720)),
        ((704, 575), (704, 576)),
        ((1, 1), (2, 2)),
    ],
)
def test_transcoded_pictures_are_at_most_720p_and_even(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fitted(*size) == expected
