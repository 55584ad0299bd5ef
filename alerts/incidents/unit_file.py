"""A list of units as a CSV: `id,name,kind,station,phone,lat,lon,agency,area`. Pure."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from alerts.incidents.units import Unit, UnitKind

_NEEDED = ("id", "name", "kind")
_TEXTS = ("name", "station", "phone", "agency", "area")
_LONGEST = 120  # as in a form


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFile:
    """What a CSV says, and which of its lines are wrong and why."""

    units: tuple[Unit, ...] = ()
    problems: tuple[str, ...] = ()


def read_units(lines: Iterable[str]) -> UnitFile:
    """Read a CSV with a header; every wrong line is named."""
    reader = csv.DictReader(lines)
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or [])]
    if missing:
        return UnitFile(problems=(f"line 1: the column {missing[0]!r} is missing",))
    units: list[Unit] = []
    problems: list[str] = []
    for row in reader:
        try:
            units.append(_unit(row))
        except ValueError as error:
            problems.append(f"line {reader.line_num}: {error}")
    ids = Counter(one.id for one in units)
    problems += [f"the id {one!r} stands twice" for one in sorted(ids) if ids[one] > 1]
    return UnitFile(units=tuple(units), problems=tuple(problems))


def _unit(row: dict[str, str | None]) -> Unit:
    if None in row:
        raise ValueError("more columns than the header names")
    facts = {name: (value or "").strip() or None for name, value in row.items()}
    unit_id, name, kind = facts.get("id"), facts.get("name"), facts.get("kind")
    if unit_id is None or name is None:
        raise ValueError(f"the {'id' if unit_id is None else 'name'} is missing")
    if len(unit_id) > 64 or not all(sign.isalnum() or sign in "_.:-" for sign in unit_id):
        raise ValueError(f"the id {unit_id!r} has other signs than letters, digits and _.:-")
    if kind is None or kind not in UnitKind.__members__.values():
        raise ValueError(f"kind is {kind!r}, not one of {', '.join(UnitKind)}")
    for column in _TEXTS:
        if len(facts.get(column) or "") > _LONGEST:
            raise ValueError(f"{column} is longer than {_LONGEST} letters")
    lat, lon = _degrees(facts.get("lat"), 90.0), _degrees(facts.get("lon"), 180.0)
    if (lat is None) != (lon is None):
        raise ValueError("lat and lon go together, one is missing")
    return Unit(
        id=unit_id,
        name=name,
        kind=UnitKind(kind),
        station=facts.get("station"),
        phone=facts.get("phone"),
        lat=lat,
        lon=lon,
        agency=facts.get("agency"),
        area=facts.get("area"),
    )


def _degrees(text: str | None, most: float) -> float | None:
    if text is None:
        return None
    value = float(text)
    if not -most <= value <= most:
        raise ValueError(f"{text} is no place on the earth")
    return value
