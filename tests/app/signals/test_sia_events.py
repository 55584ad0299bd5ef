"""DC-03 event blocks as makers' manuals and their panels have them, and what an officer reads."""

import re
from pathlib import Path

import pytest

from tests.app.signals.panel_frames import PLAIN, SEALED, framed, plain, sealed
from tests.app.signals.test_panels import asked, listening
from tests.app.web_api.centre import NOW, Centre
from thapcanh.alerts.signals.device_events import reason_of
from thapcanh.alerts.signals.signal_schema import SignalKind
from thapcanh.app.signals.panels.sia_content import read_content
from thapcanh.app.signals.panels.sia_dc09 import CODES, SiaDecoder

ROOT = Path(__file__).parents[3]
SCREENS = ROOT / "app/web/src"

# By maker and its paper: the data of a frame, and its fire alarms: place, text of the panel.
MANUALS: dict[str, tuple[str, list[tuple[str, str | None]]]] = {
    "Eaton i-on Style, ARC communication formats, SIA 2": (
        "Nti10:15/ri4/FA2",
        [("zone 2 of area 4", None)],
    ),
    "Eaton i-on Style, extended SIA 3": (
        "Nti10:15/ri4/FA2/AFire Zone 2",
        [("zone 2 of area 4", "Fire Zone 2")],
    ),
    "Eaton i-on Style, extended SIA 3 V2": (
        "Nti10:15|ri4|FA2|AFire Zone 2",
        [("zone 2 of area 4", "Fire Zone 2")],
    ),
    "Radionics D6500, computer interface manual, example 1": ("NFA100", [("zone 100", None)]),
    "Radionics D6500, example 2: no slash behind an id": (
        "Nri3/id001FA048",
        [("zone 48 of area 3", None)],
    ),
    "Bosch D6600, X-SIA text": (
        "NFA0012*'SMOKE LOBBY/2'NM/FA0013*'KITCHEN'NM",
        [("zone 12", "SMOKE LOBBY/2"), ("zone 13", "KITCHEN")],
    ),
    "DSC, SIA level 2: more events of the area": (
        "Nri01/FA01/FA12",
        [("zone 1 of area 1", None), ("zone 12 of area 1", None)],
    ),
    "Satel ETHM-1, a module": ("Npi5/FA", [("module 5", None)]),
    "Satel Perfecta, a user before the code": ("Nri2/id15/FA", [("area 2", None)]),
    "Honeywell Galaxy, a text between carets": (
        "Nri01/FA1023^BOILER ROOM^",
        [("zone 1023 of area 1", "BOILER ROOM")],
    ),
    "zones and codes in one block": (
        "Nri1/FA08/FA09",
        [("zone 8 of area 1", None), ("zone 9 of area 1", None)],
    ),
    "a number alone is one more zone": (
        "Nri1/FA08/09",
        [("zone 8 of area 1", None), ("zone 9 of area 1", None)],
    ),
    "an area holds until the next one": (
        "Nri1/FA8/ri2/FA8",
        [("zone 8 of area 1", None), ("zone 8 of area 2", None)],
    ),
    "an old event": ("Ori1/FA8", [("zone 8 of area 1", None)]),
    "text in data of its own": (
        "Nri1/FA8][RKho hàng][ITầng 3",
        [("zone 8 of area 1", "Kho hàng, Tầng 3")],
    ),
    "what is of no fire panel beside it": ("Nri1/OP2/FA8", [("zone 8 of area 1", None)]),
}


@pytest.mark.parametrize("maker", MANUALS)
def test_a_frame_of_a_makers_manual_is_read_to_its_last_zone_and_text(maker: str) -> None:
    data, alarms = MANUALS[maker]
    frames = (PLAIN, plain(data)), (SEALED, sealed(f"#1234|{data}"))
    for config, frame in frames:
        found = SiaDecoder(config).decode(frame, NOW)
        assert found.why is None
        assert {(one.kind, one.restores) for one in found.signals} == {(SignalKind.FIRE, None)}
        told = [(one.place, one.value) for one in found.signals]
        assert told == [(place, f"SIA FA: {text}" if text else "SIA FA") for place, text in alarms]
        assert len({one.key for one in found.signals}) == len(alarms)


@pytest.mark.parametrize(
    ("data", "kind", "place"),
    [
        ("Npi0/AT", SignalKind.FAULT, None),  # Satel: no mains, and no text that begins with A
        ("Nri1/LT2", SignalKind.FAULT, "line 2 of area 1"),
        ("Nri0/ET003", SignalKind.FAULT, "module 3"),
        ("Nri0/YT00", SignalKind.FAULT, None),
        ("0|NRP", SignalKind.HEARTBEAT, None),  # AlphaVision
        ("NFG7", SignalKind.FIRE, "zone 7"),
    ],
)
def test_a_number_is_what_the_documents_table_says_of_its_code(
    data: str, kind: SignalKind, place: str | None
) -> None:
    (signal,) = SiaDecoder(PLAIN).decode(plain(data), NOW).signals
    assert (signal.kind, signal.place) == (kind, place)


def test_contact_id_has_its_partition_and_text_too() -> None:
    frame = framed('"ADM-CID"0007L0#1234[#1234|1110 02 029][RKitchen][IuserName]')  # as Dahua's
    (signal,) = SiaDecoder(PLAIN).decode(frame, NOW).signals
    assert (signal.place, signal.value) == ("zone 29 of area 2", "SIA FA: Kitchen, userName")


def test_a_plain_frame_is_of_the_account_of_its_header() -> None:
    """Satel writes zeros inside."""
    (signal,) = SiaDecoder(PLAIN).decode(framed('"SIA-DCS"0097L0#1234[#0000|NFA1]'), NOW).signals
    assert signal.account == "1234"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_text_with_other_letters_does_not_lose_the_fire(encoding: str) -> None:
    body = '"SIA-DCS"0001L0#1234[#1234|Nri1/FA8|ACafé]'.encode(encoding)
    (signal,) = SiaDecoder(PLAIN).decode(framed(body), NOW).signals
    assert signal.value == "SIA FA: Café"


def test_each_zone_of_a_frame_is_told_and_the_last_restored_ends_the_fire(
    centre: Centre, tmp_path: Path
) -> None:
    """The second zone stood in the name of the first, and was restored with it."""
    with listening(centre, tmp_path) as (signals, receivers):
        port = receivers.ports["tcp"]
        assert b"ACK" in asked(port, plain("Nri1/FA08/FA09|AKitchen"))
        (alert,) = signals.arrive()
        assert "zone 9 of area 1" in alert.reason
        assert "also zone 8 of area 1" in alert.reason
        asked(port, plain("Nri1/FR08", seq=2))
        assert [one.condition for one in signals.arrive()] == ["active"]
        asked(port, plain("Nri1/FR09", seq=3))
        assert [one.condition for one in signals.arrive()] == ["cleared"]


def test_a_panels_text_adds_nothing_to_what_the_machine_says() -> None:
    """` · ` parts the machine's own words: a text could say that cameras see nothing."""
    words = reason_of("zone 8", "SIA FA: x · seen by none of 9 cameras at 14:05", 0)
    assert words.split(" · ") == [
        "device signal: zone 8",
        "value SIA FA: x, seen by none of 9 cameras at 14:05",
    ]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_code_that_is_taken_has_words_on_screens(language: str) -> None:
    text = (SCREENS / f"i18n/{language}/panels.ts").read_text(encoding="utf-8")
    worded = set(re.findall(r"^  ([A-Z]{2}): '", text, re.MULTILINE))
    loud = {code for code, kind in CODES.items() if kind not in ("heartbeat", "test")}
    assert len(loud) > 40
    assert worded == loud


def test_junk_between_the_brackets_raises_nothing() -> None:
    for number in range(2000):
        text = "".join(chr((number * 7919 + place * 104729) % 256) for place in range(60))
        for kind in ("SIA-DCS", "ADM-CID", "NULL"):
            read_content(f"|{text}]", kind, is_sealed=bool(number % 2))
    deep = read_content("#1234|N" + "ri1" * 600 + "FA8]", "SIA-DCS", is_sealed=False)
    assert deep is not None
    assert [one.place for one in deep.events] == ["zone 8 of area 1"]
