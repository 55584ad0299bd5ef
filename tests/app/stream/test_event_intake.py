"""That no centre takes events is told, and not while one centre takes over from another."""

import pytest

from tests.app.web_api.centre import SetClock
from thapcanh.alerts.store.coordination.centres import LivingCentre
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.app.stream.heartbeat import CACHED_S, GRACE_S, EventIntake

LEADS = LivingCentre(name="a", leads=True)
FOLLOWS = LivingCentre(name="b", leads=False)


class Told:
    """What PostgreSQL would say of the centres."""

    def __init__(self) -> None:
        self.centres = [LEADS, FOLLOWS]
        self.asked = 0
        self.unreachable = False

    def __call__(self) -> list[LivingCentre]:
        self.asked += 1
        if self.unreachable:
            raise ArchiveUnreachable("gone")
        return self.centres


def intake() -> tuple[EventIntake, Told, SetClock]:
    told, clock = Told(), SetClock()
    return EventIntake(told, clock), told, clock


def pass_by(clock: SetClock, seconds: float) -> None:
    clock.at += seconds


def test_one_that_leads_takes_events() -> None:
    asked, _, _ = intake()
    assert asked.stopped_since() is None


@pytest.mark.parametrize("left", [[FOLLOWS], []], ids=["followers", "nobody"])
def test_nobody_leads_is_told_with_the_time_it_began(left: list[LivingCentre]) -> None:
    asked, told, clock = intake()
    asked.stopped_since()
    told.centres = left
    pass_by(clock, CACHED_S)
    began = clock.utc()
    assert asked.stopped_since() is None
    pass_by(clock, GRACE_S - 0.1)
    assert asked.stopped_since() is None
    pass_by(clock, 0.2)
    assert asked.stopped_since() == began
    told.centres = [LEADS]
    pass_by(clock, CACHED_S)
    assert asked.stopped_since() is None


def test_a_lead_that_passes_on_is_not_told() -> None:
    asked, told, clock = intake()
    for _ in range(10):
        for centres in ([FOLLOWS], [LEADS]):
            told.centres = centres
            pass_by(clock, GRACE_S / 2)
            assert asked.stopped_since() is None


def test_many_heartbeats_ask_the_archive_once_a_second() -> None:
    asked, told, clock = intake()
    for _ in range(100):
        asked.stopped_since()
    assert told.asked == 1
    pass_by(clock, CACHED_S)
    asked.stopped_since()
    assert told.asked == 2


def test_an_archive_that_does_not_answer_is_not_taken_for_nobody() -> None:
    asked, told, clock = intake()
    told.unreachable = True
    for _ in range(3):
        pass_by(clock, GRACE_S)
        with pytest.raises(ArchiveUnreachable):
            asked.stopped_since()
    told.unreachable = False
    assert asked.stopped_since() is None
