"""The hash chain: any change, removal or insertion is named at its first place."""

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest

from thapcanh.alerts.store.action_log import (
    FIRST_PREVIOUS,
    SEALED,
    LogRow,
    entry_hash,
    verify_chain,
)


def chain(length: int) -> list[LogRow]:
    rows: list[LogRow] = []
    previous = FIRST_PREVIOUS
    for seq in range(1, length + 1):
        fields = {
            "seq": seq,
            "at": 1000.1 * seq,
            "actor": "an",
            "role": "operator",
            "action": "acknowledge",
            "object_id": "alert-1",
            "reason": None,
            "note": "khói bếp",
            "details": '{"why": "taken"}',
        }
        seal = entry_hash(fields, previous)
        rows.append(LogRow(**fields, prev_hash=previous, hash=seal))  # type: ignore[arg-type]
        previous = seal
    return rows


class Log:
    def __init__(self, rows: list[LogRow], head: tuple[int, str]) -> None:
        self._rows = rows
        self._head = head

    def log_rows(self) -> list[LogRow]:
        return self._rows

    def log_head(self) -> tuple[int, str]:
        return self._head


ROWS = chain(5)
HEAD = (5, ROWS[-1].hash)


def resealed(row: LogRow, **changes: object) -> LogRow:
    """A forger who knows the formula seals what he changed."""
    forged = replace(row, **changes)  # type: ignore[arg-type]
    fields = {name: getattr(forged, name) for name in SEALED}
    return replace(forged, hash=entry_hash(fields, forged.prev_hash))


def test_an_untouched_chain_holds() -> None:
    verdict = verify_chain(Log(ROWS, HEAD))
    assert (verdict.ok, verdict.entries, verdict.last_hash) == (True, 5, ROWS[-1].hash)


def test_an_empty_chain_holds() -> None:
    assert verify_chain(Log([], (0, FIRST_PREVIOUS))).ok


TAMPERED: list[tuple[Callable[[list[LogRow]], list[LogRow]], int, str]] = [
    (lambda rows: [*rows[:2], replace(rows[2], actor="chi"), *rows[3:]], 3, "was changed"),
    (lambda rows: [*rows[:2], replace(rows[2], note=None), *rows[3:]], 3, "was changed"),
    (lambda rows: [*rows[:2], replace(rows[2], at=1.0), *rows[3:]], 3, "was changed"),
    (lambda rows: [*rows[:2], resealed(rows[2], actor="chi"), *rows[3:]], 4, "does not follow"),
    (lambda rows: [*rows[:2], *rows[3:]], 3, "missing"),
    (lambda rows: rows[1:], 1, "missing"),
    (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], 2, "missing"),
    (lambda rows: [*rows[:2], rows[1], *rows[2:]], 3, "out of order"),
    (lambda rows: rows[:4], 5, "missing at the end"),
    (lambda rows: rows[:0], 1, "missing at the end"),
    (lambda rows: [*rows[:4], resealed(rows[4], actor="chi")], 5, "end does not match"),
    (lambda rows: chain(len(rows) + 1), 6, "end does not match"),
]


@pytest.mark.parametrize(("tamper", "broken_seq", "why"), TAMPERED)
def test_tampering_is_named_at_its_first_place(
    tamper: Callable[[list[LogRow]], list[LogRow]], broken_seq: int, why: str
) -> None:
    verdict = verify_chain(Log(tamper(list(ROWS)), HEAD))
    assert not verdict.ok
    assert verdict.broken_seq == broken_seq
    assert verdict.why is not None
    assert why in verdict.why


@pytest.mark.parametrize("name", SEALED)
def test_every_sealed_field_counts(name: str) -> None:
    fields = asdict(ROWS[0])
    changed = {**fields, name: 77 if name in ("seq", "at") else "x"}
    assert entry_hash(changed, "") != entry_hash(fields, "")
