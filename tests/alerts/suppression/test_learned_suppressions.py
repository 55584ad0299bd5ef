"""Officers teach by rejecting: a place falls quiet, is still counted, and speaks for cause."""

from typing import Any

import pytest

from tests.alerts.desk import LE
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.alert.alert_state import AlertState, CommandOutcome
from thapcanh.alerts.alert.alert_tables import event
from thapcanh.alerts.alert.deduplication import DedupSettings
from thapcanh.alerts.alert.records import Alert, CameraFacts, CommandRequest, IngestResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.policy import AlertPolicy
from thapcanh.alerts.store.distance import distance_m
from thapcanh.alerts.store.roles import AlertAction
from thapcanh.detection.event import EventPhase

LAMP = (0.1, 0.1, 0.05, 0.05)
ELSEWHERE = (0.7, 0.7, 0.05, 0.05)
PLACES = {"gate": (21.0200, 105.8500), "yard": (21.0215, 105.8505), "far": (21.0600, 105.8500)}


class Watchers:
    """Cameras that see things one after the other, ten seconds apart, and officers who reject."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.seq = 0

    @property
    def now(self) -> float:
        return FIRST_AT + 10 * self.seq

    def see(self, event_id: str = "e1", camera_id: str = "gate", **changes: Any) -> IngestResult:
        self.seq += 1
        lat, lon = PLACES[camera_id]
        facts = CameraFacts(name=camera_id, lat=lat, lon=lon)
        seen = {
            "id": f"m{self.seq}",
            "event_id": event_id,
            "camera_id": camera_id,
            "captured_at": self.now,
            "priority": 2,
            "box": LAMP,
            "confidence": 0.5,
            **changes,
        }
        message = fake_message(self.seq, **seen)
        return self.archive.take_in(
            message, queued_at=self.now, now=self.now, camera=lambda _: facts
        )

    def reject(self, alert_id: str | None) -> None:
        assert alert_id is not None
        for action in (AlertAction.ACKNOWLEDGE, AlertAction.REJECT):
            self.seq += 1
            order = CommandRequest(
                alert_id=alert_id,
                action=action,
                actor=LE,
                expected_version=self.alert(alert_id).version,
                idempotency_key=f"key-{self.seq}",
                reason="lights" if action is AlertAction.REJECT else None,
            )
            assert self.archive.command(order, self.now).outcome is CommandOutcome.DONE

    def alert(self, alert_id: str | None) -> Alert:
        return next(one for one in self.archive.alerts().items if one.id == alert_id)

    def pass_time(self, seconds: float) -> None:
        self.seq += round(seconds / 10)


@pytest.fixture
def watchers(archive: Archive) -> Watchers:
    return Watchers(archive)


@pytest.fixture
def taught(watchers: Watchers) -> str:
    """The alert of a lamp that was rejected."""
    alert_id = watchers.see().alert_id
    watchers.reject(alert_id)
    return str(alert_id)


def test_a_rejected_lamp_is_quiet_and_counted_and_every_event_is_kept(
    watchers: Watchers, taught: str
) -> None:
    for event_id in ("e1", "e2", "e2", "e3"):
        taken = watchers.see(event_id)
        assert (taken.alert_id, taken.reason) == (taught, "quiet_place")
    assert len(watchers.archive.alerts().items) == 1
    assert watchers.alert(taught).detections == 5
    with watchers.archive.database.reading() as connection:
        rows = connection.execute(event.select()).all()
    assert [(row.folding, row.alert_id) for row in rows] == [
        ("first", taught),
        *[("quiet_place", taught)] * 4,
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"box": (0.1, 0.1, 0.1, 0.05)}, "grew_after_rejection"),
        ({"confidence": 0.66}, "surer_after_rejection"),
        ({"box": ELSEWHERE}, "elsewhere_after_rejection"),
        ({"priority": 1}, "grew_after_rejection"),
    ],
)
@pytest.mark.parametrize("event_id", ["e1", "e2"])
def test_what_is_another_thing_speaks(
    watchers: Watchers, taught: str, changes: dict[str, Any], reason: str, event_id: str
) -> None:
    taken = watchers.see(event_id, **changes)
    assert taken.reason == reason
    assert taken.alert_id != taught
    assert watchers.alert(taken.alert_id).state is AlertState.NEW


def test_a_lamp_that_creeps_up_is_measured_from_the_verdict(
    watchers: Watchers, taught: str
) -> None:
    for confidence in (0.55, 0.6, 0.64):
        assert watchers.see(confidence=confidence).reason == "quiet_place"
    assert watchers.see(confidence=0.66).reason == "surer_after_rejection"


def test_a_place_that_moves_slowly_does_not_take_the_quiet_with_it(
    watchers: Watchers, taught: str
) -> None:
    reasons = [watchers.see(box=(0.1 + 0.02 * step, 0.1, 0.05, 0.05)).reason for step in range(8)]
    assert reasons[:3] == ["quiet_place"] * 3
    assert "elsewhere_after_rejection" in reasons


def test_the_lamp_stays_quiet_while_a_fire_burns_elsewhere_and_after_it(
    watchers: Watchers, taught: str
) -> None:
    fire = watchers.see("e2", box=ELSEWHERE).alert_id
    assert watchers.see("e3").alert_id == taught
    assert watchers.alert(fire).box == pytest.approx(ELSEWHERE)
    assert watchers.see("e2", box=ELSEWHERE).alert_id == fire


def test_two_rejected_places_are_both_quiet(watchers: Watchers, taught: str) -> None:
    second = watchers.see("e2", box=ELSEWHERE).alert_id
    watchers.reject(second)
    assert (watchers.see("e3").alert_id, watchers.see("e4", box=ELSEWHERE).alert_id) == (
        taught,
        second,
    )


def test_another_class_is_not_quiet(watchers: Watchers, taught: str) -> None:
    taken = watchers.see("e2", kind="arc", rule_id="pole")
    assert (taken.reason, taken.alert_id != taught) == ("first", True)


@pytest.mark.parametrize(
    ("camera_id", "reason"), [("yard", "agreed_after_rejection"), ("far", "quiet_place")]
)
def test_another_camera_that_can_see_it_agrees(
    watchers: Watchers, taught: str, camera_id: str, reason: str
) -> None:
    assert watchers.see("y1", camera_id, kind="smoke", rule_id="smoke").reason == "first"
    assert watchers.see().reason == reason


def test_another_camera_that_spoke_before_the_verdict_was_known_to_the_officer(
    watchers: Watchers,
) -> None:
    watchers.see("y1", "yard")
    taught = watchers.see().alert_id
    watchers.reject(taught)
    watchers.see("y1", "yard")
    assert watchers.see().reason == "quiet_place"


def test_another_camera_that_was_rejected_too_does_not_agree(
    watchers: Watchers, taught: str
) -> None:
    watchers.reject(watchers.see("y1", "yard").alert_id)
    assert watchers.see().reason == "quiet_place"


def test_the_quiet_ends(watchers: Watchers, taught: str) -> None:
    watchers.see("e1", phase=EventPhase.CLEARED)
    watchers.pass_time(800)
    assert watchers.see("e2").reason == "quiet_place"
    watchers.pass_time(200)
    assert watchers.see("e3").reason == "recurred"


def test_the_quiet_ends_where_a_workers_clock_is_behind(watchers: Watchers, taught: str) -> None:
    """Its fires were dated before the verdict, and quiet for as long again as its clock was off."""
    watchers.see("e1", phase=EventPhase.CLEARED)
    watchers.pass_time(1000)
    assert watchers.see("e2", captured_at=watchers.now - 3600).reason == "recurred"


def test_how_long_is_the_sites_to_decide(tmp_path: Any) -> None:
    settings = AlertPolicy(episode=DedupSettings(quiet_after_rejection_s=60.0))
    archive = Archive(f"sqlite:///{tmp_path}/archive.db", settings=settings)
    try:
        watchers = Watchers(archive)
        watchers.reject(watchers.see().alert_id)
        assert watchers.see("e2").reason == "quiet_place"
        watchers.pass_time(60)
        assert watchers.see("e3").reason == "recurred"
    finally:
        archive.close()


def test_metres_between_two_cameras() -> None:
    assert distance_m(PLACES["gate"], PLACES["gate"]) == 0.0
    assert distance_m(PLACES["gate"], PLACES["far"]) == pytest.approx(4448, rel=0.01)
    assert distance_m((21.0, 105.80), (21.0, 105.81)) == pytest.approx(1038, rel=0.01)
