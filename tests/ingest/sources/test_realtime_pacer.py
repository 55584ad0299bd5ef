"""Real time for files: each packet when it is due, jumps taken up."""

from dataclasses import replace

import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.ingest.camera.read_loop import RealtimePacer
from thapcanh.ingest.packets.packet import Packet


def _at(packet: Packet, seconds: float) -> Packet:
    packet.encoded.dts = None
    packet.encoded.pts = None
    return replace(packet, at_s=seconds)


def test_packets_are_due_as_they_were_filmed() -> None:
    packets = synthetic_packets(4, fps=10)
    pace, now = RealtimePacer(), 50.0
    for number, packet in enumerate(packets):
        assert pace.wait_s(packet, now=now + number * 0.04) == pytest.approx(number * 0.06)


def test_late_packets_do_not_wait() -> None:
    packets = synthetic_packets(2, fps=10)
    pace = RealtimePacer()
    pace.wait_s(packets[0], now=50.0)
    assert pace.wait_s(packets[1], now=50.6) == 0.0


@pytest.mark.parametrize("jump_s", [-500.0, 500.0])
def test_after_a_jump_a_new_plan_starts(jump_s: float) -> None:
    first, second, third = synthetic_packets(3)
    pace = RealtimePacer()
    pace.wait_s(_at(first, 600.0), now=50.0)
    assert pace.wait_s(_at(second, 600.0 + jump_s), now=50.1) == 0.0
    assert pace.wait_s(_at(third, 600.2 + jump_s), now=50.1) == pytest.approx(0.2)
