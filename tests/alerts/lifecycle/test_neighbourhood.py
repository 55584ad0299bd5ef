"""Events over cameras in the archive: fog over a ward is held at P3, two neighbours are one P1."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from tests.alerts.desk import LE
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.alert.alert_tables import event
from thapcanh.alerts.alert.records import Alert, CameraFacts, CommandRequest, IngestResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.roles import AlertAction
from thapcanh.detection.event import EventPhase

HERE = (21.02, 105.85)
_DEGREE_M = 111_195.0


class Ward:
    """Cameras on a line, by metres to the north; each call is one message, a second later."""

    def __init__(self, archive: Archive, *, watched_near: int = 3) -> None:
        self.archive = archive
        self.seq = 0
        self.watched_near = watched_near

    @property
    def now(self) -> float:
        return FIRST_AT + self.seq

    def message(self, camera_id: str, **changes: Any) -> Message:
        self.seq += 1
        seen = {
            "id": f"m{self.seq}",
            "event_id": f"of-{camera_id}",
            "phase": EventPhase.RAISED,
            "camera_id": camera_id,
            "captured_at": self.now,
            "kind": "smoke",
            "rule_id": "smoke",
            "priority": 1,
            "belief": 0.6,
            **changes,
        }
        return fake_message(self.seq, **seen)

    def see(self, north_m: int, **changes: Any) -> Alert:
        taken = self._take([self.message(f"cam-{north_m}", **changes)])[0]
        assert taken.alert_id is not None
        return self.alert(taken.alert_id)

    def see_together(self, norths_m: Sequence[int], **changes: Any) -> list[Alert]:
        taken = self._take([self.message(f"cam-{north}", **changes) for north in norths_m])
        return [self.alert(str(one.alert_id)) for one in taken]

    def alert(self, alert_id: str) -> Alert:
        found = self.archive.alert(alert_id)
        assert found is not None
        return found

    def of(self, north_m: int) -> Alert:
        return next(a for a in self.archive.alerts().items if a.camera_id == f"cam-{north_m}")

    def pass_time(self, seconds: int) -> None:
        self.seq += seconds

    def judge(self, alert: Alert, action: AlertAction, reason: str | None = None) -> None:
        for one in (AlertAction.ACKNOWLEDGE, action):
            self.seq += 1
            order = CommandRequest(
                alert_id=alert.id,
                action=one,
                actor=LE,
                expected_version=self.alert(alert.id).version,
                idempotency_key=f"key-{self.seq}",
                reason=reason if one is action else None,
            )
            assert self.archive.command(order, self.now).outcome is CommandOutcome.DONE

    def _take(self, messages: list[Message]) -> list[IngestResult]:
        pairs = [(message, self.now) for message in messages]
        return self.archive.take_in_all(pairs, now=self.now, camera=self._facts)

    def _facts(self, camera_id: str) -> CameraFacts:
        north = int(camera_id.removeprefix("cam-")) / _DEGREE_M
        return CameraFacts(
            name=camera_id, lat=HERE[0] + north, lon=HERE[1], watched_near=self.watched_near
        )


@pytest.fixture
def ward(archive: Archive) -> Ward:
    return Ward(archive)


def test_fog_over_a_ward_is_held_from_the_third_place_on(ward: Ward) -> None:
    heard = [ward.see(north).priority for north in (0, 700, 1400, 2100)]
    assert heard == [1, 1, 3, 3]
    assert "wide haze on 3 cameras" in ward.of(1400).reason
    assert ward.of(0).priority == 1, "what was told as P1 stays until a person answers"


def test_fog_that_comes_in_one_batch_is_held_too(ward: Ward) -> None:
    alerts = ward.see_together((0, 700, 1400, 2100))
    assert [alert.priority for alert in alerts] == [1, 1, 3, 3]


def test_the_event_itself_is_kept_as_the_worker_told_it(ward: Ward) -> None:
    for north in (0, 700, 1400):
        ward.see(north)
    with ward.archive.database.reading() as connection:
        rows = connection.execute(event.select().order_by(event.c.producer_seq)).all()
    assert [row.priority for row in rows] == [1, 1, 1]
    assert all("haze" not in row.reason for row in rows)


def test_the_time_limit_does_not_raise_what_a_front_holds(ward: Ward) -> None:
    for north in (0, 700, 1400):
        ward.see(north, priority=3, belief=0.3)
    assert ward.see(1400, priority=2, belief=0.3, phase=EventPhase.UPDATED).priority == 3


def test_when_the_fog_is_over_smoke_that_goes_on_rises(ward: Ward) -> None:
    for north in (0, 700, 1400):
        ward.see(north)
    ward.pass_time(601)
    after = ward.see(1400, phase=EventPhase.UPDATED)
    assert (after.priority, after.spoke_reason) == (1, "priority_rose")


@pytest.mark.parametrize(
    ("changes", "priority"),
    [({"kind": "fire", "rule_id": "fire"}, 1), ({"belief": 0.95}, 1), ({"belief": 0.7}, 3)],
)
def test_what_burns_or_stands_out_inside_the_fog_speaks(
    ward: Ward, changes: dict[str, Any], priority: int
) -> None:
    for north in (0, 700, 1400):
        ward.see(north)
    assert ward.see(2100, **changes).priority == priority


def test_flame_that_follows_smoke_inside_the_fog_raises_its_alert(ward: Ward) -> None:
    for north in (0, 700, 1400):
        ward.see(north)
    burning = ward.see(1400, kind="fire", rule_id="fire", phase=EventPhase.UPDATED)
    assert (burning.kind, burning.priority) == ("fire", 1)


def test_smoke_near_a_confirmed_fire_is_not_held(ward: Ward) -> None:
    ward.judge(ward.see(1400), AlertAction.CONFIRM)
    for north in (0, 700, 2800):
        ward.see(north)
    assert ward.see(1500).priority == 1


def test_three_of_300_cameras_are_no_weather(archive: Archive) -> None:
    ward = Ward(archive, watched_near=300)
    assert [ward.see(north).priority for north in (0, 700, 1400)] == [1, 1, 1]


def test_a_drill_is_no_weather(ward: Ward) -> None:
    for north in (0, 700):
        ward.see(north, exercise=True)
    assert ward.see(1400).priority == 1


def test_what_was_rejected_as_a_lamp_is_no_weather_and_as_fog_it_is(ward: Ward) -> None:
    ward.judge(ward.see(0), AlertAction.REJECT, "lights")
    ward.see(700)
    assert ward.see(1400).priority == 1
    ward.judge(ward.see(2100), AlertAction.REJECT, "fog")
    assert ward.see(2800).priority == 3


def test_two_neighbours_that_doubt_are_one_p1(ward: Ward) -> None:
    first = ward.see(0, priority=3, belief=0.3)
    second = ward.see(250, priority=3, belief=0.3, kind="fire", rule_id="fire")
    risen = ward.alert(first.id)
    assert (risen.priority, risen.spoke_reason) == (1, "cameras_agree")
    assert "agrees: cam-250" in risen.reason
    assert ward.alert(second.id).priority == 3
    changes = ward.archive.changes_after(0).items
    assert [(one.kind, one.alert.id) for one in changes][-1] == (ChangeKind.SPOKE, first.id)


def test_it_rises_once(ward: Ward) -> None:
    first = ward.see(0, priority=3)
    ward.see(250, priority=3)
    version = ward.alert(first.id).version
    ward.see(250, priority=3, phase=EventPhase.UPDATED)
    assert ward.alert(first.id).version == version


def test_neighbours_in_one_batch_agree_too(ward: Ward) -> None:
    first, second = ward.see_together((0, 250), priority=3)
    assert (ward.alert(first.id).priority, ward.alert(second.id).priority) == (1, 3)


@pytest.mark.parametrize("north_m", [301, 5000])
def test_cameras_that_cannot_see_the_same_do_not_agree(ward: Ward, north_m: int) -> None:
    first = ward.see(0, priority=3)
    ward.see(north_m, priority=3)
    assert ward.alert(first.id).priority == 3


def test_what_is_over_or_rejected_agrees_with_nothing(ward: Ward) -> None:
    ward.see(0, priority=3)
    over = ward.see(0, priority=3, phase=EventPhase.CLEARED)
    assert ward.see(250, priority=3).priority == 3
    assert ward.alert(over.id).priority == 3
    ward.judge(ward.of(250), AlertAction.REJECT, "lights")
    assert ward.see(100, priority=3).priority == 3


def test_fog_does_not_agree_with_itself(ward: Ward) -> None:
    for north in (0, 700, 1400):
        ward.see(north, priority=3, belief=0.3)
    assert ward.see(1500, priority=3, belief=0.3).priority == 3
    assert ward.of(1400).priority == 3


def test_the_alert_of_a_p1_beside_it_is_enough(ward: Ward) -> None:
    ward.see(0, priority=1)
    assert ward.see(100, priority=3).priority == 3
    assert math.isclose(ward.of(100).belief or 0.0, 0.6)
