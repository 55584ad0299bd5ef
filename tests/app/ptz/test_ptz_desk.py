"""Cameras turned for people: against a camera of our own over the network, on fast times."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

import pytest

from app.ptz.acts import PtzAct
from app.ptz.driver import DriverSettings, Motion
from app.ptz.lease import SEEN_WITHIN_S, Holder, Rank
from app.ptz.login import NotTurned
from app.ptz.ptz_desk import HOME_RETRY_S, PtzDesk, PtzRefused
from app.ptz.turned_cameras import Position, TurnedCamera
from config.camera import CameraConfig, OnvifLink, PtzConfig
from config.secret import SecretUrl
from config.site import OnvifConfig, Site
from ingest.onvif.ptz import Velocity
from tests.ingest.onvif.scripted_camera import ScriptedCamera, fault, scripted_camera
from tests.patience import patient

FAST = DriverSettings(
    tick_s=0.01, resend_s=0.05, retry_s=0.02, runaway_after_s=0.1, runaway_retry_s=0.05,
    begins_within_s=0.0, presets_retry_s=0.05,
)  # fmt: skip
AN = Holder(key="a", username="an", name="Đ/c An", role="operator", rank=Rank.OFFICER)
CHIEF = Holder(key="c", username="chi", name="Đ/c Chi", role="leader", rank=Rank.LEADER)
PATROL = Holder(key="p", username="token:p", name="Tuần tra", role="operator", rank=Rank.PATROL)
RIGHT = Velocity(pan=0.5)
HOME_AFTER_S = 60.0


@dataclass
class Bench:
    """A desk beside one camera, with a clock that stands until it is moved."""

    camera: ScriptedCamera
    spec: CameraConfig
    now: float = 1000.0
    acts: list[PtzAct] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)

    def desk(self) -> PtzDesk:
        self.sites.append(
            Site(
                cameras=(self.spec,),
                onvif=OnvifConfig(networks=(IPv4Network("127.0.0.1/32"),)),
                ptz=PtzConfig(home_after_s=HOME_AFTER_S),
            )
        )
        return PtzDesk(lambda: self.sites[-1], lambda: self.now, self.acts.append, settings=FAST)

    def told(self, operation: str) -> int:
        return self.camera.operations().count(operation)

    def kinds(self) -> list[str]:
        return [act.kind.value for act in self.acts]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with scripted_camera() as camera:
        yield Bench(camera=camera, spec=_camera(camera))


def _camera(camera: ScriptedCamera, **changes: Any) -> CameraConfig:
    facts: dict[str, Any] = {
        "id": "gate",
        "name": "Cổng",
        "source": SecretUrl("rtsp://an:kin@127.0.0.1/sub"),
        "ptz": True,
        "onvif": OnvifLink(service=camera.login.service),
    }
    return CameraConfig(**(facts | changes))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(patient(5)):
        while not condition():
            await asyncio.sleep(0.01)


def run(bench: Bench, deed: Callable[[PtzDesk], Awaitable[None]]) -> None:
    async def whole() -> None:
        desk = bench.desk()
        desk.start()
        try:
            await deed(desk)
        finally:
            await desk.close()

    asyncio.run(whole())


def _motion(desk: PtzDesk) -> Motion | None:
    driver = desk.driver("gate")
    return None if driver is None else driver.motion


def _position(desk: PtzDesk) -> Position | None:
    driver = desk.driver("gate")
    return None if driver is None else driver.position


def test_a_move_that_is_not_renewed_is_stopped(bench: Bench) -> None:
    async def deed(desk: PtzDesk) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)
        assert bench.told("Stop") == 0
        bench.now += FAST.renewed_within_s
        await until(lambda: not bench.camera.moving and _motion(desk) is Motion.STILL)
        assert _position(desk) is Position.ELSEWHERE

    run(bench, deed)


def test_the_camera_stops_when_the_page_goes_and_others_may_turn_it(bench: Bench) -> None:
    async def deed(desk: PtzDesk) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)
        bench.now += SEEN_WITHIN_S
        await until(lambda: not bench.camera.moving)
        with pytest.raises(PtzRefused, match="ptz_no_lease"):
            desk.move(bench.spec, AN, RIGHT)
        await until(lambda: "ptz_ended" in bench.kinds())
        desk.take(bench.spec, PATROL)

    run(bench, deed)
    assert bench.kinds()[:3] == ["ptz_taken", "ptz_moved", "ptz_ended"]
    assert bench.acts[2].details == {"why": "gone"}


def test_a_leader_takes_over_and_the_camera_stops_first(bench: Bench) -> None:
    async def deed(desk: PtzDesk) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)
        with pytest.raises(PtzRefused) as refused:
            desk.take(bench.spec, CHIEF)
        assert refused.value.holder == "Đ/c An"
        desk.take(bench.spec, CHIEF, take_over=True)
        await until(lambda: not bench.camera.moving)
        with pytest.raises(PtzRefused, match="ptz_held"):
            desk.move(bench.spec, AN, RIGHT)

    run(bench, deed)
    assert bench.acts[-1].details == {"was": "an"}


def test_a_camera_that_does_not_stop_is_told_again_and_named(bench: Bench) -> None:
    bench.camera.answers["Stop"] = fault("motor busy")

    async def deed(desk: PtzDesk) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.told("ContinuousMove"))
        desk.stop(bench.spec, AN)
        await until(lambda: bench.told("Stop"))
        bench.now += FAST.runaway_after_s
        await until(lambda: _motion(desk) is Motion.RUNAWAY)
        assert "motor busy" in desk.runaways()["gate"]
        told = bench.told("Stop")
        bench.now += FAST.runaway_retry_s
        await until(lambda: bench.told("Stop") > told)
        del bench.camera.answers["Stop"]
        bench.now += FAST.runaway_retry_s
        await until(lambda: not desk.runaways())
        assert not bench.camera.moving

    run(bench, deed)


def test_a_camera_that_says_it_stopped_and_turns_on_is_named_too(bench: Bench) -> None:
    bench.camera.answers["Stop"] = "<tptz:StopResponse/>"  # and goes on

    async def deed(desk: PtzDesk) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)
        desk.stop(bench.spec, AN)
        await until(lambda: _motion(desk) is Motion.STOPPING)
        bench.now += FAST.runaway_after_s
        await until(lambda: desk.runaways() == {"gate": "it still turns"})
        bench.camera.moving = False
        bench.now += FAST.runaway_retry_s
        await until(lambda: _motion(desk) is Motion.STILL)

    run(bench, deed)


def test_it_goes_to_a_preset_and_home_by_itself_when_nobody_has_it(bench: Bench) -> None:
    bench.spec = _camera(bench.camera, ptz_home="1")

    async def deed(desk: PtzDesk) -> None:
        desk.take(bench.spec, AN)
        driver = desk.driver("gate")
        assert driver is not None
        await until(lambda: driver.presets)
        assert [one.name for one in driver.presets or ()] == ["Cổng", "Bãi xe"]
        desk.go(bench.spec, AN, "2")
        with pytest.raises(PtzRefused, match="ptz_too_often"):
            desk.go(bench.spec, AN, "1")
        await until(lambda: driver.position is Position.PRESET)
        assert driver.preset == "2"
        assert desk.home_in_s("gate") is None  # somebody has it
        desk.release("gate", AN)
        assert desk.home_in_s("gate") == HOME_AFTER_S
        bench.now += HOME_AFTER_S
        await until(lambda: not desk.turned())

    run(bench, deed)
    sent = [body for operation, body in bench.camera.asked if operation == "GotoPreset"]
    assert [">1<" in body for body in sent] == [False, True]
    assert bench.kinds() == ["ptz_taken", "ptz_preset", "ptz_ended", "ptz_went_home"]


def test_the_way_home_is_tried_again(bench: Bench) -> None:
    bench.camera.answers["GotoHomePosition"] = fault("no home")

    async def deed(desk: PtzDesk) -> None:
        desk.take(bench.spec, AN)
        desk.go(bench.spec, AN, "2")
        await until(lambda: _position(desk) is Position.PRESET)
        desk.release("gate", AN)
        bench.now += HOME_AFTER_S
        await until(lambda: bench.told("GotoHomePosition"))
        driver = desk.driver("gate")
        assert driver is not None
        await until(lambda: driver.error)
        del bench.camera.answers["GotoHomePosition"]
        bench.now += HOME_RETRY_S
        await until(lambda: not desk.turned())

    run(bench, deed)


def test_what_a_dead_centre_left_is_stopped_and_brought_home(bench: Bench) -> None:
    bench.camera.moving = True
    left = TurnedCamera(
        id="gate", position=Position.ELSEWHERE, preset=None, is_moving=True, holder="Đ/c An"
    )

    async def deed(desk: PtzDesk) -> None:
        desk.hear({}, [left])
        await until(lambda: desk.driver("gate") and not bench.camera.moving)
        await until(lambda: _motion(desk) is Motion.STILL)
        bench.now += HOME_AFTER_S
        await until(lambda: not desk.turned())
        assert bench.told("GotoHomePosition") == 1

    run(bench, deed)


def test_who_turns_it_at_another_centre_is_not_disturbed(bench: Bench) -> None:
    there = TurnedCamera(
        id="gate", position=Position.HOME, preset=None, is_moving=False, holder="Đ/c Bình"
    )

    async def deed(desk: PtzDesk) -> None:
        desk.hear({"gate": there}, [])
        with pytest.raises(PtzRefused) as refused:
            desk.take(bench.spec, CHIEF, take_over=True)
        assert refused.value.holder == "Đ/c Bình"
        desk.hear({}, [])
        desk.take(bench.spec, CHIEF)

    run(bench, deed)


def test_no_address_outside_the_allowed_networks_is_told_anything(bench: Bench) -> None:
    async def deed(desk: PtzDesk) -> None:
        bench.sites.append(bench.sites[-1].model_copy(update={"onvif": OnvifConfig()}))
        with pytest.raises(NotTurned, match="names no network"):
            desk.take(bench.spec, AN)

    run(bench, deed)
    assert bench.camera.asked == []


def test_a_camera_that_moves_is_stopped_when_the_centre_ends(bench: Bench) -> None:
    async def deed(desk: PtzDesk) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)

    run(bench, deed)
    assert not bench.camera.moving
