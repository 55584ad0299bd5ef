"""The archive's changes as ready-made messages: each is turned into text once, for all screens.

Called in threads. An alert in a change is the alert as it is now, which may be newer.
"""

from alerts.calls.incoming_call_store import IncomingCallRepository
from alerts.calls.incoming_calls import IncomingCall
from alerts.incidents.records import IncidentChange
from alerts.lifecycle.archive import Archive
from alerts.lifecycle.change_feed import AlertChange, incident_changes_after
from alerts.queue.stage_times import StageTimes
from alerts.store.change_kind import ChangeKind
from app.alert.serializers import alert_response
from app.incidents.incident_schemas import incident_change_response
from app.stream.sse_client import ChangeMessage, ChangePage, event_text
from app.stream.stream_schemas import ChangeResponse, IncomingCallChangeResponse
from app.web_api.people import People
from ingest.clock import Clock


class ArchiveChanges:
    """What the change feed and the replay of one stream read."""

    def __init__(self, archive: Archive, people: People, clock: Clock, stages: StageTimes) -> None:
        self._archive = archive
        self._people = people
        self._clock = clock
        self._stages = stages

    def last_seq(self) -> int:
        """Number of the newest change."""
        return self._archive.last_seq()

    def told_after(self, seq: int, limit: int) -> ChangePage:
        """The next changes, regardless of who may see them."""
        page = self._archive.changes_after(seq, limit)
        incidents = incident_changes_after(self._archive.database, seq, limit)
        calls = IncomingCallRepository(self._archive.database).changes_after(seq, limit)
        last_seq = min(page.last_seq, incidents.last_seq, calls.last_seq)  # all are known so far
        told = [self._told(change) for change in page.items]
        told += [_told_of_incident(change) for change in incidents.items]
        told += [_told_of_call(*change) for change in calls.items]
        in_order = sorted((one for one in told if one.seq <= last_seq), key=lambda one: one.seq)
        return ChangePage(
            items=tuple(in_order),
            last_seq=last_seq,
            complete=page.complete,
            made_at=self._clock.utc(),
        )

    def note_pushed(self, page: ChangePage) -> None:
        """Write down when new alerts went out to screens."""
        for told in page.items:
            if told.alert_id:
                self._stages.pushed(told.at, page.made_at)
        new = [told.alert_id for told in page.items if told.is_new]
        self._archive.mark_pushed(new, page.made_at)

    def _told(self, change: AlertChange) -> ChangeMessage:
        shown = ChangeResponse(
            seq=change.seq,
            kind=change.kind.value,
            reason=change.reason,
            alert=alert_response(change.alert, self._people),
        )
        return ChangeMessage(
            seq=change.seq,
            at=change.at,
            alert_id=change.alert.id,
            is_new=change.kind is ChangeKind.OPENED,
            agency=change.alert.agency,
            area=change.alert.area,
            message=event_text("change", shown.model_dump_json(), change.seq),
        )


def _told_of_incident(change: IncidentChange) -> ChangeMessage:
    shown = incident_change_response(change)
    return ChangeMessage(
        seq=change.seq,
        at=change.at,
        alert_id="",
        is_new=False,
        agency=change.incident.agency,
        area=change.incident.area,
        message=event_text("incident", shown.model_dump_json(), change.seq),
    )


def _told_of_call(seq: int, call: IncomingCall) -> ChangeMessage:
    """Without the number: one text goes to all, also to those who may not read it."""
    shown = IncomingCallChangeResponse(seq=seq, id=call.id, line=call.line, state=call.state)
    return ChangeMessage(
        seq=seq,
        at=call.began_at,
        alert_id="",
        is_new=False,
        agency=call.agency,
        area=call.area,
        message=event_text("incoming_call", shown.model_dump_json(), seq),
    )
