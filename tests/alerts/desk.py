"""What tests of commands share: three officers, and a desk that gives commands on one alert."""

import dataclasses
from typing import Any

from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.alert.records import Alert, CameraFacts, CommandRequest, CommandResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import Actor, AlertAction, Role

NOW = FIRST_AT + 1000


AN = Actor(username="an", name="Nguyễn Văn An", role=Role.OPERATOR)


CHI = Actor(username="chi", name="Trần Chi", role=Role.OPERATOR)


LE = Actor(username="le", name="Lê Bình", role=Role.LEADER)


def take(archive: Archive, seq: int, **changes: Any) -> None:
    archive.take_in(
        fake_message(seq, **changes),
        queued_at=NOW,
        now=NOW,
        camera=lambda _: CameraFacts(name="Cổng", agency="pc07", area="cua-nam"),
    )


class Desk:
    """Gives commands on one alert, each with a key of its own unless one is named."""

    def __init__(self, archive: Archive, alert_id: str) -> None:
        self.archive = archive
        self.alert_id = alert_id
        self._keys = 0

    def order(self, action: AlertAction, actor: Actor = AN, **changes: Any) -> CommandRequest:
        self._keys += 1
        base = CommandRequest(
            alert_id=self.alert_id,
            action=action,
            actor=actor,
            expected_version=self.alert().version,
            idempotency_key=f"key-{self._keys}",
        )
        return dataclasses.replace(base, **changes)

    def do(
        self, action: AlertAction, actor: Actor = AN, now: float = NOW, **changes: Any
    ) -> CommandResult:
        return self.archive.command(self.order(action, actor, **changes), now)

    def alert(self) -> Alert:
        alert = self.archive.alert(self.alert_id)
        assert alert is not None
        return alert
