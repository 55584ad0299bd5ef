"""What is told of the queue's servers: too few replicas, and a primary that is another one."""

import pytest

from thapcanh.alerts.queue.redis_client import QueuePrimary
from thapcanh.app.health.health_monitor import HealthMonitor
from thapcanh.app.health.queue_primary import MOVE_REPORTED_S, PrimaryMoves, primary_findings
from thapcanh.detection.event import Event

START = 100_000.0


class Told:
    """The events of a centre that sees these servers, a second apart."""

    def __init__(self, wanted: int) -> None:
        self._moves = PrimaryMoves()
        self._monitor = HealthMonitor(())
        self._desired = wanted
        self._at = START

    def see(self, primary: QueuePrimary | None, rounds: int = 1) -> list[tuple[str, str, str]]:
        events: list[Event] = []
        for _ in range(rounds):
            self._at += 1.0
            move = self._moves.seen(primary, self._at)
            raised = self._monitor.raised
            findings = primary_findings(primary, move, self._desired, "queue", raised)
            events += self._monitor.judge(findings, self._at)
        return [(str(one.phase), one.rule_id, one.reason) for one in events]


def primary(port: int = 1, replicas: int = 2) -> QueuePrimary:
    return QueuePrimary(address=f"10.0.0.{port}:6379", replicas=replicas)


def test_too_few_replicas_are_told_and_cleared() -> None:
    told = Told(wanted=2)
    assert told.see(primary(), 20) == []
    assert told.see(primary(replicas=1), 9) == []
    assert told.see(primary(replicas=1), 5) == [
        ("raised", "queue_replicas", "1 of 2 replicas: events wait on the workers")
    ]
    assert told.see(None, 30) == []  # nobody knows
    assert [phase for phase, _, _ in told.see(primary(), 15)] == ["cleared"]


def test_a_failover_names_both_addresses_and_is_over_after_a_while() -> None:
    told = Told(wanted=0)
    told.see(primary(1))
    assert told.see(None, 3) == []
    (event,) = told.see(primary(2), 5)
    assert event[:2] == ("raised", "queue_primary")
    assert event[2] == "the queue's primary is 10.0.0.2:6379, it was 10.0.0.1:6379"
    assert [one[0] for one in told.see(primary(1))] == ["raised", "cleared"]  # and back
    assert [one[0] for one in told.see(primary(1), int(MOVE_REPORTED_S) + 1)] == ["cleared"]


@pytest.mark.parametrize("wanted", [0, 2])
def test_one_server_alone_says_nothing(wanted: int) -> None:
    assert Told(wanted).see(None, 60) == []
