"""Of a panel's frame only what is sealed is believed: whose it is, of when, and that it is new."""

from pathlib import Path

import pytest

from tests.app.signals.panel_frames import (
    PLAIN,
    SEALED,
    ciphertext,
    framed,
    plain,
    readdressed,
    sealed,
    stamp,
)
from tests.app.signals.test_panels import asked, listening
from tests.app.web_api.centre import NOW, Centre
from thapcanh.alerts.signals.signal_schema import SignalKind
from thapcanh.app.signals.panels.sia_dc09 import SiaDecoder

DAY_S = 86400.0
OWN_KEY = SEALED.model_copy(update={"account": "1234"})


def test_a_sealed_restore_sent_on_under_another_account_does_not_end_that_panels_fire(
    centre: Centre, tmp_path: Path
) -> None:
    with listening(centre, tmp_path) as (signals, receivers):
        port = receivers.ports["aes"]
        fire = sealed("#5678|Nri1/FA501", account="5678")
        assert b"ACK" in asked(port, fire)
        restored = sealed("#1234|Nri1/FR501")
        assert b"NAK" in asked(port, readdressed(restored, "5678"))
        (alert,) = signals.arrive()
        assert alert.condition == "active"
        assert b"ACK" in asked(port, sealed("#5678|Nri1/FR501", account="5678"))
        assert [one.condition for one in signals.arrive()] == ["cleared"]


def test_a_sealed_frame_that_names_no_account_is_nobodys() -> None:
    nameless = sealed("Nri1/FA501")
    assert "names no account" in (SiaDecoder(SEALED).decode(nameless, NOW).why or "")
    (signal,) = SiaDecoder(OWN_KEY).decode(nameless, NOW).signals
    assert signal.account == "1234"
    other = SiaDecoder(OWN_KEY).decode(readdressed(nameless, "5678"), NOW)
    assert "not the one of this receiver" in (other.why or "")


def test_the_same_sealed_text_under_other_numbers_is_the_same_signal(
    centre: Centre, tmp_path: Path
) -> None:
    with listening(centre, tmp_path) as (signals, receivers):
        frame = sealed()
        for seq in range(1, 5):
            told = asked(receivers.ports["aes"], readdressed(frame, "1234", seq))
            assert f'"*ACK"{seq:04d}'.encode() in told
        (alert,) = signals.arrive()
        assert alert.detections == 1


def test_a_link_test_keeps_only_its_own_panel_alive() -> None:
    """It names no account inside: a copy of one panel's would hide that another is silent."""
    decoder = SiaDecoder(SEALED)
    frame = sealed("", kind="NULL")
    assert decoder.decode(frame, NOW).signals[0].account == "1234"
    copied = decoder.decode(readdressed(frame, "5678"), NOW)
    assert "came before for another account" in (copied.why or "")
    again = decoder.decode(readdressed(frame, "1234", seq=3), NOW + 5)
    assert [one.kind for one in again.signals] == [SignalKind.HEARTBEAT]
    own = sealed("#0000|0000 00 000", kind="NULL", account="5678", pad="x")  # as one maker sends it
    assert decoder.decode(own, NOW).signals[0].account == "5678"


def test_a_sealed_text_of_which_a_block_was_changed_is_refused() -> None:
    """In CBC a wrong block changes the next one as the forger likes."""
    decoder = SiaDecoder(SEALED)
    text = f"|#1234|Nri1/FA5010000]{stamp(NOW)}"
    text = text.replace("]", "0" * (-len(text) % 16) + "]", 1)
    true = ciphertext(text)
    assert len(true) == 2 * (len(text) + 16)  # the first block is padding alone
    assert decoder.decode(framed(f'"*SIA-DCS"0001L0#1234[{true}'), NOW).signals
    block = bytearray.fromhex(true)
    block[2] ^= ord("1") ^ ord("9")  # the first figure of the account in the next block
    forged = framed(f'"*SIA-DCS"0001L0#9234[{block.hex().upper()}')
    found = decoder.decode(forged, NOW)
    assert found.signals == ()
    assert "was changed" in (found.why or "")


@pytest.mark.parametrize("off_s", [-30 * DAY_S, 400 * DAY_S, -41.0, 21.0])
def test_a_sealed_frame_of_another_time_is_refused_with_our_time(off_s: float) -> None:
    found = SiaDecoder(SEALED).decode(sealed(at=NOW + off_s), NOW)
    assert found.signals == ()
    assert b'"NAK"' in found.answer
    assert b"_" in found.answer


@pytest.mark.parametrize(
    ("off_s", "words"), [(-30 * DAY_S, "dated 2592000 s back"), (400 * DAY_S, "dated 34560000 s")]
)
def test_a_plain_fire_of_another_time_is_of_now_and_says_how_it_was_dated(
    centre: Centre, tmp_path: Path, off_s: float, words: str
) -> None:
    with listening(centre, tmp_path) as (signals, receivers):
        assert b"ACK" in asked(receivers.ports["tcp"], plain(at=stamp(NOW + off_s)))
        (alert,) = signals.arrive()
        assert words in alert.reason
        assert alert.raised_at == pytest.approx(NOW)


@pytest.mark.parametrize("year", ["1970", "1999", "9999", "0000"])
def test_a_fire_of_a_panel_whose_clock_is_of_another_age_is_not_lost(
    centre: Centre, tmp_path: Path, year: str
) -> None:
    """The panel was not answered at all, and its connection ended."""
    with listening(centre, tmp_path) as (signals, receivers):
        assert b"ACK" in asked(receivers.ports["tcp"], plain(at=f"_00:00:01,01-01-{year}"))
        assert len(signals.arrive()) == 1


def test_a_clock_that_stands_still_makes_another_fire_no_repetition() -> None:
    """After each loss of power the panel began anew: same time, same number, another fire."""
    decoder = SiaDecoder(PLAIN)
    frame = plain(at="_00:00:00,01-01-2000")
    first, again, later = (
        decoder.decode(frame, at).signals[0].key for at in (NOW, NOW + 1, NOW + 40 * DAY_S)
    )
    assert first == again != later
    dated = plain(at=stamp(NOW))
    assert decoder.decode(dated, NOW).signals[0].key == (
        decoder.decode(dated, NOW + 40 * DAY_S).signals[0].key
    )


def test_when_an_event_happened_is_read_from_inside_the_frame() -> None:
    data = f"#1234|Nri1/FA501][H{stamp(NOW - 300)[1:]}"
    (signal,) = SiaDecoder(SEALED).decode(sealed(data), NOW).signals
    assert signal.at.timestamp() == NOW - 300
