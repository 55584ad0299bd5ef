"""Cursor on Target in: events cut out of streams, judged, and told over real sockets."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.app.positions.test_positions_api import HERE, Positions
from tests.app.web_api.centre import NOW, Centre
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.distance import Position
from thapcanh.app.positions.cot_events import MOST_BYTES, CotCutter, CotInvalid, read_event
from thapcanh.app.positions.cot_receivers import (
    MOST_EVENTS_S,
    MOST_JUNK,
    UNKNOWN,
    CotReceivers,
    CotResult,
    receive_events,
)
from thapcanh.app.site.site_file import load_site
from thapcanh.config.devices import CotReceiverConfig

LOCAL = (ip_network("127.0.0.0/8"),)
TCP = CotReceiverConfig(
    id="tcp", port=0, host="127.0.0.1", networks=LOCAL, units={"ANDROID-1": "xe-1"}
)
UDP = CotReceiverConfig(id="udp", port=0, host="127.0.0.1", networks=LOCAL, protocol="udp")
FOREIGN = CotReceiverConfig(
    id="foreign", port=0, host="127.0.0.1", networks=(ip_network("10.9.0.0/16"),)
)
DEVICES = {"ANDROID-1": "xe-1", "CỨU HOẢ 2": "xe-2"}
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
BOMB = (
    b'<!DOCTYPE event [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<event version="2.0" uid="ANDROID-1" type="a-f-G">&b;</event>'
)
PING = b'<event version="2.0" uid="ANDROID-1-ping" type="t-x-c-t"><point lat="0" lon="0"/></event>'


def told(
    uid: str = "ANDROID-1",
    place: tuple[object, object] = HERE,
    at: float = NOW,
    callsign: str = "Tổ 1",
    kind: str = "a-f-G-U-C",
) -> bytes:
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return (
        f'<event version="2.0" uid="{uid}" type="{kind}" how="m-g" time="{moment}" '
        f'start="{moment}" stale="{moment}"><point lat="{place[0]}" lon="{place[1]}" hae="9" '
        f'ce="5" le="9999999"/><detail><contact callsign="{callsign}"/></detail></event>'
    ).encode()


def cut(*pieces: bytes) -> tuple[list[bytes], int]:
    cutter, events, dropped = CotCutter(), [], 0
    for piece in pieces:
        found, wrong = cutter.cut(piece)
        events += found
        dropped += wrong
    return events, dropped


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_events_are_cut_out_of_a_stream_however_it_is_split(size: int) -> None:
    first, second = told(), told("ANDROID-2")
    stream = HEAD + first + b"\n" + HEAD + second + first[:60]
    pieces = [stream[begin : begin + size] for begin in range(0, len(stream), size)]
    assert cut(*pieces) == ([first, second], 0)


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00\xff\xfe" * 5000,
        b"GET / HTTP/1.1\r\n\r\n</event>",
        b"<event " + b"x" * MOST_BYTES + b"</event>",
        b"<event " * 5000,
        told()[:-12],
    ],
)
def test_what_is_no_event_costs_itself_alone(junk: bytes) -> None:
    for pieces in ((junk + told(),), (junk, told()), (junk[:9000], junk[9000:] + told())):
        events, _ = cut(*pieces)
        assert events == [told()]


def test_an_event_that_is_too_long_is_counted_and_not_held() -> None:
    cutter = CotCutter()
    assert sum(cutter.cut(b"<event " + b"x" * 4000)[1] for _ in range(9)) == 0
    dropped = sum(cutter.cut(b"y" * 4000)[1] for _ in range(9))
    assert dropped >= 1
    assert cutter.cut(told())[0] == [told()]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (BOMB, "document type or entities"),
        (b'<event uid="x" type="a-f-G">&lol9;</event>', "no XML"),
        (b"<event><event></event>", "no XML"),
        (b"<event></event>", "no event of CoT"),
        (b'<event uid="x" type="a-f-G"></event>', "no point"),
        (told(place=("NaN", "NaN")), "cannot be"),
        (told(place=("inf", 105)), "cannot be"),
        (told(place=("", 105)), "no point"),
        (told(place=(91, 105)), "cannot be"),
        (told().replace(b'time="2', b'time="x'), "no time"),
        (told().replace(b"Z", b""), "no time"),
    ],
)
def test_an_event_that_cannot_be_used_is_refused_in_words(event: bytes, why: str) -> None:
    with pytest.raises(CotInvalid, match=why):
        read_event(event, NOW)


def test_the_time_is_the_events_own_and_never_after_now() -> None:
    assert read_event(told(at=NOW - 12.5), NOW).at == NOW - 12.5
    assert read_event(told(at=NOW + 7200), NOW).at == NOW
    event = read_event(told(), NOW)
    assert (event.uid, event.callsign, event.place) == ("ANDROID-1", "Tổ 1", HERE)


def test_a_marker_on_the_map_moves_no_vehicle() -> None:
    for kind in ("b-m-p-s-m", "a-h-G", "b-t-f", "t-x-c-t"):
        assert read_event(told(kind=kind), NOW).place is None
    assert read_event(PING, NOW).is_ping


def taken(centre: Centre, *events: bytes, units: dict[str, str]) -> tuple[Positions, CotResult]:
    told_to = Positions(centre)
    return told_to, receive_events(events, units, told_to.desk, NOW)


def place_of(positions: Positions, unit_id: str) -> Position | None:
    live = positions.desk.live(unit_id)
    return None if live is None else live.place


def test_each_event_is_judged_as_any_position_is(centre: Centre) -> None:
    positions, found = taken(
        centre,
        told(),
        told(place=(0.0, 0.0)),
        told(place=(13.75, 100.5)),
        told(place=(21.39, 105.85)),  # 40 km in no time
        told(at=NOW - 2 * 86_400),
        told(at=NOW - 60),
        BOMB,
        told("ANDROID-9"),
        told("xe-2"),  # not of the list of devices
        told("ANDROID-2", callsign="CỨU HOẢ 2", place=(21.04, 105.86)),
        units=DEVICES,
    )
    wrong = "a position that cannot be right: "
    assert found.refused == {
        f"{wrong}zero": 1,
        f"{wrong}abroad": 1,
        f"{wrong}jump": 1,
        f"{wrong}old": 1,
        "has a document type or entities": 1,
        UNKNOWN: 2,
    }
    assert (found.read, found.unknown) == (9, "xe-2 (Tổ 1)")
    assert place_of(positions, "xe-1") == HERE
    assert place_of(positions, "xe-2") == (21.04, 105.86)


def test_without_a_list_a_device_is_the_unit_that_is_called_as_it_is(centre: Centre) -> None:
    positions, found = taken(
        centre, told("xe-1"), told("ANDROID-2", callsign="xe-2"), told("ANDROID-3"), units={}
    )
    assert found.refused == {UNKNOWN: 1}
    assert (place_of(positions, "xe-1"), place_of(positions, "xe-2")) == (HERE, HERE)


@contextmanager
def listening(
    centre: Centre, *configs: CotReceiverConfig
) -> Iterator[tuple[Positions, CotReceivers]]:
    """A centre that hears TAK devices on free ports of this machine."""
    positions = Positions(centre)
    centre.site.replace(centre.site().model_copy(update={"cot_receivers": configs}))
    receivers = CotReceivers(centre.site, positions.desk, centre.clock.utc)
    receivers.start()
    try:
        yield positions, receivers
    finally:
        receivers.stop()
    until(lambda: not [one for one in threading.enumerate() if one.name.startswith("cot")])


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def test_a_device_tells_by_tcp_in_split_packets_and_its_ping_is_answered(centre: Centre) -> None:
    with listening(centre, TCP) as (positions, receivers):
        with connected(receivers.ports["tcp"]) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = b"junk" + BOMB + HEAD + told(at=NOW - 2) + told(place=(21.031, 105.85))
            for begin in range(0, len(stream), 300):
                line.sendall(stream[begin : begin + 300])
            line.sendall(PING)
            assert b"t-x-c-t-r" in line.recv(4096)
        assert place_of(positions, "xe-1") == (21.031, 105.85)
        positions.desk.flush()
        track = positions.kept.track("xe-1", NOW - 60, NOW + 60)
        assert track is not None
        assert [one.at for one in track] == [NOW - 2, NOW]
        assert receivers.refused == {"tcp: is no XML": 1}  # an entity that nothing defines


def test_datagrams_are_heard_too(centre: Centre) -> None:
    with listening(centre, UDP) as (positions, receivers):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.connect(("127.0.0.1", receivers.ports["udp"]))
            for body in (b"\xbf\x01\xbf junk", BOMB, told("xe-9"), told("xe-1") + told("xe-2")):
                line.send(body)
        until(lambda: place_of(positions, "xe-2"))
        assert place_of(positions, "xe-1") == HERE
        refused = {"udp: is no event, or too long": 1, "udp: is no XML": 1, f"udp: {UNKNOWN}": 1}
        until(lambda: receivers.refused == refused)  # counted once a batch is read whole


def test_junk_ends_its_connection_and_holds_up_no_device(centre: Centre) -> None:
    with listening(centre, TCP) as (positions, receivers):
        port = receivers.ports["tcp"]
        with connected(port) as line, suppress(ConnectionError):
            line.sendall(b"<event></event>" * MOST_JUNK)
            assert line.recv(1) == b""
        with connected(port) as silent, connected(port) as line:
            silent.sendall(b"<event ")
            line.sendall(told())
            until(lambda: place_of(positions, "xe-1"))
        assert receivers.refused == {"tcp: is no event of CoT": MOST_JUNK}


def test_who_stands_outside_of_the_networks_is_not_heard(centre: Centre) -> None:
    datagrams = FOREIGN.model_copy(update={"id": "foreign-udp", "protocol": "udp"})
    with listening(centre, FOREIGN, datagrams) as (positions, receivers):
        with connected(receivers.ports["foreign"]) as line, suppress(ConnectionError):
            line.sendall(told("xe-1"))
            assert line.recv(1) == b""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(told("xe-1"), ("127.0.0.1", receivers.ports["foreign-udp"]))
        until(lambda: len(receivers.refused) == 2)
        assert positions.desk.live("xe-1") is None


def test_a_device_that_says_too_much_is_cut_short(centre: Centre) -> None:
    flood = b"<event></event>" * (MOST_EVENTS_S + 1)
    with listening(centre, UDP) as (_, receivers):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(flood, ("127.0.0.1", receivers.ports["udp"]))
        until(lambda: receivers.refused)
        why = f"udp: beyond {MOST_EVENTS_S} a second of one sender"
        assert receivers.refused == {why: MOST_EVENTS_S + 1}


def test_a_receiver_names_whom_it_hears(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="networks"):
        CotReceiverConfig.model_validate({"id": "tak", "port": 8087, "networks": []})
    path = tmp_path / "thapcanh.toml"
    path.write_text(
        '[[cot_receivers]]\nid = "tak"\nport = 8087\nnetworks = ["10.9.0.0/16"]\n'
        'units = { "ANDROID-1" = "xe-1" }\n[[cot_receivers]]\nid = "open"\nport = 8088\n',
        encoding="utf-8",
    )
    loaded = load_site(path, environ={})
    (receiver,) = loaded.site_or_raise().cot_receivers
    assert (receiver.networks, receiver.units) == (
        (ip_network("10.9.0.0/16"),),
        {"ANDROID-1": "xe-1"},
    )
    assert ["cot_receivers[1].networks" in str(one) for one in loaded.problems] == [True]
