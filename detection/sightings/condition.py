"""What rows of the store must fulfil, for SQL."""

from dataclasses import dataclass, field
from itertools import chain

from detection.sightings.cells import mostly_in, words_of
from detection.sightings.query import SightingQuery
from detection.sightings.sighting import CLASSES, COLOURS
from detection.sightings.store import SIDES

_FAR_S = 1e12


@dataclass(slots=True)
class SqlCondition:
    """Conditions that all hold, and their values in order."""

    sql: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, sql: str, *values: object) -> None:
        """Put one more beside them."""
        self.sql.append(sql)
        self.values.extend(values)

    @property
    def text(self) -> str:
        """All of them."""
        return " AND ".join(self.sql)


def condition_of(wanted: SightingQuery, camera_id: str, number: int) -> SqlCondition:
    """What the rows of one camera must fulfil; `number` is the camera's in the store."""
    fits = SqlCondition()
    fits.add("s.camera = ?", number)
    if camera_id in wanted.seen:
        told = [_whole_ms(one) for one in wanted.seen[camera_id]]
        within = "(s.from_ms >= ? AND s.from_ms + s.lasted_ms <= ?)"
        fits.add(f"({' OR '.join([within] * len(told)) or '0'})", *chain.from_iterable(told))
    if wanted.labels is not None:
        fits.add(f"s.label IN ({numbers_of(wanted.labels)})")
    if wanted.colour is not None:
        fits.add("s.colour = ?", COLOURS.index(wanted.colour))
    if wanted.box is not None:
        words = words_of(mostly_in(wanted.box))
        fits.add("(s.cells0 & ? OR s.cells1 & ? OR s.cells2 & ?)", *words)
    if hidden := wanted.hidden[camera_id]:
        cells = [str(cell) for cell in range(hidden.bit_length()) if hidden >> cell & 1]
        fits.add(f"s.at_cell NOT IN ({','.join(cells)})")
    if wanted.line is not None:
        side = "" if wanted.to is None else f" AND p.side = {SIDES.index(wanted.to)}"
        fits.add(
            "EXISTS (SELECT 1 FROM passages AS p WHERE p.camera = s.camera"  # noqa: S608 only a number
            f" AND p.from_ms = s.from_ms AND p.n = s.n AND p.line = ?{side})",
            wanted.line,
        )
    return fits


def numbers_of(labels: frozenset[str] | None) -> str:
    """The numbers of these classes, for SQL."""
    wanted = CLASSES if labels is None else sorted(labels)
    return ",".join(str(CLASSES.index(label)) for label in wanted)


def _whole_ms(stretch: tuple[float, float]) -> tuple[int, int]:
    """A stretch in milliseconds; one without an end ends beyond all that is stored."""
    begin, end = (round(max(-_FAR_S, min(_FAR_S, at)) * 1000) for at in stretch)
    return begin, end
