"""Rows of facilities to records and back."""

import json
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.facilities.facilities import Facility, FacilityContact, FacilityFacts, apart_m
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.plain_text import plain

_AS_TEXT = frozenset({"outline", "contacts", "hazards"})


def facility_of(row: sa.Row[Any]) -> Facility:
    same = {
        name: getattr(row, name)
        for name in FacilityFacts.__dataclass_fields__
        if name not in _AS_TEXT
    }
    facts = FacilityFacts(
        **same,
        outline=_outline_of(row),
        contacts=tuple(FacilityContact(**one) for one in json.loads(row.contacts)),
        hazards=tuple(json.loads(row.hazards)),
    )
    return Facility(id=row.id, facts=facts, written_by=row.written_by, written_at=row.written_at)


def far_of(row: sa.Row[Any], place: Position) -> float:
    """Return the metres from a place to the facility of a row with a position."""
    return apart_m(place, (row.lat, row.lon), _outline_of(row))


def _outline_of(row: sa.Row[Any]) -> tuple[Position, ...]:
    return tuple((lat, lon) for lat, lon in json.loads(row.outline)) if row.outline else ()


def values_of_facts(facts: FacilityFacts) -> dict[str, Any]:
    values = asdict(facts)
    for name in _AS_TEXT:
        values[name] = json.dumps(values[name], ensure_ascii=False)
    words = plain(facts.code, facts.name, facts.address).split()
    return values | {
        "outline": values["outline"] if facts.outline else None,
        "words": "".join(f" {word}" for word in words),
    }
