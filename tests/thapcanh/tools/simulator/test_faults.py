"""Fault orders: what is understood, what is refused and how, and how long a condition lasts."""

import asyncio
import math

import pytest

from thapcanh.tools.simulator.camera import CameraStatus
from thapcanh.tools.simulator.control import answer
from thapcanh.tools.simulator.errors import FaultRefused
from thapcanh.tools.simulator.faults import (
    CameraCondition,
    CameraFault,
    FaultOrder,
    FaultState,
    after_order,
    condition_at,
    fault_order,
)


@pytest.mark.parametrize(
    ("fault", "condition"),
    [
        ("stall", CameraCondition.STALLED),
        ("freeze", CameraCondition.FROZEN),
        ("garbage", CameraCondition.GARBLED),
        ("mute", CameraCondition.MUTE),
    ],
)
def test_a_timed_fault_lasts_its_time(fault: str, condition: CameraCondition) -> None:
    state = after_order(fault_order(fault, "front", "2.5"), FaultState(), now_s=10.0)
    assert condition_at(state, 10.0) is condition
    assert condition_at(state, 12.49) is condition
    assert condition_at(state, 12.5) is CameraCondition.WELL


def test_off_lasts_until_on() -> None:
    state = after_order(fault_order("off", "front"), FaultState(), now_s=0.0)
    assert condition_at(state, 1e9) is CameraCondition.OFF
    state = after_order(fault_order("on", "front"), state, now_s=1e9)
    assert condition_at(state, 1e9) is CameraCondition.WELL


def test_the_latest_order_wins() -> None:
    state = after_order(fault_order("off", "front"), FaultState(), now_s=0.0)
    state = after_order(fault_order("stall", "front", 1), state, now_s=0.0)
    assert condition_at(state, 0.5) is CameraCondition.STALLED
    assert condition_at(state, 1.0) is CameraCondition.WELL


@pytest.mark.parametrize("fault", ["kill", "end", "size"])
def test_an_event_leaves_the_condition_alone(fault: str) -> None:
    state = FaultState(condition=CameraCondition.FROZEN, until_s=5.0)
    assert after_order(fault_order(fault, "front"), state, now_s=1.0) == state


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("explode", "front"), "unknown-order"),
        (("stall", "front"), "missing-seconds"),
        (("stall", "front", "soon"), "bad-seconds"),
        (("freeze", "front", "0"), "bad-seconds"),
        (("freeze", "front", "-1"), "bad-seconds"),
        (("mute", "front", "nan"), "bad-seconds"),
        (("garbage", "front", math.inf), "bad-seconds"),
        (("kill", "front", "5"), "too-many-words"),
        (("size", "front", "large"), "bad-size"),
        (("size", "front", "321x180"), "bad-size"),
        (("size", "front", "8000x4000"), "bad-size"),
        (("size", "front", "10x10"), "bad-size"),
    ],
)
def test_a_wrong_order_is_refused_by_name(words: tuple[str, ...], code: str) -> None:
    with pytest.raises(FaultRefused) as refused:
        fault_order(*words)
    assert refused.value.code == code


def test_a_size_is_read() -> None:
    assert fault_order("size", "front", "320x180").size == (320, 180)
    assert fault_order("size", "front").size is None


class OneCamera:
    """Obeys for a camera `front` that is always well."""

    def __init__(self) -> None:
        self.obeyed: list[FaultOrder] = []

    async def obey(self, order: FaultOrder) -> CameraStatus:
        if order.camera != "front":
            raise FaultRefused("unknown-camera", f"{order.camera!r} is none of: front")
        self.obeyed.append(order)
        return self.statuses()[0]

    def statuses(self) -> list[CameraStatus]:
        return [
            CameraStatus(
                name="front",
                condition=CameraCondition.WELL,
                position_s=1.5,
                duration_s=3.0,
                rounds=2,
                viewers=1,
                skipped_units=0,
                width=320,
                height=240,
            )
        ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("stall front 5", "ok front well 320x240"),
        ("kill front", "ok front well 320x240"),
        ("status", "ok front=well"),
        ("stall back 5", "error unknown-camera:"),
        ("status back", "error unknown-camera:"),
        ("status front back", "error too-many-words:"),
        ("stall", "error missing-camera:"),
        ("stall front 5 6", "error too-many-words:"),
        ("dance front", "error unknown-order:"),
        ("STALL front 5", "error unknown-order:"),
    ],
)
def test_every_line_has_a_one_line_answer(line: str, said: str) -> None:
    text = asyncio.run(answer(OneCamera(), line.split()))
    assert text.startswith(said)
    assert "\n" not in text


def test_an_order_arrives_as_it_was_given() -> None:
    camera = OneCamera()
    asyncio.run(answer(camera, ["freeze", "front", "1.5"]))
    assert camera.obeyed == [FaultOrder(fault=CameraFault.FREEZE, camera="front", seconds=1.5)]


def test_a_status_shows_where_the_recording_is() -> None:
    text = asyncio.run(answer(OneCamera(), ["status", "front"]))
    assert "position_s=1.500" in text
    assert "rounds=2" in text
