"""Reading of a unit list: `id,name,kind,station,phone,lat,lon,agency,area`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.wrong_line import WrongCell, WrongLine

_NEEDED = ("id", "name", "kind")
_TEXTS = ("name", "station", "phone", "agency", "area")
_CALLED: Mapping[str, str] = {
    "ma": "id", "ten": "name", "loai": "kind", "tru so": "station", "dien thoai": "phone",
    "vi do": "lat", "kinh do": "lon", "don vi": "agency", "dia ban": "area",
}  # fmt: skip
_LONGEST = 120  # as in a form


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFile:
    """Units of a file, and the wrong lines with reasons."""

    units: tuple[Unit, ...] = ()
    problems: tuple[WrongLine, ...] = ()


def read_units(
    lines: Iterable[tuple[int, Sequence[Any]]], owner_fault: Callable[[Unit], WrongCell | None]
) -> UnitFile:
    """Read numbered lines, a header first; every wrong line is named.

    `owner_fault` returns what is wrong with a unit's agency or area, or None.
    """
    numbered = iter(lines)
    heads = [str(cell or "").strip() for cell in next(numbered, (1, ()))[1]]
    header = [_CALLED.get(plain(name), name) for name in heads]
    written = dict(zip(header, heads, strict=True))
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        return UnitFile(problems=(WrongCell("column_missing", column=missing[0]).on(1),))
    units: dict[str, Unit] = {}
    first: dict[str, int] = {}
    problems: list[WrongLine] = []
    for line, cells in numbered:
        if all(cell in (None, "") for cell in cells):
            continue
        try:
            unit = _unit(header, cells)
            wrong = owner_fault(unit)
            if wrong is not None:
                raise wrong
        except WrongCell as error:
            problems.append(error.on(line, written))
            continue
        if unit.id in units:
            twice = WrongCell("id_twice", cell=unit.id, other=first[unit.id])
            problems.append(twice.on(line))
        units[unit.id] = unit
        first.setdefault(unit.id, line)
    return UnitFile(units=tuple(units.values()), problems=tuple(problems))


def _unit(header: Sequence[str], cells: Sequence[Any]) -> Unit:
    if any(cell not in (None, "") for cell in cells[len(header) :]):
        raise WrongCell("too_many_cells")
    words = ("" if cell is None else str(cell).strip() for cell in cells)
    facts = {name: word or None for name, word in zip(header, words, strict=False)}
    unit_id, name, kind = facts.get("id"), facts.get("name"), facts.get("kind")
    if unit_id is None or name is None:
        raise WrongCell("cell_missing", column="id" if unit_id is None else "name")
    if len(unit_id) > 64 or not all(sign.isalnum() or sign in "_.:-" for sign in unit_id):
        raise WrongCell("id_wrong", cell=unit_id)
    if kind is None or kind not in UnitKind.__members__.values():
        raise WrongCell("kind_unknown", cell=kind or "", expected=", ".join(UnitKind))
    for column in _TEXTS:
        if len(facts.get(column) or "") > _LONGEST:
            raise WrongCell("cell_too_long", column=column, most=_LONGEST)
    lat, lon = _degrees(facts.get("lat"), 90.0), _degrees(facts.get("lon"), 180.0)
    if (lat is None) != (lon is None):
        raise WrongCell("half_a_point")
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
    try:
        value = float(text)
    except ValueError:
        raise WrongCell("place_wrong", cell=text) from None
    if not -most <= value <= most:
        raise WrongCell("place_wrong", cell=text)
    return value
