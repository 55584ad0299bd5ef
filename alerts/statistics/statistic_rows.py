"""The figures of a period: each with the incidents that it is made of, beside earlier ones. Pure.

A figure is a count, a sum of what outcomes say, or a middle time; nothing is typed. A sum has the
incidents beside it that did not say; where none did it is None, so that "nobody said" is never 0.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median_low

from alerts.incidents.incident_state import Disposition, IncidentState
from alerts.incidents.kinds import GROUPS, ClassGroup, IncidentKind
from alerts.reports.situation import CALLED_BY
from alerts.statistics.outcomes import FireCause, OutcomeFacts, Premises

_NOT_REAL = frozenset({Disposition.FALSE_ALARM, Disposition.HOAX, Disposition.NOTHING_FOUND})
_STEPS = (
    IncidentState.DISPATCHED,
    IncidentState.EN_ROUTE,
    IncidentState.ON_SCENE,
    IncidentState.CONTROLLED,
    IncidentState.CLOSED,
)
_SUMS = (
    "dead", "injured", "rescued", "damage_vnd", "area_m2", "vehicles", "water_m3",
)  # fmt: skip


class StatisticPart(StrEnum):
    """What a figure is about."""

    INCIDENTS = "incidents"
    OUTCOME = "outcome"
    CAUSE = "cause"  # of fires
    PREMISES = "premises"  # of fires
    RESPONSE = "response"  # seconds from opening, the middle of all
    CALLS = "calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedIncident:
    """An incident that is no duplicate, with what its outcome says."""

    id: str
    kind: IncidentKind
    disposition: Disposition | None
    is_closed: bool
    outcome: OutcomeFacts | None
    steps_s: Mapping[IncidentState, float] = field(default_factory=dict)
    sent_units: int = 0
    """Units that were sent, as the log says: so many vehicles, where nobody said another number."""

    def said(self, name: str) -> float | None:
        """What its outcome says of this; None where nobody has said it."""
        value: float | None = None if self.outcome is None else getattr(self.outcome, name)
        return (self.sent_units or None) if value is None and name == "vehicles" else value

    @property
    def is_real(self) -> bool:
        """Something happened, as far as anybody has said."""
        return self.disposition not in _NOT_REAL

    @property
    def is_fire(self) -> bool:
        """It burned."""
        return self.is_real and GROUPS[self.kind] is ClassGroup.BURNING


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCalls:
    """Calls of a period: by line; hoaxes; those after the first of an incident."""

    by_line: Mapping[str, int] = field(default_factory=dict)
    hoaxes: int = 0
    of_hoaxes: Sequence[str] = ()  # incidents that were hoaxes
    duplicates: int = 0
    of_duplicates: Sequence[str] = ()  # incidents with more than one call
    hoax_messages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedMonths:
    """All that is counted of one period."""

    incidents: Sequence[CountedIncident]
    calls: CountedCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticRow:
    """One figure with its incidents, and what it was in each earlier period; None is unknown.

    `not_said` are incidents that a sum lacks; `before_not_said` is how many it lacked earlier.
    """

    part: StatisticPart
    name: str
    value: float | None
    incidents: tuple[str, ...]
    before: tuple[float | None, ...] = ()
    not_said: tuple[str, ...] = ()
    before_not_said: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    value: float | None
    incidents: tuple[str, ...] = ()
    not_said: tuple[str, ...] = ()


_Key = tuple[StatisticPart, str]


def statistic_rows(
    now: CountedMonths, before: Sequence[CountedMonths | None]
) -> tuple[StatisticRow, ...]:
    """Every figure of a period, always the same ones in the same order."""
    earlier = [None if one is None else _figures(one) for one in before]
    return tuple(
        StatisticRow(
            part=key[0],
            name=key[1],
            value=figure.value,
            incidents=figure.incidents,
            before=tuple(None if one is None else one[key].value for one in earlier),
            not_said=figure.not_said,
            before_not_said=tuple(
                None if one is None else len(one[key].not_said) for one in earlier
            ),
        )
        for key, figure in _figures(now).items()
    )


def _figures(counted: CountedMonths) -> dict[_Key, _Figure]:
    found = counted.incidents
    figures = {(StatisticPart.INCIDENTS, name): one for name, one in _incidents(found).items()}
    real = [one for one in found if one.is_real]
    for name in _SUMS:
        figures[StatisticPart.OUTCOME, name] = _sum(real, name)
    figures[StatisticPart.OUTCOME, "missing"] = _count(
        one for one in real if one.is_closed and one.outcome is None
    )
    for part, names in ((StatisticPart.CAUSE, FireCause), (StatisticPart.PREMISES, Premises)):
        for member in names:
            figures[part, member.value] = _count(_saying(found, part.value, member))
        figures[part, "not_said"] = _count(_saying(found, part.value, None))
    for step in _STEPS:
        figures[StatisticPart.RESPONSE, step.value] = _middle(real, step)
    return figures | {(StatisticPart.CALLS, name): one for name, one in _calls(counted).items()}


def _incidents(found: Sequence[CountedIncident]) -> dict[str, _Figure]:
    ended: dict[str, Callable[[CountedIncident], bool]] = {
        disposition.value: lambda one, ended=disposition: one.disposition is ended  # type: ignore[misc]
        for disposition in (Disposition.FALSE_ALARM, Disposition.HOAX, Disposition.NOTHING_FOUND)
    }
    kinds: dict[str, Callable[[CountedIncident], bool]] = {
        kind.value: lambda one, kind=kind: one.is_real and one.kind is kind  # type: ignore[misc]
        for kind in IncidentKind
    }
    tests: dict[str, Callable[[CountedIncident], bool]] = {
        "total": lambda _: True,
        "real": lambda one: one.is_real,
        "fires": lambda one: one.is_fire,
        **kinds,
        **ended,
        "still_open": lambda one: not one.is_closed,
    }
    return {name: _count(one for one in found if test(one)) for name, test in tests.items()}


def _saying(
    found: Sequence[CountedIncident], name: str, said: FireCause | Premises | None
) -> Iterable[CountedIncident]:
    """Fires of which the outcome says this; or says nothing."""
    for one in found:
        value = None if one.outcome is None else getattr(one.outcome, name)
        if one.is_fire and value == said:
            yield one


def _calls(counted: CountedMonths) -> dict[str, _Figure]:
    calls = counted.calls
    lines: dict[str, _Figure] = {
        f"line_{line}": _Figure(value=calls.by_line.get(line, 0)) for line in CALLED_BY
    }
    return {
        "total": _Figure(value=sum(calls.by_line.values())),
        **lines,
        "hoaxes": _Figure(value=calls.hoaxes, incidents=tuple(calls.of_hoaxes)),
        "duplicates": _Figure(value=calls.duplicates, incidents=tuple(calls.of_duplicates)),
        "hoax_messages": _Figure(value=calls.hoax_messages),
    }


def _count(found: Iterable[CountedIncident]) -> _Figure:
    ids = tuple(one.id for one in found)
    return _Figure(value=len(ids), incidents=ids)


def _sum(found: Sequence[CountedIncident], name: str) -> _Figure:
    """What was said, of the incidents that add to it; only what burns must say what area burned."""
    told = [(one.id, value) for one in found if (value := one.said(name)) is not None]
    not_said = tuple(
        one.id for one in found if one.said(name) is None and (one.is_fire or name != "area_m2")
    )
    return _Figure(
        value=float(sum(value for _, value in told)) if told or not not_said else None,
        incidents=tuple(one for one, value in told if value),
        not_said=not_said,
    )


def _middle(found: Sequence[CountedIncident], step: IncidentState) -> _Figure:
    reached = [(one.id, one.steps_s[step]) for one in found if step in one.steps_s]
    times = [seconds for _, seconds in reached]
    return _Figure(
        value=median_low(times) if times else None, incidents=tuple(one for one, _ in reached)
    )
