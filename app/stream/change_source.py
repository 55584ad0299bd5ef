"""Archive's changes as messages, serialised once for all screens.

Runs in threads.
"""

from collections.abc import Callable, Iterable

from pydantic_core import to_json

from thapcanh.alerts.calls.incoming_call_store import IncomingCallRepository
from thapcanh.alerts.calls.incoming_calls import IncomingCall
from thapcanh.alerts.incidents.records import IncidentChange
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.change_feed import AlertChange, incident_changes_after
from thapcanh.alerts.queue.stage_times import StageTimes
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.alert.alert_schemas import alert_response
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.cameras.camera_list import WITHOUT_FIGURES, CameraTexts, chosen
from thapcanh.app.cameras.camera_schemas import phone_link_response, sees_phone
from thapcanh.app.incidents.incident_schemas import incident_change_response
from thapcanh.app.live.whip.phone_links import PhoneLink
from thapcanh.app.stream.sse_client import ChangeMessage, ChangePage, event_text
from thapcanh.app.stream.stream_schemas import ChangeResponse, IncomingCallChangeResponse
from thapcanh.app.web_api.people import People
from thapcanh.ingest.clock import Clock

REPORT_MAX_AGE_S = 0.2  # a screen's map is to show what changed within 2 s
MOST_CAMERAS = 2000  # beyond, screens ask for themselves, one after the other
MOST_VERSIONS = 100


class ArchiveChanges:
    """Changes for the feed and for the replay of a stream."""

    def __init__(self, archive: Archive, people: People, clock: Clock, stages: StageTimes) -> None:
        self._archive = archive
        self._people = people
        self._clock = clock
        self._stages = stages

    def last_seq(self) -> int:
        """Return the number of the newest change."""
        return self._archive.last_seq()

    def told_after(self, seq: int, limit: int) -> ChangePage:
        """Return the next changes, regardless of scope."""
        page = self._archive.changes_after(seq, limit)
        incidents = incident_changes_after(self._archive.database, seq, limit)
        calls = IncomingCallRepository(self._archive.database).changes_after(seq, limit)
        last_seq = min(page.last_seq, incidents.last_seq, calls.last_seq)  # all are known so far
        messages = [self._reported(change) for change in page.items]
        messages += [_incident_message(change) for change in incidents.items]
        messages += [_call_message(*change) for change in calls.items]
        in_order = sorted(
            (item for item in messages if item.seq <= last_seq), key=lambda item: item.seq
        )
        return ChangePage(
            items=tuple(in_order),
            last_seq=last_seq,
            complete=page.complete,
            made_at=self._clock.utc(),
        )

    def note_pushed(self, page: ChangePage) -> None:
        """Write down when new alerts went out to screens."""
        for messages in page.items:
            if messages.alert_id:
                self._stages.pushed(messages.at, page.made_at)
        new = [messages.alert_id for messages in page.items if messages.is_new]
        self._archive.mark_pushed(new, page.made_at)

    def _reported(self, change: AlertChange) -> ChangeMessage:
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


class CameraNews:
    """Reads the board for the feed. Thread-safe."""

    def __init__(
        self, board: CameraBoard, texts: CameraTexts, phones: Callable[[], Iterable[PhoneLink]]
    ) -> None:
        """`phones` gives those that send now."""
        self._board = board
        self._texts = texts
        self._phones = phones

    def version(self) -> int:
        return self._board.report(REPORT_MAX_AGE_S).version

    def since(self, scope: DataFilter, version: int) -> str | None:
        """Return a scope's changes after a version, or None if they must be queried.

        JSON of `CameraNewsResponse`.
        """
        report, changed = self._board.report(), self._board.changed_since(version)
        if changed is None or len(changed.ids) > MOST_CAMERAS:
            return None
        if not version < report.version <= version + MOST_VERSIONS:
            return None
        cameras, gone = chosen(changed, scope, self._board)
        items = self._texts.of(cameras, WITHOUT_FIGURES, report)
        phones = [
            phone_link_response(item, report) for item in self._phones() if sees_phone(scope, item)
        ]
        items += [item.model_dump_json(include=set(WITHOUT_FIGURES)).encode() for item in phones]
        beside = {
            "after": [self._board.name_of(item) for item in range(version, report.version)],
            "version": self._board.name_of(report.version),
            "gone": gone,
        }
        return (b'{"items":[' + b",".join(items) + b"]," + to_json(beside)[1:]).decode()


def _incident_message(change: IncidentChange) -> ChangeMessage:
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


def _call_message(seq: int, call: IncomingCall) -> ChangeMessage:
    """Return the change without the caller's number, because it is sent to everybody."""
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
