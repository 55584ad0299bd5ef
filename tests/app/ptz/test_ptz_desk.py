"""Cameras turned for people: against a camera of our own over the network, on fast times."""

from collections.abc import Iterator

import pytest

from tests.app.ptz.bench import (
    AN,
    CHIEF,
    FAST,
    HOME_AFTER_S,
    PATROL,
    RIGHT,
    Bench,
    made_camera,
    motion,
    position,
    run,
    until,
)
from tests.ingest.onvif.scripted_camera import fault, scripted_camera
from thapcanh.app.ptz.driver import Motion
from thapcanh.app.ptz.lease import RENEWED_WITHIN_S, USED_WITHIN_S, PtzRefused
from thapcanh.app.ptz.login import NotTurned
from thapcanh.app.ptz.ptz_controller import HOME_RETRY_S, PtzController
from thapcanh.app.ptz.turned_cameras import Position, TurnedCamera
from thapcanh.config.servers.networks import NetworksConfig


@pytest.fixture
def bench() -> Iterator[Bench]:
    with scripted_camera() as camera:
        yield Bench(camera=camera, spec=made_camera(camera))


def test_a_move_that_is_not_renewed_is_stopped(bench: Bench) -> None:
    async def deed(desk: PtzController) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)
        assert bench.told("Stop") == 0
        bench.now += FAST.renewed_within_s
        await until(lambda: not bench.camera.moving and motion(desk) is Motion.STILL)
        assert position(desk) is Position.ELSEWHERE

    run(bench, deed)


def test_the_camera_stops_when_the_page_goes_and_others_may_turn_it(bench: Bench) -> None:
    async def deed(desk: PtzController) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)
        bench.now += RENEWED_WITHIN_S
        await until(lambda: not bench.camera.moving)
        with pytest.raises(PtzRefused, match="ptz_no_lease"):
            desk.move(bench.spec, AN, RIGHT)
        await until(lambda: "ptz_ended" in bench.kinds())
        desk.take(bench.spec, PATROL)

    run(bench, deed)
    assert bench.kinds()[:3] == ["ptz_taken", "ptz_moved", "ptz_ended"]
    assert bench.acts[2].details == {"why": "gone"}


def test_a_page_that_only_stays_open_loses_the_right(bench: Bench) -> None:
    async def deed(desk: PtzController) -> None:
        desk.take(bench.spec, AN)
        for _ in range(int(USED_WITHIN_S) - 1):
            bench.now += 1.0
            desk.renew("gate", AN)
        bench.now += 1.0
        with pytest.raises(PtzRefused, match="ptz_no_lease"):
            desk.renew("gate", AN)
        desk.take(bench.spec, PATROL)

    run(bench, deed)


def test_a_leader_takes_over_and_the_camera_stops_first(bench: Bench) -> None:
    async def deed(desk: PtzController) -> None:
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

    async def deed(desk: PtzController) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.told("ContinuousMove"))
        desk.stop(bench.spec, AN)
        await until(lambda: bench.told("Stop"))
        bench.now += FAST.runaway_after_s
        await until(lambda: motion(desk) is Motion.RUNAWAY)
        assert "motor busy" in desk.runaways()["gate"]
        assert "127.0.0.1" not in desk.runaways()["gate"]
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

    async def deed(desk: PtzController) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)
        desk.stop(bench.spec, AN)
        await until(lambda: motion(desk) is Motion.STOPPING)
        bench.now += FAST.runaway_after_s
        await until(lambda: desk.runaways() == {"gate": "it still turns"})
        bench.camera.moving = False
        bench.now += FAST.runaway_retry_s
        await until(lambda: motion(desk) is Motion.STILL)

    run(bench, deed)


def test_it_goes_to_a_preset_and_home_by_itself_when_nobody_has_it(bench: Bench) -> None:
    bench.spec = made_camera(bench.camera, ptz_home="1")

    async def deed(desk: PtzController) -> None:
        desk.take(bench.spec, AN)
        driver = desk.driver("gate")
        assert driver is not None

        def presets() -> object:  # asked for again with time, where the first answer was too late
            bench.now += FAST.presets_retry_s
            desk.renew("gate", AN)
            return driver.presets

        await until(presets)
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

    async def deed(desk: PtzController) -> None:
        desk.take(bench.spec, AN)
        desk.go(bench.spec, AN, "2")
        await until(lambda: position(desk) is Position.PRESET)
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

    async def deed(desk: PtzController) -> None:
        desk.hear({}, [left])
        await until(lambda: desk.driver("gate") and not bench.camera.moving)
        await until(lambda: motion(desk) is Motion.STILL)
        bench.now += HOME_AFTER_S
        await until(lambda: not desk.turned())
        assert bench.told("GotoHomePosition") == 1

    run(bench, deed)


def test_what_cannot_be_brought_home_is_said_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    left = TurnedCamera(id="gate", position=Position.ELSEWHERE, preset=None, is_moving=False)

    async def deed(desk: PtzController) -> None:
        bench.sites.append(bench.sites[-1].model_copy(update={"networks": NetworksConfig()}))
        for _ in range(3):
            desk.hear({}, [left])
            await until(lambda: not desk._left)

    run(bench, deed)
    assert caplog.text.count("left away from home") == 1
    assert bench.camera.asked == []


def test_who_turns_it_at_another_centre_is_not_disturbed(bench: Bench) -> None:
    there = TurnedCamera(
        id="gate", position=Position.HOME, preset=None, is_moving=False, holder="Đ/c Bình"
    )

    async def deed(desk: PtzController) -> None:
        desk.hear({"gate": there}, [])
        with pytest.raises(PtzRefused) as refused:
            desk.take(bench.spec, CHIEF, take_over=True)
        assert refused.value.holder == "Đ/c Bình"
        desk.hear({}, [])
        desk.take(bench.spec, CHIEF)

    run(bench, deed)


def test_no_address_outside_the_allowed_networks_is_told_anything(bench: Bench) -> None:
    async def deed(desk: PtzController) -> None:
        bench.sites.append(bench.sites[-1].model_copy(update={"networks": NetworksConfig()}))
        with pytest.raises(NotTurned, match="names no network"):
            desk.take(bench.spec, AN)

    run(bench, deed)
    assert bench.camera.asked == []


def test_a_camera_that_moves_is_stopped_when_the_centre_ends(bench: Bench) -> None:
    async def deed(desk: PtzController) -> None:
        desk.take(bench.spec, AN)
        desk.move(bench.spec, AN, RIGHT)
        await until(lambda: bench.camera.moving)

    run(bench, deed)
    assert not bench.camera.moving
