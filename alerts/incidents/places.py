"""Finding a place by a few words without marks: the wards and streets of a site's CSV. Pure.

Columns: `kind` (ward, street, place), `name`, `ward`, `area` (an area's id of the site), `lat`,
`lon`, `aliases` (former names and districts, `;` between them), `note` (access, hydrants: it is
read aloud to who is sent). Only `kind` and `name` must be filled in.
"""

import csv
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from alerts.plain_text import plain

KINDS = ("ward", "street", "place")
_NEEDED = ("kind", "name")
_GENERIC = frozenset({"so", "nha", "ngo", "ngach", "hem", "pho", "duong", "phuong", "quan", "xa"})
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlace:
    """A ward, a street or a place of the site's list."""

    kind: str
    name: str
    ward: str | None = None
    area: str | None = None
    lat: float | None = None
    lon: float | None = None
    aliases: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFile:
    """What a CSV says, and which of its lines say nothing usable and why."""

    places: tuple[KnownPlace, ...] = ()
    problems: tuple[str, ...] = ()


class PlaceIndex:
    """Answers a few words in the time of a few dictionary look-ups, whatever the list's size."""

    def __init__(self, places: Iterable[KnownPlace]) -> None:
        self.places = tuple(places)
        self._plain = [plain(one.name) for one in self.places]
        holders: dict[str, set[int]] = {}
        for number, one in enumerate(self.places):
            for word in plain(one.name, one.ward, *one.aliases).split():
                holders.setdefault(word, set()).add(number)
        self._words = sorted(holders)
        self._holders = [holders[word] for word in self._words]

    def search(self, text: str, most: int = 8) -> list[KnownPlace]:
        """The places in which every word of the text begins a word, the plainest first.

        House numbers and words such as "ngõ" are left out where nothing has them.
        """
        words = plain(text.replace(",", " ")).split()
        if not words:
            return []
        found = self._with_all(words)
        if not found:
            words = [word for word in words if not _is_of_a_house(word)]
            found = self._with_all(words) if words else set()
        wanted = " ".join(words)
        ranked = sorted(found, key=lambda number: self._rank(number, wanted))
        return [self.places[number] for number in ranked[:most]]

    def exactly(self, text: str) -> KnownPlace | None:
        """The one place that the text names in full, a house number aside; None where none."""
        words = plain(text.partition(",")[0]).split()
        while len(words) > 1 and _is_of_a_house(words[0]):
            words = words[1:]
        name = " ".join(words)
        found = [number for number, known in enumerate(self._plain) if known == name]
        return self.places[found[0]] if len(found) == 1 else None

    def _with_all(self, words: Sequence[str]) -> set[int]:
        of_each = [self._beginning_with(word) for word in words]
        return set.intersection(*of_each) if of_each else set()

    def _beginning_with(self, word: str) -> set[int]:
        first, last = bisect_left(self._words, word), bisect_left(self._words, word + _LAST)
        return set().union(*self._holders[first:last])

    def _rank(self, number: int, wanted: str) -> tuple[bool, bool, int, int, str]:
        name = self._plain[number]
        kind = KINDS.index(self.places[number].kind)
        return not name.startswith(wanted), wanted not in name, kind, len(name), name


def read_places(lines: Iterable[str]) -> PlaceFile:
    """Read a CSV with a header; a line that is wrong is named and left out."""
    reader = csv.DictReader(lines)
    header = reader.fieldnames or []
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        return PlaceFile(problems=(f"line 1: the column {missing[0]!r} is missing",))
    places, problems = [], []
    for row in reader:
        try:
            places.append(_place(row))
        except ValueError as error:
            problems.append(f"line {reader.line_num}: {error}")
    return PlaceFile(places=tuple(places), problems=tuple(problems))


def _place(row: dict[str, str | None]) -> KnownPlace:
    facts = {name: (value or "").strip() or None for name, value in _named(row)}
    kind, name = facts.get("kind"), facts.get("name")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, not one of {', '.join(KINDS)}")
    if name is None:
        raise ValueError("the name is missing")
    lat, lon = _degrees(facts, "lat", 90.0), _degrees(facts, "lon", 180.0)
    if (lat is None) != (lon is None):
        raise ValueError("lat and lon go together, one is missing")
    aliases = tuple(one.strip() for one in (facts.get("aliases") or "").split(";") if one.strip())
    return KnownPlace(
        kind=kind,
        name=name,
        ward=facts.get("ward"),
        area=facts.get("area"),
        lat=lat,
        lon=lon,
        aliases=aliases,
        note=facts.get("note"),
    )


def _named(row: dict[str, str | None]) -> Iterator[tuple[str, str | None]]:
    """The columns of a row; what stands beyond the header has no name."""
    for name, value in row.items():
        if name is None:
            raise ValueError("more columns than the header names")
        yield name, value


def _degrees(facts: dict[str, str | None], name: str, most: float) -> float | None:
    text = facts.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, not a number") from None
    if not -most <= value <= most:
        raise ValueError(f"{name} is {text}, beyond {most:g}")
    return value


def _is_of_a_house(word: str) -> bool:
    return word in _GENERIC or any(letter.isdigit() for letter in word)
