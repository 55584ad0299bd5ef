"""NAL units survive the way through RTP payloads; headers count as RFC 3550 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.raw_rtsp import parse_rtp
from thapcanh.tools.simulator.rtsp.access_unit import (
    MAX_PAYLOAD_BYTES,
    VideoCodec,
    first_parameter_sets,
    has_all_parameter_sets,
    nal_type,
    packetise,
    rtp_packets,
)
from thapcanh.tools.simulator.sender import goodbye, sender_report

H264_SLICE, H265_SLICE = bytes([0x65]), bytes([0x26, 0x01])  # IDR pictures


def depacketised(payloads: tuple[bytes, ...], codec: VideoCodec) -> list[bytes]:
    """Put the units together again, as RFC 6184 and RFC 7798 tell a receiver to."""
    units: list[bytes] = []
    for payload in payloads:
        kind = nal_type(payload, codec)
        if codec is VideoCodec.H264 and kind == 28:
            flags, body = payload[1], payload[2:]
            header = bytes([(payload[0] & 0xE0) | (flags & 0x1F)])
        elif codec is VideoCodec.H265 and kind == 49:
            flags, body = payload[2], payload[3:]
            header = bytes([(payload[0] & 0x81) | ((flags & 0x3F) << 1), payload[1]])
        else:
            units.append(payload)
            continue
        if flags & 0x80:
            units.append(header)
        units[-1] += body
    return units


@given(
    codec=st.sampled_from(VideoCodec),
    sizes=st.lists(st.integers(min_value=1, max_value=6000), min_size=1, max_size=6),
    max_bytes=st.integers(min_value=16, max_value=MAX_PAYLOAD_BYTES),
)
def test_units_come_back_as_they_were(codec: VideoCodec, sizes: list[int], max_bytes: int) -> None:
    head = H264_SLICE if codec is VideoCodec.H264 else H265_SLICE
    nals = [head + bytes(number % 251 for number in range(size)) for size in sizes]
    payloads = packetise(nals, codec, max_bytes)
    assert depacketised(payloads, codec) == nals
    assert all(len(payload) <= max_bytes for payload in payloads)


@pytest.mark.parametrize("codec", list(VideoCodec))
@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_unit_is_cut_only_when_it_must_be(codec: VideoCodec, extra: int) -> None:
    head = H264_SLICE if codec is VideoCodec.H264 else H265_SLICE
    nal = head + b"\x01" * (MAX_PAYLOAD_BYTES - len(head) + extra)
    assert len(packetise([nal], codec)) == (2 if extra > 0 else 1)


def test_fragments_keep_the_importance_of_their_unit() -> None:
    nal = bytes([0x41]) + b"\x05" * 3000  # nal_ref_idc 2
    for payload in packetise([nal], VideoCodec.H264):
        assert payload[0] & 0x60 == 0x40


def test_headers_count_up_and_wrap_and_mark_the_last_packet() -> None:
    packets = [
        parse_rtp(packet)
        for packet in rtp_packets([b"a", b"b", b"c"], sequence=0xFFFF, timestamp=2**32 + 7, ssrc=9)
    ]
    assert [packet.sequence for packet in packets] == [0xFFFF, 0, 1]
    assert [packet.marker for packet in packets] == [False, False, True]
    assert {packet.timestamp for packet in packets} == {7}
    assert {packet.ssrc for packet in packets} == {9}
    assert b"".join(packet.payload for packet in packets) == b"abc"


def test_parameter_sets_come_in_the_order_a_decoder_needs() -> None:
    sps, pps = b"\x67\x01", b"\x68\x01"
    found = first_parameter_sets([pps, sps, b"\x67\x02"], VideoCodec.H264)
    assert found == (sps, pps)
    assert has_all_parameter_sets(found, VideoCodec.H264)
    assert not has_all_parameter_sets(found, VideoCodec.H265)


def test_a_sender_report_ties_wall_clock_to_the_stream() -> None:
    report = sender_report(7, now_s=1.5, timestamp=90_000, packets=3, payload_bytes=40)
    assert report[1] == 200
    assert int.from_bytes(report[8:12], "big") == 2_208_988_801  # NTP counts from 1900
    assert int.from_bytes(report[12:16], "big") == 2**31
    assert int.from_bytes(report[16:20], "big") == 90_000
    assert len(report) % 4 == 0
    assert report[28 + 1] == 202  # the description that must follow


def test_a_goodbye_is_a_description_and_a_bye() -> None:
    packet = goodbye(7)
    assert packet[1] == 202
    assert packet[-8:] == b"\x81\xcb\x00\x01\x00\x00\x00\x07"
