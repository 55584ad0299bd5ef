"""The log of an incident as its page shows it: who, what, and of which unit or source.

A source that the caller may not see is not named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thapcanh.alerts.alert.records import LogEntry
from thapcanh.alerts.incidents.incident_state import Disposition
from thapcanh.alerts.incidents.rows.row_records import Source, SourceVerdict
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time


class IncidentLogResponse(ApiModel):
    """One log entry, and the step that it reached, if any."""

    at: Time
    by: PersonResponse | None
    action: str
    step: str | None
    told: list[str]
    """The units and services that it is about."""
    answer: str | None
    source: str | None
    """The name and number of the source that it is about."""
    verdict: SourceVerdict | None
    disposition: Disposition | None
    procedure: str | None
    """The words of the step of the procedure that was done, if it was one."""
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNames:
    """Names for what a log has by id: the steps of the procedure by their entry, the rest by id."""

    steps: Mapping[int, str]
    units: Mapping[str, str]
    sources: Sequence[Source]


def log_lines(
    lines: Sequence[LogEntry], names: LogNames, people: People
) -> list[IncidentLogResponse]:
    """Return the entries with names in place of ids."""
    return [_line(line, names, people) for line in lines]


def _line(line: LogEntry, names: LogNames, people: People) -> IncidentLogResponse:
    details, source = line.details, _source(line, names.sources)
    verdict = details.get("verdict") or (source and _follows_alert(line) and source.verdict)
    disposition = details.get("disposition")
    return IncidentLogResponse(
        at=line.at,
        by=people.person(line.actor),
        action=line.action,
        step=str(details["step"]) if "step" in details else None,
        told=_recipients(line, names.units),
        answer=str(details["answer"]) if details.get("answer") else None,
        source=None if source is None else _name(source),
        verdict=SourceVerdict(str(verdict)) if verdict else None,
        disposition=None if disposition is None else Disposition(str(disposition)),
        procedure=names.steps.get(line.seq),
        note=line.note,
    )


def _recipients(line: LogEntry, units: Mapping[str, str]) -> list[str]:
    told = line.details.get("told", line.details.get("unit", []))
    ids = told if isinstance(told, list) else [told]
    return [units.get(str(one), str(one)) for one in ids]


def _source(line: LogEntry, sources: Sequence[Source]) -> Source | None:
    """Return what an entry is about; of one that follows an alert, the one judged at that time."""
    if _follows_alert(line):
        return next((one for one in sources if one.verdict_at == line.at), None)
    return next((one for one in sources if one.id == line.details.get("member_id")), None)


def _follows_alert(line: LogEntry) -> bool:
    return line.details.get("follows") == "alert"


def _name(source: Source) -> str:
    return " · ".join(part for part in (source.name, source.number) if part)
