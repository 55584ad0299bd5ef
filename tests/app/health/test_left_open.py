"""What a camera or a worker left open ends, each way that it can go."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.app.web_api.made_reports import reports_of
from tests.made_archives import archive_at
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message, encode
from thapcanh.alerts.queue.sender_check import SenderCheck, SenderKnowledge
from thapcanh.alerts.queue.system_events import SystemKind, system_event
from thapcanh.app.health.health_monitor import (
    MOVED,
    HealthCheck,
    HealthMonitor,
    HealthProblem,
    HealthVerdict,
)
from thapcanh.app.health.left_open import ABANDONED_S, LeftOpen
from thapcanh.app.worker.health_checks import OFFLINE
from thapcanh.detection.event import Event

START = 100_000.0
SITE = ("gate", "yard")


@pytest.fixture
def archive(tmp_path: Path) -> Any:
    made = archive_at(tmp_path / "archive.sqlite")
    yield made
    made.close()


class Desk:
    """Workers' messages on their way through the centre's check into the archive."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.facts: dict[str, CameraFacts] = {
            one: CameraFacts(name=one, agency="pc07") for one in SITE
        }
        self._check = SenderCheck(
            SenderKnowledge(
                is_camera=lambda camera: camera in self.facts,
                labels=lambda: {"fire"},
                raised_by=lambda _: {},
                key_of=lambda _: None,
            )
        )
        self._seqs: dict[str, int] = {}

    def take(self, source: str, events: Sequence[Event], now: float) -> None:
        for event in events:
            seq = self._seqs[source] = self._seqs.get(source, 0) + 1
            message = Message(
                event=event, source=source, producer_epoch=1, producer_seq=seq, spooled_at=now
            )
            checked = self._check.checked(encode(message), message, now, now)
            self.archive.take_in(checked, queued_at=now, now=now, camera=self.facts.get)

    def alerts(self) -> list[tuple[str, str | None, str]]:
        found = [
            (one.camera_name, one.agency, str(one.condition)) for one in self.archive.alerts().items
        ]
        return sorted(found, key=str)


def _offline(*cameras: str) -> list[HealthCheck]:
    fault = HealthVerdict.FAULT
    return [HealthCheck(trouble=OFFLINE, subject=one, verdict=fault) for one in cameras]


def _through(watch: HealthMonitor, findings: Sequence[HealthCheck], at: float) -> list[Event]:
    return [event for step in range(40) for event in watch.judge(findings, at + step)]


@pytest.mark.parametrize("way", ["removed", "disabled", "given another id"])
def test_a_camera_that_leaves_the_site_while_offline_ends_its_alarm(
    archive: Archive, way: str
) -> None:
    desk, watch = Desk(archive), HealthMonitor()
    desk.take("worker-0", _through(watch, _offline(*SITE), START), START)
    assert [one[2] for one in desk.alerts()] == ["active", "active"]
    del desk.facts["gate"]
    findings = _offline("yard")
    if way == "given another id":
        desk.facts["north-gate"] = CameraFacts(name="north-gate", agency="pc07")
        findings = _offline("yard", "north-gate")
    desk.take("worker-0", _through(watch, findings, START + 60), START + 100)
    rest = [("north-gate", "pc07", "active")] if way == "given another id" else []
    expected = [("gate", "pc07", "cleared"), *rest, ("yard", "pc07", "active")]
    assert desk.alerts() == expected


def test_a_camera_that_another_worker_has_is_one_alert_and_ends_once(archive: Archive) -> None:
    desk, old, new = Desk(archive), HealthMonitor(), HealthMonitor()
    desk.take("worker-0", _through(old, _offline("gate"), START), START)
    desk.take("worker-1", _through(new, _offline("gate"), START + 60), START + 60)
    desk.take("worker-0", _through(old, [], START + 61), START + 61)
    assert desk.alerts() == [("gate", "pc07", "active")]
    fine = HealthCheck(trouble=OFFLINE, subject="gate", verdict=HealthVerdict.FINE)
    desk.take("worker-1", _through(new, [fine], START + 100), START + 140)
    assert desk.alerts() == [("gate", "pc07", "cleared")]


@pytest.mark.parametrize(
    "facts",
    [CameraFacts(name="gate", agency="pc08"), CameraFacts(name="gate", agency="pc07", area="b")],
)
def test_a_camera_of_another_agency_is_their_alarm_and_no_longer_the_first_ones(
    archive: Archive, facts: CameraFacts
) -> None:
    desk, watch = Desk(archive), HealthMonitor()
    desk.take("worker-0", _through(watch, _offline("gate"), START), START)
    desk.facts["gate"] = facts
    desk.take("worker-0", watch.end({"gate"}, MOVED, START + 50), START + 50)
    desk.take("worker-0", _through(watch, _offline("gate"), START + 51), START + 90)
    first, second = sorted(archive.alerts().items, key=lambda one: one.number)
    assert (first.agency, first.area, first.condition) == ("pc07", None, "cleared")
    assert (second.agency, second.area, second.condition) == (facts.agency, facts.area, "active")
    assert second.recurrence_of is None, "whose alert that was is not theirs to know"


def _worker(name: str, *cameras: str, lost_since: float | None = None) -> Mapping[str, Any]:
    is_lost = {} if lost_since is None else {"lost": True, "reported_at": lost_since}
    return {"worker": name, "cameras": [{"id": one} for one in cameras], **is_lost}


_SPOOL = HealthProblem(rule_id="events_lost", kind=SystemKind.QUEUE_LAG)


@pytest.mark.parametrize(
    ("workers", "cameras", "reason"),
    [
        pytest.param([_worker("worker-0", "gate")], SITE, None, id="it is watched"),
        pytest.param([_worker("worker-0")], SITE, None, id="it is of the site"),
        pytest.param([_worker("worker-0", "gate")], (), None, id="a phone is in no file"),
        pytest.param([_worker("worker-0")], ("yard",), "no_longer_watched", id="camera is gone"),
        pytest.param([_worker("worker-1", "gate")], SITE, "worker_gone", id="worker is gone"),
        pytest.param([], SITE, "worker_gone", id="all workers are gone"),
    ],
)
def test_what_nobody_will_clear_ends_after_minutes_and_once(
    archive: Archive, workers: list[Mapping[str, Any]], cameras: Sequence[str], reason: str | None
) -> None:
    desk, left = Desk(archive), LeftOpen(archive)
    own = system_event(
        _SPOOL.kind, "worker-0", _SPOOL.rule_id, priority=2, reason="full", now=START
    )
    desk.take("worker-0", _through(HealthMonitor(), _offline("gate"), START), START)
    if reason == "worker_gone":
        desk.take("worker-0", [own], START)
    expected = {None: 0, "no_longer_watched": 1, "worker_gone": 2}[reason]
    for at in range(0, int(ABANDONED_S), 30):
        assert left.ended(reports_of(workers), cameras, START + at) == []
    ended = left.ended(reports_of(workers), cameras, START + ABANDONED_S)
    assert [one.reason for one in ended] == [reason] * expected
    assert left.ended(reports_of(workers), cameras, START + ABANDONED_S + 30) == [], "told once"
    desk.archive.take_in_all(
        [
            (
                Message(
                    event=one, source="centre", producer_epoch=1, producer_seq=number,
                    spooled_at=START,
                ),
                START,
            )
            for number, one in enumerate(ended, 1)
        ],
        now=START + ABANDONED_S,
        camera=desk.facts.get,
    )  # fmt: skip
    assert {one[2] for one in desk.alerts()} == {"active" if reason is None else "cleared"}


def test_while_nobody_can_report_nobody_is_given_up(archive: Archive) -> None:
    desk, left = Desk(archive), LeftOpen(archive)
    desk.take("worker-0", _through(HealthMonitor(), _offline("gate"), START), START)
    assert left.ended([], SITE, START) == []
    left.interrupted()
    assert left.ended([], SITE, START + ABANDONED_S) == []
