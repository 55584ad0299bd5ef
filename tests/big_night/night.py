"""What happens on the big night, and what is true of it: which source is of which happening."""

import itertools
import random
from dataclasses import dataclass, field
from functools import cached_property

from thapcanh.alerts.store.distance import METRES_PER_DEGREE, Position

WHOLE_S = 240.0
"""A shorter night has fewer calls, messages and faults; never fewer fires or buildings."""
FIRES = ("kho", "cho", "xuong")
FALSE_ALARM = "toa-nha"
_FIRE_AT = {"kho": (21.010, 105.830), "cho": (21.031, 105.851), "xuong": (21.045, 105.820)}
STARTS = {"kho": 0.08, "cho": 0.25, FALSE_ALARM: 0.33, "xuong": 0.75}
"""When each begins, as a share of the night."""
_ADDRESS = {"kho": "12 Hàng Buồm", "cho": "3 Đồng Xuân", "xuong": "88 Kim Mã"}
_ADDRESS[FALSE_ALARM] = "7 Lò Đúc"
_FIRE_WORDS = ("cháy lớn ở", "khói đen bốc lên ở", "đang cháy to lắm ở", "có cháy ở")
_SMALL = ("traffic", "medical", "public_order", "crime", "rescue", "other")
_NOISE = ("xe máy", "ngập nước", "cây đổ", "mất điện", "kẹt xe", "ồn ào", "va chạm", "rác")


def moved(place: Position, north_m: float, east_m: float) -> Position:
    """A place so many metres away."""
    return (
        round(place[0] + north_m / METRES_PER_DEGREE, 6),
        round(place[1] + east_m / METRES_PER_DEGREE / 0.933, 6),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A call or a message: what is said, where, and what it is truly about."""

    happening: str
    kind: str
    words: str
    place: Position | None
    who: str
    at: float = 0.0  # a share of the night

    @classmethod
    def of(cls, happening: str) -> "Spoken":
        """What was answered, of which no more than the happening counts."""
        return cls(happening=happening, kind="fire", words="", place=None, who="")


@dataclass(kw_only=True)
class Night:
    """The whole plan; the same each time."""

    seconds: float
    chance: random.Random = field(default_factory=lambda: random.Random(42))

    def count(self, whole: int) -> int:
        return max(1, round(whole * min(1.0, self.seconds / WHOLE_S)))

    def where(self, happening: str) -> Position:
        """A fire's place; the false alarm's building stands 180 m from the market that burns."""
        return _FIRE_AT.get(happening) or moved(_FIRE_AT["cho"], 180, 0)

    @cached_property
    def cameras(self) -> dict[str, Position]:
        """Three round each fire, and those in trouble: a third of them near fires."""
        found = {
            f"{fire}-{number}": moved(self.where(fire), north, east)
            for fire in FIRES
            for number, (north, east) in enumerate(((12, 0), (0, 25), (-35, 10)), 1)
        }
        for number in range(self.count(100)):
            near = self.where(FIRES[number % 3])
            reach = 250 if number % 3 == 0 else 4000
            away = (self.chance.uniform(-reach, reach), self.chance.uniform(-reach, reach))
            found[f"loi-{number:03}"] = moved(near, *away)
        return found

    @cached_property
    def panels(self) -> dict[str, Position]:
        """40 panels of three buildings: two that burn, one whose alarm is false."""
        buildings = itertools.cycle(("kho", "cho", FALSE_ALARM))
        spread = ((0, 0), (8, 6), (-8, 10), (14, -6))
        return {
            f"{building}-tu-{number:02}": moved(self.where(building), *spread[number % 4])
            for number, building in zip(range(40), buildings, strict=False)
        }

    @cached_property
    def calls(self) -> list[Spoken]:
        """One of three tells of a fire; four others happen beside fires, two burn elsewhere."""
        made = []
        for number in range(self.count(60)):
            if number % 3 == 0:
                made.append(self._of_fire(FIRES[number // 3 % 3], number))
                continue
            kind, beside = _SMALL[number % len(_SMALL)], FIRES[number % 3]
            place = moved(self.where(beside), 700 + 90 * number, 400 + 80 * (number % 7))
            if number in (1, 4, 7, 10):
                place = moved(self.where(beside), 0, 110)
            if number in (2, 5):
                kind, place = "fire", moved(self.where(beside), 0, -250)
            words = f"{kind} ở số {100 + number} Láng Hạ"
            made.append(
                Spoken(
                    happening=f"nho-{number}", kind=kind, words=words, place=place,
                    who=f"0987{number:06}", at=self._at(),
                )
            )  # fmt: skip
        return sorted(made, key=lambda one: one.at)

    @cached_property
    def messages(self) -> list[Spoken]:
        """Three of ten tell of a fire, most with a point; the others of anything else."""
        made = []
        for number in range(self.count(1000)):
            if number % 10 < 3:
                made.append(self._of_fire(FIRES[number % 10], 1000 + number))
                continue
            text = " ".join(self.chance.sample(_NOISE, 2)) + f" ngõ {self.chance.randrange(10**5)}"
            reach = (self.chance.uniform(-4000, 4000), self.chance.uniform(-4000, 4000))
            place = moved(self.where("cho"), *reach) if number % 2 else None
            made.append(
                Spoken(
                    happening="", kind="other", words=text, place=place, who=f"n{number}",
                    at=self._at(),
                )
            )  # fmt: skip
        return sorted(made, key=lambda one: one.at)

    def named_in(self, words: str) -> str:
        """The fire whose address is in the words; empty where none is."""
        return next((one for one in FIRES if _ADDRESS[one] in words), "")

    def address(self, happening: str) -> str:
        return _ADDRESS[happening]

    @cached_property
    def units(self) -> list[tuple[str, str, Position]]:
        """200 of them; the first five, which have phones, stand near the fires."""
        made = []
        for number in range(self.count(200) + 4):
            near = self.where(FIRES[number % 3])
            reach = 300 if number < 5 else 5000
            away = (self.chance.uniform(-reach, reach), self.chance.uniform(-reach, reach))
            kind = "fire_engine" if number < 5 or number % 4 == 0 else "ward_police"
            made.append((f"xe-{number + 1}", kind, moved(near, *away)))
        return made

    def _of_fire(self, fire: str, number: int) -> Spoken:
        words = f"{self.chance.choice(_FIRE_WORDS)} {_ADDRESS[fire]}"
        near = moved(self.where(fire), self.chance.gauss(0, 20), self.chance.gauss(0, 20))
        has_point = number < 1000 or self.chance.random() < 0.7
        return Spoken(
            happening=fire, kind="fire", words=words, place=near if has_point else None,
            who=f"0912{number:06}", at=self._at(STARTS[fire]),
        )  # fmt: skip

    def _at(self, start: float = 0.02) -> float:
        return start + 0.01 + self.chance.random() * (0.9 - start)
