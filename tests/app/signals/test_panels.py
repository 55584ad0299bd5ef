"""SIA DC-09: frames made by hand, right ones and wrong ones, over TCP and UDP."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from tests.app.signals.panel_frames import DATAGRAMS, PLAIN, SEALED, framed, plain, sealed, stamp
from tests.app.signals.test_signals_api import Signals
from tests.app.web_api.centre import NOW, Centre
from tests.patience import PATIENCE_S
from thapcanh.alerts.signals.signal_schema import SignalKind
from thapcanh.app.signals.panels.panel_make import PanelMake
from thapcanh.app.signals.panels.panel_makes import FINDER, panel_makes
from thapcanh.app.signals.panels.panel_receiver import MOST_JUNK
from thapcanh.app.signals.panels.panel_receivers import PanelReceivers
from thapcanh.app.signals.panels.sia_dc09 import SiaDecoder
from thapcanh.config.devices import DeviceConfig, PanelReceiverConfig


@pytest.mark.parametrize(
    ("data", "kind", "restores", "place"),
    [
        ("Nri1/FA501", SignalKind.FIRE, None, "zone 501 of area 1"),
        ("Nri1/FR501", SignalKind.RESTORED, SignalKind.FIRE, "zone 501 of area 1"),
        ("Nri2/FT000", SignalKind.FAULT, None, "area 2"),
        ("Nri0/TA12", SignalKind.TAMPER, None, "zone 12"),
        ("Nri0/FS3", SignalKind.SUPERVISORY, None, "zone 3"),
        ("Nri0/RP00", SignalKind.HEARTBEAT, None, None),
    ],
)
def test_codes_are_kinds(
    data: str, kind: SignalKind, restores: SignalKind | None, place: str | None
) -> None:
    for config, frame in ((PLAIN, plain(data)), (SEALED, sealed(f"#1234|{data}"))):
        (signal,) = SiaDecoder(config).decode(frame, NOW).signals
        assert (signal.account, signal.kind, signal.restores) == ("1234", kind, restores)
        assert signal.place == place


def test_contact_id_inside_the_frame_is_read_too() -> None:
    frame = framed('"ADM-CID"0007L0#1234[#1234|1110 00 129]')
    (signal,) = SiaDecoder(PLAIN).decode(frame, NOW).signals
    assert (signal.kind, signal.place) == (SignalKind.FIRE, "zone 129")


@pytest.mark.parametrize(
    ("config", "frame", "why"),
    [
        (PLAIN, plain().replace(b"FA", b"FT"), "CRC"),
        (PLAIN, plain().replace(b"0026", b"0027"), "length"),
        (PLAIN, sealed(), "has no key"),
        (PLAIN, framed('"SIA-DCS"0001L0[Nri1/FA501]'), "account"),
        (PLAIN, plain("Nri1/BA501"), "not of a fire panel"),
        (PLAIN, b"GET / HTTP/1.1", "no SIA"),
        (PLAIN, b"\xff\xfe\x00" * 100, "no SIA"),
        (PLAIN, b"A" * 5000, "no frame"),
        (SEALED, plain(), "is plain"),
        (SEALED, sealed(key="0" * 16), "key"),
        (SEALED, sealed(at=NOW - 60), "old"),
        (SEALED, sealed(at=NOW + 60), "old"),
        (SEALED, framed('"*SIA-DCS"0001L0#1234[zz'), "cannot be read"),
    ],
)
def test_a_wrong_frame_is_refused_and_named(
    config: PanelReceiverConfig, frame: bytes, why: str
) -> None:
    found = SiaDecoder(config).decode(frame, NOW)
    assert found.signals == ()
    assert why in (found.why or "")
    assert b"NAK" in found.answer or b"DUH" in found.answer


def test_ten_thousand_frames_of_junk_raise_nothing() -> None:
    decoder = SiaDecoder(SEALED)
    right = sealed()
    for number in range(10_000):
        junk = bytearray(right)
        junk[number % len(junk)] ^= 1 + number % 255
        is_same = junk.strip(b"\r\n\0 ") == right.strip()
        assert is_same or decoder.decode(bytes(junk), NOW).signals == ()


def test_a_make_that_nobody_has_is_told_once(
    centre: Centre, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = PLAIN.model_copy(update={"make": "nobody"})
    with listening(centre, tmp_path) as (_, receivers):
        for _ in range(3):  # as often as the configuration is looked at
            assert receivers._receiver(unknown) is None
        assert receivers._receiver(unknown.model_copy(update={"id": "other"})) is None
    assert caplog.text.count("there is no make 'nobody'") == 2, "once a receiver"


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValidationError, match="16, 24 or 32"):
        PanelReceiverConfig(id="x", port=0, key=SecretStr("short"))


@contextmanager
def listening(centre: Centre, folder: Path) -> Iterator[tuple[Signals, PanelReceivers]]:
    """A centre whose receivers listen on free ports of this machine."""
    signals = Signals(centre, folder)
    panels = (
        DeviceConfig(id="panel-17", name="Tủ", account="1234"),
        DeviceConfig(id="panel-18", name="Tủ bên", account="5678"),
    )
    update = {"devices": panels, "receivers": (PLAIN, SEALED, DATAGRAMS)}
    centre.site.replace(centre.site().model_copy(update=update))
    receivers = PanelReceivers(centre.site, signals.desk, centre.clock.utc)
    receivers.start()
    try:
        yield signals, receivers
    finally:
        receivers.stop()
        signals.spool.close()


def asked(port: int, *frames: bytes) -> bytes:
    """What a receiver answers on one connection, until it ends it or has answered all."""
    told = b""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line,
        suppress(ConnectionError),  # ended, with bytes of ours unread
    ):
        for frame in frames:
            line.sendall(frame)
            answer = b""
            while not answer.endswith(b"\r"):
                piece = line.recv(4096)
                if not piece:
                    return told
                answer += piece
            told += answer
    return told


def test_a_panel_that_calls_is_answered_once_its_signal_is_saved(
    centre: Centre, tmp_path: Path
) -> None:
    with listening(centre, tmp_path) as (signals, receivers):
        assert b'"ACK"0001L0#1234' in asked(receivers.ports["tcp"], plain())
        assert len(signals.arrive()) == 1
        replayed = sealed("#1234|Nri2/FA7")
        twice = asked(receivers.ports["aes"], replayed, replayed)
        assert twice.count(b'"*ACK"') == 2
        (alert,) = signals.arrive()
        assert alert.detections == 2  # the plain one and the sealed one; the replay is no third
        unknown = asked(receivers.ports["tcp"], plain(account="9999"))
        assert b"NAK" in unknown


def test_a_plain_frame_whose_answer_was_lost_is_answered_again_and_counted_once(
    centre: Centre, tmp_path: Path
) -> None:
    """It has no time of its own: our clock, which went on, makes it no other signal."""
    with listening(centre, tmp_path) as (signals, receivers):
        for _ in range(3):
            assert b'"ACK"0001L0#1234' in asked(receivers.ports["tcp"], plain())
            centre.clock.at += 5
        (alert,) = signals.arrive()
        assert alert.detections == 1


def test_datagrams_are_answered_too(centre: Centre, tmp_path: Path) -> None:
    with listening(centre, tmp_path) as (signals, receivers):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(PATIENCE_S)
            line.sendto(plain(), ("127.0.0.1", receivers.ports["udp"]))
            assert b"ACK" in line.recv(4096)
        assert [one.kind for one in signals.arrive()] == ["fire"]


def test_junk_ends_its_connection_and_holds_up_no_panel(
    centre: Centre, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(centre, tmp_path) as (signals, receivers):
        port = receivers.ports["tcp"]
        told = asked(port, *(b"junk %d\r" % number for number in range(100)))
        assert told.count(b"NAK") == MOST_JUNK
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
            line.sendall(b"x" * 100_000)
            assert b"ACK" in asked(port, plain())
        assert len(signals.arrive()) == 1
        is_logged = f"{MOST_JUNK} frames were refused" in caplog.text  # and counted anew since
        assert is_logged or sum(receivers.refused.values()) >= MOST_JUNK


def test_a_signal_that_cannot_be_saved_is_not_answered(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from thapcanh.alerts.store.errors import SpoolFull

    def full(*_: object, **__: object) -> None:
        raise SpoolFull("no room")

    with listening(centre, tmp_path) as (signals, receivers):
        with monkeypatch.context() as patch:
            patch.setattr(signals.spool, "append_all", full)
            assert asked(receivers.ports["tcp"], plain()) == b""
        assert b"ACK" in asked(receivers.ports["tcp"], plain())
        assert len(signals.arrive()) == 1


def test_pysiaalarms_own_receiver_answers_a_frame_as_ours_does(
    centre: Centre, tmp_path: Path
) -> None:
    from pysiaalarm import SIAAccount, SIAEvent
    from pysiaalarm.aio import SIAClient

    body = f'"SIA-DCS"0001R1L0#1234[#1234|Nri1/FA501]{stamp(NOW)}'
    frame, heard = framed(body), []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def theirs() -> bytes:
        async def hear(event: SIAEvent) -> None:
            heard.append(event.code)

        account = SIAAccount("1234", allowed_timeband=None)
        async with SIAClient("127.0.0.1", port, [account], function=hear):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(frame)
            answer = await reader.readuntil(b"\r")
            writer.close()
            return answer

    told = asyncio.run(theirs())
    assert heard == ["FA"]
    with listening(centre, tmp_path) as (_, receivers):
        assert asked(receivers.ports["tcp"], frame) == told


def test_makes_are_found_and_a_broken_one_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "sia_dc09" in panel_makes()
    other = PanelMake(name="other", decoder=SiaDecoder)
    points = [
        EntryPoint(name="broken", value="no.such.module:MAKE", group="thapcanh.panels"),
        EntryPoint(
            name="wrong", value="thapcanh.app.signals.panels.sia_dc09:MOST_BYTES", group="x"
        ),
        EntryPoint(name="right", value="thapcanh.app.signals.panels.sia_dc09:MAKE", group="x"),
    ]
    assert sorted(FINDER.collected([other], points).by_name) == ["other", "sia_dc09"]
