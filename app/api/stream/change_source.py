"""The archive's changes as ready-made messages: each is turned into text once, for all screens.

Called in threads. An alert in a change is the alert as it is now, which may be newer.
"""

from alerts.archive import AlertChange, Archive, ChangeKind
from alerts.events.stage_times import StageTimes
from app.api.people import People
from app.api.schemas.stream import ChangeResponse
from app.api.serializers import alert_response
from app.api.stream.sse_client import ChangeMessage, ChangePage, event_text
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
        """The next changes, whoever may see them."""
        page = self._archive.changes_after(seq, limit)
        items = tuple(self._told(change) for change in page.items)
        return ChangePage(
            items=items,
            last_seq=page.last_seq,
            complete=page.complete,
            made_at=self._clock.utc(),
        )

    def note_pushed(self, page: ChangePage) -> None:
        """Write down when new alerts went out to screens."""
        for told in page.items:
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
