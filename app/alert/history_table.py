"""Table rows of the alert history, with the site's names instead of ids."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from thapcanh.alerts.alert.history import first_takers, notes_of
from thapcanh.alerts.alert.records import NO_VERDICT, Alert, AlertFilter
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.app.reports.export_words import ExportVocabulary, has_confirmed_name
from thapcanh.app.reports.spreadsheet import Cell, ClockTime, ShareValue
from thapcanh.app.reports.table_words import SiteNames

_PAGE = 200

# A column's name, and its width in characters.
COLUMNS: Mapping[str, float] = {
    "number": 22,
    "exercise": 12,
    "kind": 22,
    "priority": 11,
    "state": 14,
    "outcome": 14,
    "reject_reason": 18,
    "raised_at": 19,
    "cleared_at": 19,
    "camera_name": 30,
    "camera_id": 14,
    "place": 30,
    "area": 18,
    "agency": 18,
    "confidence": 14,
    "detections": 12,
    "acknowledged_at": 19,
    "acknowledged_by": 22,
    "owner": 22,
    "verdict_at": 19,
    "verdict_by": 22,
    "closed_at": 19,
    "closed_by": 22,
    "notes": 40,
}


def outcome_of(alert: Alert) -> str:
    """Return the officers' verdict on an alert, as a word for the table."""
    if alert.verdict_by is None:
        return NO_VERDICT
    return "confirmed" if alert.reject_reason is None else "rejected"


def rows(archive: Archive, query: AlertFilter, namer: SiteNames) -> Iterator[list[Cell]]:
    """Yield a row for each matching alert, newest first, reading a page at a time."""
    cursor: str | None = None
    while True:
        page = archive.alerts(replace(query, limit=_PAGE, cursor=cursor))
        ids = [alert.id for alert in page.items]
        notes = notes_of(archive.database, ids)
        takers = first_takers(archive.database, ids)
        for alert in page.items:
            note = " | ".join(notes.get(alert.id, ())) or None
            yield [*_row(alert, takers.get(alert.id), namer), note]
        cursor = page.next
        if cursor is None:
            return


def _row(alert: Alert, owner: str | None, namer: SiteNames) -> list[Cell]:
    words, outcome = namer.words, outcome_of(alert)
    rejected = outcome == "rejected"
    return [
        alert.number,
        words("is_exercise") if alert.exercise else None,
        _kind(alert, outcome, words),
        alert.priority,
        words(f"state.{alert.state.value}"),
        words(f"outcome.{outcome}"),
        words(f"reason.{alert.reject_reason}") if rejected else None,
        ClockTime(alert.raised_at),
        _timestamp(alert.cleared_at),
        alert.camera_name,
        alert.camera_id,
        alert.place,
        namer.area(alert.area),
        namer.agency(alert.agency),
        ShareValue(alert.confidence),
        alert.detections,
        _timestamp(alert.acknowledged_at),
        namer.person(owner),
        namer.person(alert.owner),
        _timestamp(alert.steps.verified),
        namer.person(alert.verdict_by),
        _timestamp(alert.closed_at),
        namer.person(alert.closed_by),
    ]


def _kind(alert: Alert, outcome: str, words: ExportVocabulary) -> str:
    is_true = outcome == "confirmed" and has_confirmed_name(alert.kind)
    return words(f"{'true' if is_true else 'kind'}.{alert.kind}")


def _timestamp(at: float | None) -> ClockTime | None:
    return None if at is None else ClockTime(at)
