"""The hub: bounded readers, losses counted, and always a keyframe first."""

import threading

import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.ingest.packets.hub import Hub

PACKETS = synthetic_packets(30, keyframe_every=10)


def test_a_reader_begins_at_a_keyframe() -> None:
    hub = Hub()
    with hub.subscribe("live", 50) as reader:
        for packet in PACKETS[5:]:
            hub.publish(packet)
        assert reader.take(0) is PACKETS[10]
        assert reader.lost == 5


def test_a_slow_reader_goes_on_at_the_next_keyframe_and_disturbs_nobody() -> None:
    hub = Hub()
    slow, quick = hub.subscribe("slow", 12), hub.subscribe("quick", 50)
    for packet in PACKETS:
        hub.publish(packet)
    assert slow.take(0) is PACKETS[20], "12 held, the 13th threw them away"
    assert slow.lost == 20
    assert [quick.take(0) for _ in PACKETS] == PACKETS
    assert quick.lost == 0


def test_taking_waits_no_longer_than_asked_and_is_woken_by_a_packet() -> None:
    hub = Hub()
    reader = hub.subscribe("live", 5)
    assert reader.take(0.01) is None
    timer = threading.Timer(0.05, hub.publish, [PACKETS[0]])
    timer.start()
    assert reader.take(5.0) is PACKETS[0]
    timer.join()


def test_closing_wakes_the_reader_and_leaves_the_hub() -> None:
    hub = Hub()
    reader = hub.subscribe("live", 5)
    hub.publish(PACKETS[0])
    timer = threading.Timer(0.05, reader.close)
    assert reader.take(0) is PACKETS[0]
    timer.start()
    assert reader.take(5.0) is None
    timer.join()
    reader.close()
    assert reader.closed
    assert hub.subscribers == ()
    reader.offer(PACKETS[0])
    assert reader.take(0) is None


def test_closing_the_hub_closes_every_reader() -> None:
    hub = Hub()
    readers = [hub.subscribe(str(n), 5) for n in range(3)]
    hub.close()
    assert all(reader.closed for reader in readers)


def test_a_bound_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Hub().subscribe("live", 0)
