"""Situation report of a period: incidents, calls, alerts by kind, with comparisons."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median_low

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.incidents.calls import MESSAGE_LINE, CallKind
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import Actor, DataFilter
from thapcanh.alerts.store.tables import metadata
from thapcanh.config.devices import LINES

CALLED_BY = (*LINES, MESSAGE_LINE)


class SituationPart(StrEnum):
    """Subject of a line."""

    INCIDENTS = "incidents"
    CALLS = "calls"
    ALERTS = "alerts"
    RESPONSE = "response"  # seconds; all other parts are counts


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPeriod:
    """Counts of one period.

    `incidents` and `alerts` are by (kind, verdict), with CONFIRMED, REJECTED or None; `calls` are
    by (line, kind). `dispatched_s` and `on_scene_s` are delays from an incident's opening.
    """

    incidents: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    calls: Mapping[tuple[str, str], int] = field(default_factory=dict)
    alerts: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    still_open: int = 0
    dispatched_s: Sequence[float] = ()
    on_scene_s: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Counts by verdict: true, false, and none."""

    confirmed: int
    rejected: int
    unjudged: int

    @property
    def total(self) -> int:
        return self.confirmed + self.rejected + self.unjudged


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationFigure:
    """A count, with its verdicts where it is of what can be true or not; or seconds."""

    value: float | None
    verdicts: Verdicts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationLine:
    """Figure of the report with its earlier values; None if unknown."""

    part: SituationPart
    name: str
    now: SituationFigure
    before: tuple[SituationFigure | None, ...]


_Figures = dict[tuple[SituationPart, str], SituationFigure]
_NONE = Verdicts(confirmed=0, rejected=0, unjudged=0)


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
            now=_figure(figures, part, name),
            before=tuple(None if one is None else _figure(one, part, name) for one in earlier),
        )
        for part, name in sorted(keys, key=lambda key: order.index(key[0]))
    )


def _figure(figures: _Figures, part: SituationPart, name: str) -> SituationFigure:
    """Return a figure of a period; an absent kind counts as 0."""
    return figures.get((part, name), SituationFigure(value=0, verdicts=_NONE))


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


def _incidents(counted: CountedPeriod) -> dict[str, SituationFigure]:
    return {
        "total": _evaluated(counted.incidents),
        **{kind.value: _evaluated(counted.incidents, kind) for kind in IncidentKind},
        "still_open": SituationFigure(value=counted.still_open),
    }


def _calls(counted: CountedPeriod) -> dict[str, SituationFigure]:
    kinds: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for (line, kind), count in counted.calls.items():
        kinds[kind] += count
        lines[line] += count
    counts = {
        "total": sum(kinds.values()),
        **{f"line_{line}": lines[line] for line in CALLED_BY},
        **{kind.value: kinds[kind] for kind in CallKind},
    }
    return {name: SituationFigure(value=count) for name, count in counts.items()}


def _alerts(counted: CountedPeriod) -> dict[str, SituationFigure]:
    """Return the watch's alerts by kind, and the system's own apart."""
    watch = {key: n for key, n in counted.alerts.items() if not is_system(key[0])}
    kinds = sorted({kind for kind, _ in watch})
    return {
        "total": _evaluated(watch),
        **{f"kind_{kind}": _evaluated(watch, kind) for kind in kinds},
        "system": SituationFigure(value=sum(counted.alerts.values()) - sum(watch.values())),
    }


def _evaluated(
    counts: Mapping[tuple[str, str | None], int], requested: str | None = None
) -> SituationFigure:
    verdicts: Counter[str | None] = Counter()
    for (kind, verdict), count in counts.items():
        if requested is None or kind == requested:
            verdicts[verdict] += count
    evaluated = Verdicts(
        confirmed=verdicts[AlertState.CONFIRMED],
        rejected=verdicts[AlertState.REJECTED],
        unjudged=verdicts[None],
    )
    return SituationFigure(value=evaluated.total, verdicts=evaluated)


def _response(counted: CountedPeriod) -> dict[str, SituationFigure]:
    delays = {"dispatched": counted.dispatched_s, "on_scene": counted.on_scene_s}
    return {
        name: SituationFigure(value=median_low(seconds) if seconds else None)
        for name, seconds in delays.items()
    }


_MOST_VERSIONS = 100
_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
situation_text = sa.Table(
    "situation_text",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("period", _Text, nullable=False),  # `CalendarSpan.key`
    sa.Column("scope", _Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("text", _Text, nullable=False),
    sa.Column("by", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.UniqueConstraint("period", "scope", "version", name="uq_situation_text_version"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationText:
    """Version of a leader's text; an empty one withdraws it."""

    version: int
    text: str
    by: str
    at: float


class SituationTextRepository:
    """Texts by period and by what their writer sees: only who sees the same reads them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def versions(self, period: str, scope: DataFilter) -> list[SituationText]:
        """Return the versions of a period's text, the newest first."""
        query = _of(period, scope).order_by(situation_text.c.version.desc())
        with self._db.reading() as connection:
            rows = connection.execute(query.limit(_MOST_VERSIONS)).all()
        return [
            SituationText(version=row.version, text=row.text, by=row.by, at=row.at) for row in rows
        ]

    def write(self, actor: Actor, period: str, text: str, expected: int, now: float) -> bool:
        """Add a version after `expected` (0: the first); False where that is not the newest."""
        with self._db.writing() as connection:
            newest = sa.select(sa.func.max(situation_text.c.version)).where(
                situation_text.c.period == period,
                situation_text.c.scope == _scope_key(actor.scope),
            )
            if (connection.execute(newest).scalar_one() or 0) != expected:
                return False
            values = {
                "id": str(uuid7()),
                "period": period,
                "scope": _scope_key(actor.scope),
                "version": expected + 1,
                "text": text,
                "by": actor.username,
                "at": now,
            }
            connection.execute(sa.insert(situation_text).values(values))
            entry = AuditEntry(
                at=now,
                actor=actor.username,
                role=actor.role.value,
                action="situation_written",
                object_id=str(values["id"]),
                details={"period": period, "version": expected + 1},
            )
            add_log(connection, entry)
            return True


def _of(period: str, scope: DataFilter) -> "sa.Select[tuple[int, str, str, float]]":
    columns = situation_text.c
    query = sa.select(columns.version, columns.text, columns.by, columns.at)
    return query.where(columns.period == period, columns.scope == _scope_key(scope))


def _scope_key(scope: DataFilter) -> str:
    named = (scope.agencies, scope.areas)
    return json.dumps([None if names is None else sorted(names) for names in named])
