"""Choosing between passing through and transcoding, keyframe by keyframe."""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.app.live.format_choice import FormatChoice, Transcoding, TranscodingRoom
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask


def sent(forms: FormatChoice, packets: Sequence[Packet], lag_s: float = 0.0) -> list[Packet]:
    return [
        one for packet in packets for one in forms.take(packet, stream_s=packet.at_s, lag_s=lag_s)
    ]


def test_nothing_is_sent_before_a_keyframe(film: list[Packet]) -> None:
    forms = FormatChoice("front", TranscodingRoom(1), 1.0, PrivacyMask(()))
    assert sent(forms, film[3:15]) == []
    assert len(sent(forms, film[15:])) == 15


def test_times_that_go_back_make_it_transcode_from_the_next_keyframe_on(
    film: list[Packet],
) -> None:
    forms = FormatChoice("front", TranscodingRoom(1), 1.0, PrivacyMask(()))
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, *range(10, 30)]
    swapped = [film[number] for number in order]
    assert len(sent(forms, swapped[:15])) == 15
    assert forms.transcoding is None
    later = sent(forms, swapped[15:])
    assert forms.transcoding is Transcoding.B_FRAMES
    assert len(later) == 15
    assert bytes(later[0].encoded) != bytes(film[15].encoded)
    forms.close()


def test_a_stream_that_may_pass_again_gives_its_place_back(film: list[Packet]) -> None:
    room = TranscodingRoom(1)
    forms = FormatChoice("front", room, 1.0, PrivacyMask(()))
    other = synthetic_packets(15, codec="mjpeg")
    assert len(sent(forms, other)) == 15
    assert not room.enter()
    passed = sent(forms, film)
    assert bytes(passed[0].encoded) == bytes(film[0].encoded)
    assert room.enter()


def test_without_room_it_is_not_sent_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    room = TranscodingRoom(1)
    assert room.enter()
    forms = FormatChoice("front", room, 1.0, PrivacyMask(()))
    packets = synthetic_packets(15, codec="mjpeg")
    assert sent(forms, packets) == []
    assert forms.has_no_room
    assert caplog.text.count("too many are transcoded") == 1
    room.leave()
    assert len(sent(forms, packets)) == 15
    assert not forms.has_no_room
    forms.close()
    forms.close()
    assert room.enter()


def test_transcoding_that_falls_behind_goes_on_at_the_next_keyframe() -> None:
    film = synthetic_packets(30, keyframe_every=15)
    stream = replace(film[0].stream, has_b_frames=True)
    packets = [replace(packet, stream=stream) for packet in film]
    forms = FormatChoice("front", TranscodingRoom(1), 1.0, PrivacyMask(()))
    assert len(sent(forms, packets[:5])) == 5
    assert sent(forms, packets[5:10], lag_s=1.5) == []
    assert sent(forms, packets[10:15], lag_s=0.0) == []
    assert forms.skipped == 10
    assert len(sent(forms, packets[15:])) == 15
    forms.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a thread its own priority")
def test_only_a_thread_of_its_own_is_lowered() -> None:
    def priority_after() -> int:
        forms = FormatChoice("front", TranscodingRoom(1), 1.0, PrivacyMask(()))
        sent(forms, synthetic_packets(2, codec="mjpeg"))
        forms.close()
        return os.getpriority(os.PRIO_PROCESS, 0)

    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert priority_after() == before
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(priority_after).result() == 19
