"""The situation of a period: incidents, calls, alerts by kind, beside earlier periods. Pure.

What is reported is a list of lines; screen, paper and workbook show the same ones. A period from
before the archive's first record has no figures: nothing was counted then, which is not zero.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median_low

from alerts.alert.alert_state import AlertState
from alerts.incidents.calls import CallKind
from alerts.incidents.incident_state import Disposition
from alerts.incidents.kinds import IncidentKind
from alerts.queue.system_events import is_system

LINES = ("113", "114", "115")
NOT_REAL = frozenset({Disposition.FALSE_ALARM, Disposition.HOAX, Disposition.NOTHING_FOUND})


class SituationPart(StrEnum):
    """What a line is about."""

    INCIDENTS = "incidents"
    CALLS = "calls"
    ALERTS = "alerts"
    RESPONSE = "response"  # seconds; all other parts are counts


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPeriod:
    """What the archive holds of one period, counted.

    `incidents` are by (kind, disposition), `calls` by (line, kind), `alerts` by (kind, verdict);
    `dispatched_s` and `on_scene_s` are the delays from an incident's opening.
    """

    incidents: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    calls: Mapping[tuple[str, str], int] = field(default_factory=dict)
    alerts: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    still_open: int = 0
    dispatched_s: Sequence[float] = ()
    on_scene_s: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationLine:
    """One figure of the report, and what it was in each earlier period; None where unknown."""

    part: SituationPart
    name: str
    value: float | None
    before: tuple[float | None, ...]


_Figures = dict[tuple[SituationPart, str], float | None]


def situation_lines(
    now: CountedPeriod, before: Sequence[CountedPeriod | None]
) -> tuple[SituationLine, ...]:
    """Return every line of the report; kinds of alert that never came have none."""
    figures = _figures(now)
    earlier = [None if one is None else _figures(one) for one in before]
    keys = dict.fromkeys(figures)
    for one in earlier:
        keys |= dict.fromkeys(one or {})
    order = list(SituationPart)
    return tuple(
        SituationLine(
            part=part,
            name=name,
            value=_value(figures, part, name),
            before=tuple(None if one is None else _value(one, part, name) for one in earlier),
        )
        for part, name in sorted(keys, key=lambda key: order.index(key[0]))
    )


def _value(figures: _Figures, part: SituationPart, name: str) -> float | None:
    return figures.get((part, name), None if part is SituationPart.RESPONSE else 0)


def _figures(counted: CountedPeriod) -> _Figures:
    figures: _Figures = {}
    for part, values in (
        (SituationPart.INCIDENTS, _incidents(counted)),
        (SituationPart.CALLS, _calls(counted)),
        (SituationPart.ALERTS, _alerts(counted)),
        (SituationPart.RESPONSE, _response(counted)),
    ):
        figures |= {(part, name): value for name, value in values.items()}
    return figures


def _incidents(counted: CountedPeriod) -> dict[str, float | None]:
    kinds: Counter[str] = Counter()
    for (kind, _), count in counted.incidents.items():
        kinds[kind] += count
    not_real = sum(n for (_, ended), n in counted.incidents.items() if ended in NOT_REAL)
    return {
        "total": sum(kinds.values()),
        **{kind.value: kinds[kind] for kind in IncidentKind},
        "not_real": not_real,
        "still_open": counted.still_open,
    }


def _calls(counted: CountedPeriod) -> dict[str, float | None]:
    kinds: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for (line, kind), count in counted.calls.items():
        kinds[kind] += count
        lines[line] += count
    return {
        "total": sum(kinds.values()),
        **{f"line_{line}": lines[line] for line in LINES},
        **{kind.value: kinds[kind] for kind in CallKind},
    }


def _alerts(counted: CountedPeriod) -> dict[str, float | None]:
    """Those of the watch, by what became of them and by kind; the system's own apart."""
    watch = {key: n for key, n in counted.alerts.items() if not is_system(key[0])}
    verdicts: Counter[str | None] = Counter()
    kinds: Counter[str] = Counter()
    for (kind, verdict), count in watch.items():
        verdicts[verdict] += count
        kinds[kind] += count
    confirmed, rejected = verdicts[AlertState.CONFIRMED], verdicts[AlertState.REJECTED]
    total = sum(kinds.values())
    return {
        "total": total,
        "confirmed": confirmed,
        "rejected": rejected,
        "unjudged": total - confirmed - rejected,
        **{f"kind_{kind}": kinds[kind] for kind in sorted(kinds)},
        "system": sum(counted.alerts.values()) - total,
    }


def _response(counted: CountedPeriod) -> dict[str, float | None]:
    return {
        "dispatched": median_low(counted.dispatched_s) if counted.dispatched_s else None,
        "on_scene": median_low(counted.on_scene_s) if counted.on_scene_s else None,
    }
