"""Reading of a facility list: lines of cells, a header first."""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thapcanh.alerts.facilities.facilities import (
    MOST_CONTACTS,
    MOST_CORNERS,
    MOST_HAZARDS,
    REACH_M,
    FacilityContact,
    FacilityFacts,
    kind_named,
)
from thapcanh.alerts.map.country import position_fault
from thapcanh.alerts.store.distance import Position, distance_m
from thapcanh.alerts.store.plain_text import legible, plain
from thapcanh.alerts.store.wrong_line import WrongCell, WrongLine

COLUMNS = (
    "code", "name", "kind", "address", "lat", "lon", "outline", "floors", "basements", "hazards",
    "contacts", "access", "water", "agency", "area",
)  # fmt: skip
_NEEDED = ("name", "kind")
_CALLED: Mapping[str, str] = {
    "ma": "code", "ma so": "code", "ten": "name", "ten co so": "name", "loai": "kind",
    "loai hinh": "kind", "dia chi": "address", "vi do": "lat", "kinh do": "lon",
    "so tang": "floors", "tang ham": "basements", "nguy hiem": "hazards", "lien he": "contacts",
    "loi vao": "access", "nguon nuoc": "water", "don vi": "agency", "dia ban": "area",
    "ranh gioi": "outline",
}  # fmt: skip
_LONGEST: Mapping[str, int] = {"code": 64, "name": 200, "kind": 60, "agency": 64, "area": 64}
_LONG = 500
_LONGEST_OF_CONTACT = 200
MOST_FLOORS = 200
MOST_IGNORED = 50
PHONE = re.compile(r"\+?[0-9][0-9 .()-]{1,24}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityFile:
    """Facilities of a file with their lines, and the wrong lines with reasons.

    `ignored` are unused columns, at most `MOST_IGNORED`.
    """

    facilities: tuple[tuple[int, FacilityFacts], ...] = ()
    problems: tuple[WrongLine, ...] = ()
    ignored: tuple[str, ...] = ()


def read_facilities(
    lines: Iterable[tuple[int, Sequence[Any]]], owned: Callable[[FacilityFacts], FacilityFacts]
) -> FacilityFile:
    """Read numbered lines; `owned` sets the owner of a facility, and raises `WrongCell`."""
    numbered = iter(lines)
    heads = next(numbered, (1, ()))[1]
    header = [_column(cell) for cell in heads]
    written = {name: _text(cell) for name, cell in zip(header, heads, strict=True)}
    if problem := _wrong_header(header):
        return FacilityFile(problems=(problem.on(1, written),))
    found: list[tuple[int, FacilityFacts]] = []
    first: dict[str, int] = {}
    problems: list[WrongLine] = []
    for line, cells in numbered:
        if all(cell in (None, "") for cell in cells):
            continue
        try:
            facts = owned(_facts(header, cells))
            key = same_key(facts)
            if key in first:
                raise WrongCell("facility_twice", cell=facts.code or facts.name, other=first[key])
        except WrongCell as error:
            problems.append(error.on(line, written))
            continue
        first[key] = line
        found.append((line, facts))
    ignored = tuple(name for name in header if name and name not in COLUMNS)[:MOST_IGNORED]
    return FacilityFile(facilities=tuple(found), problems=tuple(problems), ignored=ignored)


def same_key(facts: FacilityFacts) -> str:
    """Return the key by which two entries are one facility: code, else name and place.

    It includes the agency.
    """
    if facts.code:
        return f"{facts.agency or ''} code {facts.code}"
    return f"{facts.agency or ''} {facts.area or ''} {plain(facts.name, facts.address)}"


def _column(cell: Any) -> str:
    name = plain(str(cell or "")).replace("_", " ")
    return _CALLED.get(name, name)


def _wrong_header(header: Sequence[str]) -> WrongCell | None:
    for name in _NEEDED:
        if name not in header:
            return WrongCell("column_missing", column=name)
    counts = Counter(header)  # a header of 100,000 columns must not take minutes
    twice = next((name for name in header if name and counts[name] > 1), None)
    return None if twice is None else WrongCell("column_twice", column=twice)


def _facts(header: Sequence[str], cells: Sequence[Any]) -> FacilityFacts:
    if any(cell not in (None, "") for cell in cells[len(header) :]):
        raise WrongCell("too_many_cells")
    reported = {
        name: text
        for name, cell in zip(header, cells, strict=False)
        if name in COLUMNS and (text := _text(cell))
    }
    for column in _NEEDED:
        if column not in reported:
            raise WrongCell("cell_missing", column=column)
    for column, text in reported.items():
        most = _LONGEST.get(column, _LONG)
        if column not in ("outline", "contacts", "hazards") and len(text) > most:
            raise WrongCell("cell_too_long", column=column, most=most)
    place = _place(reported.get("lat"), reported.get("lon"))
    same = {name: reported.get(name) for name in ("code", "address", "access", "water")}
    return FacilityFacts(
        name=reported["name"],
        kind=kind_named(reported["kind"]),
        lat=None if place is None else place[0],
        lon=None if place is None else place[1],
        outline=_outline(reported.get("outline"), place),
        floors=_floors("floors", reported.get("floors")),
        basements=_floors("basements", reported.get("basements")),
        contacts=_contacts(reported.get("contacts")),
        hazards=_hazards(reported.get("hazards")),
        agency=reported.get("agency"),
        area=reported.get("area"),
        **same,
    )


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = " ".join(legible(str(cell)).replace("\0", "").split())
    return text[1:] if text[:1] == "'" else text


def _place(lat: str | None, lon: str | None) -> Position | None:
    if (lat is None) != (lon is None):
        raise WrongCell("half_a_point")
    if lat is None or lon is None:
        return None
    place = _degrees(lat), _degrees(lon)
    if fault := position_fault(place):
        raise WrongCell(f"position_{fault.value}", cell=f"{lat}, {lon}")
    return place


def _degrees(text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise WrongCell("place_wrong", cell=text) from None
    if not math.isfinite(value):
        raise WrongCell("place_wrong", cell=text)
    return value


def _outline(text: str | None, place: Position | None) -> tuple[Position, ...]:
    if text is None:
        return ()
    try:
        corners = tuple((float(lat), float(lon)) for lat, lon in json.loads(text))
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise WrongCell("outline_wrong", most=MOST_CORNERS) from None
    if place is None or not is_outline_of(place, corners):
        raise WrongCell("outline_wrong", most=MOST_CORNERS)
    return corners


def is_outline_of(place: Position, corners: Sequence[Position]) -> bool:
    if not 3 <= len(corners) <= MOST_CORNERS:
        return False
    return all(distance_m(place, one) <= REACH_M for one in corners)


def _floors(column: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) > MOST_FLOORS:
        raise WrongCell("floors_wrong", column=column, cell=text, most=MOST_FLOORS)
    return int(text)


def _hazards(text: str | None) -> tuple[str, ...]:
    named = tuple(one.strip() for one in (text or "").split(";") if one.strip())
    if len(named) > MOST_HAZARDS:
        raise WrongCell("too_many_parts", column="hazards", most=MOST_HAZARDS)
    _refuse_long("hazards", named, _LONG)
    return named


def _contacts(text: str | None) -> tuple[FacilityContact, ...]:
    reported = [one for one in (text or "").split(";") if one.strip()]
    if len(reported) > MOST_CONTACTS:
        raise WrongCell("too_many_parts", column="contacts", most=MOST_CONTACTS)
    return tuple(map(_contact, reported))


def _contact(text: str) -> FacilityContact:
    reported = [part.strip() for part in text.split("|")]
    _refuse_long("contacts", reported, _LONGEST_OF_CONTACT)
    name, phone, role, hours, *more = [*reported, "", "", ""]
    if not name or any(more):
        raise WrongCell("contact_wrong", cell=text)
    if phone and not PHONE.fullmatch(phone):
        raise WrongCell("phone_wrong", cell=phone)
    return FacilityContact(name=name, phone=phone or None, role=role or None, hours=hours or None)


def _refuse_long(column: str, parts: Iterable[str], most: int) -> None:
    """Raise `WrongCell` for text that would have to be cut."""
    if long := next((one for one in parts if len(one) > most), None):
        raise WrongCell("part_too_long", column=column, cell=long, most=most)
