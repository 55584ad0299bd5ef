"""The wire form: every event travels whole, small, and as the published schema says."""

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.queue.fake_events import fake_event, fake_message
from thapcanh.alerts.queue.message import (
    EvidenceKind,
    EvidenceRef,
    Message,
    decode,
    encode,
    entry_bytes,
)
from thapcanh.alerts.queue.message_schema import MAX_ENTRY_BYTES, schema_text
from thapcanh.alerts.store.errors import WireError
from thapcanh.detection.event import Event, EventPhase

PUBLISHED = Path(__file__).parents[3] / "alerts" / "schema" / "event.v1.json"

ids = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
hashes = st.from_regex(r"\A[0-9a-f]{64}\Z")
shares = st.floats(0, 1)
times = st.floats(0, 4e9)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)

events = st.builds(
    Event,
    id=st.uuids().map(str),
    event_id=st.uuids().map(str),
    phase=st.sampled_from(EventPhase),
    kind=st.sampled_from(["fire", "smoke", "intrusion", "arc"]),
    camera_id=ids,
    rule_id=ids,
    rule_version=st.integers(0, 10**6),
    call=st.none() | st.from_regex(r"\A[0-9]{3}-[0-9]{4,6}\Z"),
    zone_id=st.none() | ids,
    priority=st.integers(1, 3),
    box=st.tuples(shares, shares, shares, shares),
    confidence=shares,
    label=texts,
    track_id=st.none() | st.integers(0, 2**31),
    model_name=texts,
    model_sha256=hashes,
    at_s=times,
    captured_at=times,
    inferred_at=times,
    reason=texts,
    unchecked=st.booleans(),
    belief=st.none() | shares.map(lambda share: round(share, 4)),
    reasons=st.dictionaries(ids, st.floats(-20, 20), max_size=13).map(lambda of: tuple(of.items())),
)
refs = st.builds(
    EvidenceRef,
    kind=st.sampled_from(EvidenceKind),
    path=st.sampled_from(["a.jpg", "clip.mp4", "manifest.json"]).map(
        lambda name: f"2026/11/24/camera/event/{name}"
    ),
    sha256=hashes,
    bytes=st.integers(0, 10**9),
)
messages = st.builds(
    Message,
    event=events,
    source=ids,
    producer_epoch=st.integers(1, 10**17),
    producer_seq=st.integers(1, 10**12),
    spooled_at=times,
    evidence=st.lists(refs, max_size=4).map(tuple),
    evidence_error=st.none() | texts,
    evidence_only=st.booleans(),
)


FORM: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
DATA_FORM: dict[str, Any] = FORM["properties"]["data"]["contentSchema"]
ENTRY_VALIDATOR = jsonschema.Draft202012Validator(FORM)
DATA_VALIDATOR = jsonschema.Draft202012Validator(DATA_FORM)


@pytest.mark.parametrize("form", [FORM, DATA_FORM])
def test_the_published_schema_is_a_schema(form: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(form)


def test_the_published_schema_refuses_what_is_not_an_event() -> None:
    entry = encode(fake_message())
    assert not ENTRY_VALIDATOR.is_valid({**entry, "type": "thapcanh.event.raised.v2"})
    assert not DATA_VALIDATOR.is_valid({**json.loads(entry["data"]), "priority": 9})


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


@given(messages)
def test_every_message_is_small_and_valid_by_the_published_schema(message: Message) -> None:
    entry = encode(message)
    ENTRY_VALIDATOR.validate(entry)
    DATA_VALIDATOR.validate(json.loads(entry["data"]))
    assert entry_bytes(entry) <= MAX_ENTRY_BYTES
    assert all(isinstance(value, str) for value in entry.values())


@given(messages)
def test_what_comes_back_is_what_was_sent_but_for_long_texts(message: Message) -> None:
    back = decode(encode(message))
    sent = message.event
    for name in Event.__dataclass_fields__:
        if name not in ("label", "model_name", "reason"):
            assert getattr(back.event, name) == getattr(sent, name)
    assert sent.reason.startswith(back.event.reason)
    assert (back.source, back.producer_epoch, back.producer_seq, back.spooled_at) == (
        message.source,
        message.producer_epoch,
        message.producer_seq,
        message.spooled_at,
    )
    assert back.evidence == message.evidence
    assert back.evidence_only == message.evidence_only


def test_an_ordinary_message_comes_back_unchanged() -> None:
    message = fake_message(7, reason="5 of 8 looks · đang lớn")
    assert decode(encode(message)) == message


def test_the_longest_names_still_fit() -> None:
    long = "x" * 64
    files = tuple(
        EvidenceRef(
            kind=kind,
            path=f"2026/11/24/{long}/01a2107d-b50f-78ce-96ce-1f1e07d9eb3e/{kind}.json",
            sha256="f" * 64,
            bytes=10**9,
        )
        for kind in list(EvidenceKind)[:4]
    )
    event = fake_event(
        camera_id=long,
        rule_id=long,
        zone_id=long,
        label="ạ" * 400,
        model_name="ạ" * 400,
        reason="ạ" * 4000,
        id="01a2107d-b50f-78ce-96ce-1f1e07d9eb3e",
        event_id="01a2107d-b50f-78ce-96ce-1f1e07d9eb3e",
        box=(1 / 3, 1 / 3, 1 / 3, 1 / 3),
        confidence=1 / 3,
    )
    entry = encode(fake_message(10**12, event, source=long, evidence=files))
    assert entry_bytes(entry) <= MAX_ENTRY_BYTES
    assert len(decode(entry).evidence) == 4


@pytest.mark.parametrize(
    ("box", "confidence"),
    [((-0.001, 0.5, 1.0001, 0.5), 1.0000001), ((math.nan, 0.0, 0.1, 0.1), math.nan)],
)
def test_a_rounding_error_never_makes_an_event_unreadable(
    box: tuple[float, float, float, float], confidence: float
) -> None:
    back = decode(encode(fake_message(box=box, confidence=confidence)))
    assert all(0 <= value <= 1 for value in (*back.event.box, back.event.confidence))


def test_numbers_of_numpy_travel_as_numbers() -> None:
    message = fake_message(
        box=tuple(np.array([0.5, 0.5, 0.25, 0.25], np.float32)),
        confidence=np.float32(0.5),
        track_id=np.int64(7),
        at_s=np.float64(1.5),
    )
    back = decode(encode(message)).event
    assert (back.box, back.confidence, back.track_id, back.at_s) == (
        (0.5, 0.5, 0.25, 0.25),
        0.5,
        7,
        1.5,
    )


def test_names_that_a_newer_worker_adds_are_ignored() -> None:
    entry = encode(fake_message())
    data = {**json.loads(entry["data"]), "humidity": 0.4}
    assert decode({**entry, "data": json.dumps(data), "extra": "x"}) == decode(entry)


@pytest.mark.parametrize(
    "change",
    [
        {"data": "not json"},
        {"data": "[]"},
        {"type": "thapcanh.event.raised.v2"},
        {"producer_seq": "-1"},
        {"producer_seq": "seven"},
        {"id": ""},
        {"subject": "x" * 65},
        {"time": "yesterday"},
    ],
)
def test_what_is_not_an_event_is_named(change: dict[str, str]) -> None:
    with pytest.raises(WireError, match="not an event"):
        decode({**encode(fake_message()), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"priority": 0},
        {"box": [0, 0, 2, 1]},
        {"box": [0, 0, 1]},
        {"confidence": "high"},
        {"unchecked": "no"},
        {"evidence": {"folder": "../../etc", "files": []}},
        {"evidence": {"folder": "/etc", "files": []}},
        {
            "evidence": {
                "folder": "a",
                "files": [{"kind": "clip", "name": "../b", "sha256": "0" * 64, "bytes": 1}],
            }
        },
    ],
)
def test_data_out_of_form_is_named(change: dict[str, Any]) -> None:
    entry = encode(fake_message())
    data = {**json.loads(entry["data"]), **change}
    with pytest.raises(WireError):
        decode({**entry, "data": json.dumps(data)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rule_version", 2**70),
        ("track", 2**70),
        ("captured_at", 1e300),
        ("captured_at", -1.0),
        ("inferred_at", 1e12),
        ("spooled_at", -1e300),
        ("at_s", 1e300),
    ],
)
def test_a_number_that_cannot_be_stored_or_shown_is_refused(name: str, value: float) -> None:
    """SQLite's driver does not take it, and no clock shows it: it stopped the centre's intake."""
    entry = encode(fake_message())
    data = {**json.loads(entry["data"]), name: value}
    with pytest.raises(WireError, match=name):
        decode({**entry, "data": json.dumps(data)})


def test_belief_and_its_reasons_travel() -> None:
    told = fake_message(belief=0.1824, reasons=(("wide", -1.67), ("sureness", 1.25)))
    data = json.loads(encode(told)["data"])
    assert (data["belief"], data["reasons"]) == (0.1824, {"wide": -1.67, "sureness": 1.25})
    assert decode(encode(told)) == told


def test_a_worker_that_tells_no_belief_is_understood() -> None:
    entry = encode(fake_message())
    assert not {"belief", "reasons"} & set(json.loads(entry["data"]))
    assert decode(entry).event.belief is None


def test_a_belief_that_is_none_is_refused() -> None:
    entry = encode(fake_message(belief=0.5))
    data = {**json.loads(entry["data"]), "belief": 1.5}
    assert not DATA_VALIDATOR.is_valid(data)
    with pytest.raises(WireError, match="belief"):
        decode({**entry, "data": json.dumps(data)})


def test_reasons_that_cannot_be_stored_are_brought_into_range() -> None:
    """An event matters more than its figures: it must never be refused for them."""
    wild = (("", math.nan), ("x" * 90, 1e9), *((f"r{number}", -1e9) for number in range(40)))
    entry = encode(fake_message(belief=0.5, reasons=wild))
    reasons = dict(decode(entry).event.reasons)
    assert set(reasons.values()) == {0.0, 100.0, -100.0}
    assert len(reasons) == 32
