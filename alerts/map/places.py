"""Search of places by words without marks: wards, streets and poles of a site's CSV."""

import csv
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from thapcanh.alerts.store.plain_text import plain

KINDS = ("ward", "street", "place", "pole")
_NEEDED = ("kind", "name")
_GENERIC = frozenset({"so", "nha", "ngo", "ngach", "hem", "pho", "duong", "phuong", "quan", "xa"})
_POLE = "cot dien tru so"
"""What callers say before the number of a pole, without marks."""
_OF_POLES = frozenset({"cot", "tru"})
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPlace:
    """A ward, a street, a place or an electric pole of the site's list."""

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
    """Places of a CSV, and the unusable lines with reasons."""

    places: tuple[ListedPlace, ...] = ()
    problems: tuple[str, ...] = ()


class PlaceIndex:
    """Index of places; a search costs a few dictionary look-ups."""

    def __init__(self, places: Iterable[ListedPlace]) -> None:
        self.places = tuple(places)
        self._plain = [plain(one.name) for one in self.places]
        holders: dict[str, set[int]] = {}
        for number, one in enumerate(self.places):
            stated = _POLE if one.kind == "pole" else ""
            for word in plain(one.name, one.ward, *one.aliases, stated).split():
                holders.setdefault(word, set()).add(number)
        self._poles = {at for at, one in enumerate(self.places) if one.kind == "pole"}
        self._words = sorted(holders)
        self._holders = [holders[word] for word in self._words]

    def search(self, text: str, most: int = 8) -> list[ListedPlace]:
        """Return the places in which every word starts a word, the plainest first.

        House numbers and words such as "ngõ" are ignored if nothing has them. Poles come last
        unless their word is used.
        """
        words = plain(text.replace(",", " ")).split()
        if not words:
            return []
        of_poles = any(word in _OF_POLES for word in words)
        found = self._with_all(words)
        poles = self._ranked(found & self._poles, words)
        others = self._ranked(found - self._poles, words)
        if not others:
            left_out = _POLE.split() if of_poles else ()
            fewer = [one for one in words if not _is_of_a_house(one) and one not in left_out]
            others = self._ranked(self._with_all(fewer) - self._poles, fewer) if fewer else []
        if of_poles:
            others = [*poles, *others]
        elif any(any(map(str.isdigit, word)) for word in words):
            others = [*others, *poles]
        return [self.places[number] for number in others[:most]]

    def _ranked(self, found: set[int], words: Sequence[str]) -> list[int]:
        requested = " ".join(words)
        return sorted(found, key=lambda number: self._rank(number, requested))

    def exactly(self, text: str) -> ListedPlace | None:
        """Return the place that the text names in full, with optional house number, or None."""
        words = plain(text.partition(",")[0]).split()
        poles_only = False
        while words:
            name = " ".join(words)
            found = [number for number, existing in enumerate(self._plain) if existing == name]
            if poles_only:
                found = [number for number in found if self.places[number].kind == "pole"]
            if found:
                return self.places[found[0]] if len(found) == 1 else None
            poles_only = poles_only or words[0] in _OF_POLES
            if not (_is_of_a_house(words[0]) or (poles_only and words[0] in _POLE.split())):
                return None
            words = words[1:]
        return None

    def _with_all(self, words: Sequence[str]) -> set[int]:
        """Return the places (indices) that have, for each word, a word that starts with it."""
        of_each = [self._beginning_with(word) for word in words]
        return set.intersection(*of_each) if of_each else set()

    def _beginning_with(self, word: str) -> set[int]:
        first, last = bisect_left(self._words, word), bisect_left(self._words, word + _LAST)
        return set().union(*self._holders[first:last])

    def _rank(self, number: int, requested: str) -> tuple[bool, bool, int, int, str]:
        """Return the sort key: names that start with the request first, then that contain it."""
        name = self._plain[number]
        kind = KINDS.index(self.places[number].kind)
        return not name.startswith(requested), requested not in name, kind, len(name), name


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


def _place(row: dict[str, str | None]) -> ListedPlace:
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
    return ListedPlace(
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
    """Yield the columns of a row. Raise `ValueError` beyond the header."""
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
