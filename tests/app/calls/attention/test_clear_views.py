"""Cameras that look at a device's alarm and see nothing lower it, once; blind ones never do."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.app.signals.test_signals_api import PANEL, Signals
from tests.app.web_api.centre import Centre
from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.alert.records import Alert, CommandRequest
from thapcanh.alerts.queue.workers.worker_report import CameraFigures
from thapcanh.alerts.signals.signal_schema import SignalBody
from thapcanh.alerts.store.roles import Actor, AlertAction, Role
from thapcanh.app.calls.attention.clear_view_tasks import CameraSources, ClearViewTask
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.detection.rules.fire import FireRule

BOUND = ("cam-1", "cam-3")
OF_ONE = FireRule(id="f", cameras=("cam-1",))
Spoil = Callable[["Watch"], object]


class Watch:
    """A panel that two cameras look at, their worker, and the centre's rounds."""

    def __init__(self, centre: Centre, folder: Path) -> None:
        self.signals = Signals(centre, folder)
        self.centre = centre
        panel = PANEL.model_copy(update={"cameras": BOUND})
        rules = (FireRule(id="fire"),)
        self.change(devices=(panel,), rules=rules)
        self.looks = dict.fromkeys(BOUND, 1000)
        self.words: dict[str, dict[str, Any]] = {
            one: {"id": one, "state": "online", "picture": "ok"} for one in BOUND
        }
        self.harder: Collection[str] = BOUND
        self.looks_a_round = 20
        cameras = CameraSources(
            board=CameraBoard(centre.reports, centre.site, centre.clock),
            figures=self._figures,
            looking_harder=lambda: self.harder,
        )
        database, find = centre.archive.database, self.signals.devices.find
        self.rounds = ClearViewTask(database, cameras, centre.site, find, centre.clock.utc)

    def change(self, **changes: Any) -> None:
        self.centre.site.replace(self.centre.site().model_copy(update=changes))

    def change_camera(self, **changes: Any) -> None:
        first, *others = self.centre.site().cameras
        self.change(cameras=(first.model_copy(update=changes), *others))

    def tell(self, kind: str = "fire", **more: Any) -> Alert:
        """The panel's signal, in the archive."""
        self.signals.desk.receive(
            told(self.centre.clock.at, kind, **more), str(self.centre.clock.at)
        )
        return self.alert()

    def alert(self) -> Alert:
        found: list[Alert] = [one for one in self.signals.arrive() if one.rule_id == "device"]
        return max(found, key=lambda one: one.raised_at)

    def look(self, rounds: int = 10, every_s: float = 15.0) -> Alert:
        """Let the time pass."""
        for _ in range(rounds):
            self.centre.workers[:] = [{"worker": "w", "cameras": list(self.words.values())}]
            self.rounds.round()
            self.centre.clock.at += every_s
            for one in self.looks:
                self.looks[one] += self.looks_a_round
        return self.alert()

    def _figures(self, _: Collection[str]) -> Mapping[str, CameraFigures]:
        return {one: CameraFigures(looks=count) for one, count in self.looks.items()}


def told(at: float, kind: str, **more: Any) -> SignalBody:
    body = {"device_id": PANEL.id, "kind": kind, "at": datetime.fromtimestamp(at, UTC), **more}
    return SignalBody.model_validate(body)


@pytest.fixture
def watch(centre: Centre, tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(centre, tmp_path)
    yield watch
    watch.signals.spool.close()


@pytest.mark.parametrize(("kind", "before", "after"), [("fire", 1, 2), ("smoke", 2, 2)])
def test_what_no_camera_sees_goes_down_once_and_never_below_p2(
    watch: Watch, kind: str, before: int, after: int
) -> None:
    assert watch.tell(kind).priority == before
    assert watch.look(8).priority == before  # not long enough
    lowered = watch.look(3)
    assert (lowered.priority, lowered.state.value, lowered.condition.value) == (
        after, "new", "active",
    )  # fmt: skip
    assert "seen by none of 2 cameras at " in lowered.reason
    (line,) = [
        one
        for one in watch.centre.archive.log_of(lowered.id)
        if one.reason == "cameras_see_nothing"
    ]
    assert (line.details["cameras"], line.details["from"], line.details["to"]) == (
        list(BOUND), before, after,
    )  # fmt: skip
    again = watch.tell(kind, place="Vòng 9")
    assert (again.priority, again.id) == (before, lowered.id)
    assert again.spoke_reason == ("priority_rose" if before < after else "another_zone")
    assert watch.look(30).priority == before  # once is enough
    assert watch.centre.archive.verify_chain().ok


@pytest.mark.parametrize(("kind", "why"), [("fire", "awaits_cosign"), ("smoke", "rejected")])
def test_a_p1_that_the_machine_lowered_is_not_rejected_by_one_officer(
    watch: Watch, kind: str, why: str
) -> None:
    watch.tell(kind)
    lowered = watch.look(11)
    assert lowered.priority == 2
    archive, at = watch.centre.archive, watch.centre.clock.at
    an = Actor(username="an", name="An", role=Role.OPERATOR)

    def order(action: AlertAction, actor: Actor, **said: Any) -> str:
        seen = archive.alert(lowered.id)
        assert seen is not None
        request = CommandRequest(
            alert_id=lowered.id, action=action, actor=actor, expected_version=seen.version,
            idempotency_key=f"{action}{actor.username}", **said,
        )  # fmt: skip
        result = archive.command(request, at)
        assert result.outcome is CommandOutcome.DONE
        return result.why.value

    order(AlertAction.ACKNOWLEDGE, an)
    assert order(AlertAction.REJECT, an, reason="steam") == why
    if kind == "fire":
        leader = Actor(username="le", name="Lê", role=Role.LEADER)
        assert order(AlertAction.REJECT, leader) == "cosigned"


SPOILS: dict[str, Spoil] = {
    "offline": lambda watch: watch.words["cam-1"].update(state="offline"),
    "dark": lambda watch: watch.words["cam-1"].update(picture="dark"),
    "covered": lambda watch: watch.words["cam-3"].update(picture="covered"),
    "unwatched": lambda watch: watch.words.pop("cam-1"),
    "does not look": lambda watch: setattr(watch, "looks_a_round", 0),
    "looks seldom": lambda watch: setattr(watch, "looks_a_round", 1),
    "is not asked": lambda watch: setattr(watch, "harder", ("cam-1",)),
    "may be turned": lambda watch: watch.change_camera(ptz=True),
    "does not look for fire": lambda watch: watch.change(rules=(OF_ONE,)),
    "left the site": lambda watch: watch.change(cameras=watch.centre.site().cameras[1:]),
    "no cameras": lambda watch: watch.change(devices=(PANEL,)),
    "a camera sees it": lambda watch: watch.centre.raise_alert("cam-3", kind="smoke"),
}  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS.keys())
def test_a_camera_that_says_nothing_lowers_nothing(watch: Watch, spoil: Spoil) -> None:
    watch.tell()
    watch.look(2)
    spoil(watch)
    assert watch.look(15).priority == 1


def test_looks_are_counted_anew_after_a_break(watch: Watch) -> None:
    watch.tell()
    watch.look(8)
    watch.words["cam-1"]["picture"] = "frozen"
    watch.look(1)
    watch.words["cam-1"]["picture"] = "ok"
    assert watch.look(8).priority == 1
    watch.tell(place="Vòng 2")  # the fire spreads: they look again from the beginning
    assert watch.look(8).priority == 1
    watch.looks["cam-3"] = 3  # its worker began again
    assert watch.look(8).priority == 1
    assert watch.look(3).priority == 2
