"""The group of pictures that a new viewer is shown first."""

from dataclasses import replace

from thapcanh.app.live.feed import NewestGop
from thapcanh.ingest.packets.packet import Packet

NOW = 1_800_000_000.0


def filmed(film: list[Packet]) -> list[Packet]:
    return [replace(packet, received_at=NOW) for packet in film]


def test_it_holds_what_follows_the_newest_keyframe(film: list[Packet]) -> None:
    packets, group = filmed(film), NewestGop(100, 10_000_000)
    for packet in packets[5:20]:
        group.add(packet)
    assert list(group.replay(NOW)) == packets[15:20]
    assert group.replay(NOW)[0].is_keyframe


def test_it_is_empty_before_the_first_keyframe(film: list[Packet]) -> None:
    group = NewestGop(100, 10_000_000)
    for packet in filmed(film)[1:10]:
        group.add(packet)
    assert group.replay(NOW) == ()
    assert group.decodable == ()


def test_a_group_that_grows_too_long_is_not_replayed_but_its_keyframe_decodes(
    film: list[Packet],
) -> None:
    for bounds in ((5, 10_000_000), (100, sum(packet.size_bytes for packet in film[:6]) - 1)):
        packets, group = filmed(film), NewestGop(*bounds)
        for packet in packets[:10]:
            group.add(packet)
        assert group.replay(NOW) == ()
        assert group.decodable == (packets[0],)
        for packet in packets[10:18]:
            group.add(packet)
        assert list(group.replay(NOW)) == packets[15:18]


def test_an_old_group_is_not_replayed_but_decodes(film: list[Packet]) -> None:
    packets, group = filmed(film), NewestGop(100, 10_000_000)
    for packet in packets[:3]:
        group.add(packet)
    assert list(group.replay(NOW + 1.9)) == packets[:3]
    assert group.replay(NOW + 2.1) == ()
    assert list(group.decodable) == packets[:3]
