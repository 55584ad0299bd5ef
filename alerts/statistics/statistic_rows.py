"""Statistics of a period: figures with their incidents, beside earlier ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median_low

from thapcanh.alerts.incidents.incident_state import Disposition, IncidentState
from thapcanh.alerts.incidents.kinds import GROUPS, ClassGroup, IncidentKind
from thapcanh.alerts.reports.situation import CALLED_BY
from thapcanh.alerts.statistics.outcomes import FireCause, OutcomeFacts, Premises

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
_OF_FIRES_ALONE = frozenset({"area_m2"})  # the area that burned


class StatisticPart(StrEnum):
    """Subject of a figure."""

    INCIDENTS = "incidents"
    OUTCOME = "outcome"  # of fires
    OTHER_OUTCOME = "other_outcome"  # of what did not burn
    CAUSE = "cause"  # of fires
    PREMISES = "premises"  # of fires
    RESPONSE = "response"  # seconds from opening, the middle of all
    CALLS = "calls"


class Population(StrEnum):
    """Population of a figure: which incidents it covers."""

    ALL = "all"
    REAL = "real"  # something happened, or nobody has said that nothing did
    FIRES = "fires"  # of these: fires, explosions, short circuits
    OTHERS = "others"  # of these: all else
    CALLS = "calls"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedIncident:
    """Incident that is no duplicate, with its outcome."""

    id: str
    kind: IncidentKind
    disposition: Disposition | None
    is_closed: bool
    outcome: OutcomeFacts | None
    steps_s: Mapping[IncidentState, float] = field(default_factory=dict)
    sent_units: int = 0
    """Units that were sent, as the log says: so many vehicles, where nobody said another number."""

    def said(self, name: str) -> float | None:
        """Return a value of its outcome, or None if not stated."""
        value: float | None = None if self.outcome is None else getattr(self.outcome, name)
        return (self.sent_units or None) if value is None and name == "vehicles" else value

    def choice(self, name: str) -> FireCause | Premises | None:
        """Return the cause or premises of its outcome, or None."""
        chosen: FireCause | Premises | None = getattr(self.outcome, name, None)
        return chosen

    @property
    def is_real(self) -> bool:
        """True if something happened, as far as stated."""
        return self.disposition not in _NOT_REAL

    @property
    def is_fire(self) -> bool:
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
    """Counts of one period."""

    incidents: Sequence[CountedIncident]
    calls: CountedCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticRow:
    """Figure with its incidents, and its earlier values; None is unknown.

    `not_said` are incidents that a sum lacks; `before_not_said` is the earlier number.
    """

    part: StatisticPart
    name: str
    population: Population
    value: float | None
    incidents: tuple[str, ...]
    before: tuple[float | None, ...] = ()
    not_said: tuple[str, ...] = ()
    before_not_said: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    population: Population
    value: float | None
    incidents: tuple[str, ...] = ()
    not_said: tuple[str, ...] = ()


_Key = tuple[StatisticPart, str]


def statistic_rows(
    now: CountedMonths, before: Sequence[CountedMonths | None]
) -> tuple[StatisticRow, ...]:
    """Return every figure of a period, always in the same order."""
    earlier = [None if one is None else _figures(one) for one in before]
    return tuple(
        StatisticRow(
            part=key[0],
            name=key[1],
            population=figure.population,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    """Incidents of one population."""

    population: Population
    incidents: tuple[CountedIncident, ...]

    def count(self, test: Callable[[CountedIncident], bool] = lambda _: True) -> _Figure:
        ids = tuple(one.id for one in self.incidents if test(one))
        return _Figure(population=self.population, value=len(ids), incidents=ids)

    def total(self, name: str) -> _Figure:
        """Return the sum of stated values; the others are listed as missing."""
        said = [(one.id, one.said(name)) for one in self.incidents]
        reported = [value for _, value in said if value is not None]
        not_said = tuple(one for one, value in said if value is None)
        return _Figure(
            population=self.population,
            value=float(sum(reported)) if reported or not not_said else None,
            incidents=tuple(one for one, value in said if value),
            not_said=not_said,
        )

    def middle(self, step: IncidentState) -> _Figure:
        """Return the median time to a step, of those that reached it."""
        reached = [one for one in self.incidents if step in one.steps_s]
        times = [one.steps_s[step] for one in reached]
        return _Figure(
            population=self.population,
            value=median_low(times) if times else None,
            incidents=tuple(one.id for one in reached),
        )


def _populations(found: Sequence[CountedIncident]) -> dict[Population, _Members]:
    belongs: dict[Population, Callable[[CountedIncident], bool]] = {
        Population.ALL: lambda _: True,
        Population.REAL: lambda one: one.is_real,
        Population.FIRES: lambda one: one.is_fire,
        Population.OTHERS: lambda one: one.is_real and not one.is_fire,
    }
    return {
        name: _Members(population=name, incidents=tuple(one for one in found if test(one)))
        for name, test in belongs.items()
    }


def _figures(counted: CountedMonths) -> dict[_Key, _Figure]:
    of = _populations(counted.incidents)
    parts: dict[StatisticPart, dict[str, _Figure]] = {
        StatisticPart.INCIDENTS: _incidents(of),
        StatisticPart.OUTCOME: _outcomes(of[Population.FIRES], _SUMS),
        StatisticPart.OTHER_OUTCOME: _outcomes(
            of[Population.OTHERS], [name for name in _SUMS if name not in _OF_FIRES_ALONE]
        ),
        StatisticPart.CAUSE: _saying(of[Population.FIRES], "cause", FireCause),
        StatisticPart.PREMISES: _saying(of[Population.FIRES], "premises", Premises),
        StatisticPart.RESPONSE: {step.value: of[Population.REAL].middle(step) for step in _STEPS},
        StatisticPart.CALLS: _calls(counted),
    }
    return {(part, name): one for part, named in parts.items() for name, one in named.items()}


def _incidents(of: Mapping[Population, _Members]) -> dict[str, _Figure]:
    everything, real = of[Population.ALL], of[Population.REAL]
    kinds = {
        kind.value: real.count(lambda one, kind=kind: one.kind is kind)  # type: ignore[misc]
        for kind in IncidentKind
    }
    ended = {
        way.value: everything.count(lambda one, way=way: one.disposition is way)  # type: ignore[misc]
        for way in (Disposition.FALSE_ALARM, Disposition.HOAX, Disposition.NOTHING_FOUND)
    }
    return {
        "total": everything.count(),
        "real": real.count(),
        "fires": of[Population.FIRES].count(),
        **kinds,
        **ended,
        "still_open": everything.count(lambda one: not one.is_closed),
    }


def _outcomes(members: _Members, names: Iterable[str]) -> dict[str, _Figure]:
    missing = members.count(lambda one: one.is_closed and one.outcome is None)
    return {name: members.total(name) for name in names} | {"missing": missing}


def _saying(
    members: _Members, name: str, choices: type[FireCause] | type[Premises]
) -> dict[str, _Figure]:
    """Return how many outcomes state each choice, and how many none."""
    values: dict[str, FireCause | Premises | None] = {one.value: one for one in choices}
    return {
        key: members.count(lambda one, value=value: one.choice(name) == value)  # type: ignore[misc]
        for key, value in (values | {"not_said": None}).items()
    }


def _calls(counted: CountedMonths) -> dict[str, _Figure]:
    calls = counted.calls

    def figure(value: int, incidents: Sequence[str] = ()) -> _Figure:
        return _Figure(population=Population.CALLS, value=value, incidents=tuple(incidents))

    return {
        "total": figure(sum(calls.by_line.values())),
        **{f"line_{line}": figure(calls.by_line.get(line, 0)) for line in CALLED_BY},
        "hoaxes": figure(calls.hoaxes, calls.of_hoaxes),
        "duplicates": figure(calls.duplicates, calls.of_duplicates),
        "hoax_messages": _Figure(population=Population.MESSAGES, value=calls.hoax_messages),
    }
