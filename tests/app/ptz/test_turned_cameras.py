"""Where turned cameras look, told from centre to centre and to workers by a real queue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.ptz.turned_cameras import (
    AGAIN_EVERY_S,
    LEFT_AFTER_S,
    POLL_EVERY_S,
    Position,
    TurnedCamera,
    TurnedCameraPublisher,
    TurnedViews,
    position_name,
    read_turned,
)

GATE = TurnedCamera(
    id="gate", position=Position.PRESET, preset="2", is_moving=False, holder="Đ/c An"
)


@dataclass
class Desk:
    """What one centre turns, and what it heard."""

    own: list[TurnedCamera] = field(default_factory=list)
    others: Mapping[str, TurnedCamera] = field(default_factory=dict)
    left: list[TurnedCamera] = field(default_factory=list)

    def turned(self) -> Iterable[TurnedCamera]:
        return self.own

    def hear(self, others: Mapping[str, TurnedCamera], left: Iterable[TurnedCamera]) -> None:
        self.others, self.left = others, list(left)


class Now:
    at = 1000.0

    def __call__(self) -> float:
        return self.at


def _publisher(queue: EventQueue, desk: Desk, centre: str, now: Now) -> TurnedCameraPublisher:
    return TurnedCameraPublisher(queue.turned, desk, centre, now)


def test_a_camera_is_told_until_it_is_home(queue: EventQueue) -> None:
    desk = Desk(own=[GATE])
    publisher = _publisher(queue, desk, "a", Now())
    publisher.round()
    assert read_turned(queue.turned) == {"gate": GATE}
    desk.own = []
    publisher.round()
    assert read_turned(queue.turned) == {}


def test_what_a_dead_centre_left_is_heard_by_the_next(queue: EventQueue) -> None:
    now, first, second = Now(), Desk(own=[GATE]), Desk()
    _publisher(queue, first, "a", now).round()
    heir = _publisher(queue, second, "b", now)
    heir.round()
    assert (second.others, second.left) == ({"gate": GATE}, [])
    now.at += LEFT_AFTER_S
    heir.round()
    assert (second.others, second.left) == ({}, [GATE])
    assert read_turned(queue.turned) == {"gate": GATE}  # workers go on knowing
    second.own = [GATE]
    heir.round()
    assert second.left == []
    second.own = []
    heir.round()
    assert read_turned(queue.turned) == {}


def test_what_a_dead_centre_left_at_home_is_forgotten(queue: EventQueue) -> None:
    now, desk = Now(), Desk()
    home = replace(GATE, position=Position.HOME, preset=None)
    _publisher(queue, Desk(own=[home]), "a", now).round()
    now.at += LEFT_AFTER_S
    _publisher(queue, desk, "b", now).round()
    assert (desk.left, read_turned(queue.turned)) == ([], {})


def test_a_centre_that_lives_says_so_again(queue: EventQueue) -> None:
    now, desk, other = Now(), Desk(own=[GATE]), Desk()
    living = _publisher(queue, desk, "a", now)
    for _ in range(10):
        living.round()
        now.at += AGAIN_EVERY_S
    _publisher(queue, other, "b", now).round()
    assert other.left == []
    assert other.others == {"gate": GATE}


@pytest.mark.parametrize(
    "text", [b"{", b"[]", b"{}", b'{"position": "upside down"}', b"[" * 100_000, b"\xff"]
)
def test_nonsense_in_the_queue_is_left_out(queue: EventQueue, text: bytes) -> None:
    publisher = _publisher(queue, Desk(own=[GATE]), "a", Now())
    queue._redis.hset(redis_keys.TURNED, "other", text)
    publisher.round()
    assert read_turned(queue.turned) == {"gate": GATE}


def test_a_queue_that_is_down_says_so(queue: EventQueue) -> None:
    queue.close()
    broken = EventQueue("redis://127.0.0.1:9/0")
    with pytest.raises(QueueError):
        read_turned(broken.turned)


@dataclass
class Cameras:
    """A worker's, and what they were told."""

    any_turns: bool = True
    told: list[Mapping[str, TurnedCamera]] = field(default_factory=list)

    def look_at(self, turned: Mapping[str, TurnedCamera]) -> None:
        self.told.append(turned)


def test_a_worker_hears_where_its_cameras_look_and_asks_only_if_one_turns(
    queue: EventQueue,
) -> None:
    now, cameras = Now(), Cameras()
    _publisher(queue, Desk(own=[GATE]), "a", now).round()
    views = TurnedViews(queue.turned, cameras, now)
    views.poll()
    views.poll()
    now.at += POLL_EVERY_S
    views.poll()
    assert cameras.told == [{"gate": GATE}] * 2
    cameras.any_turns = False
    now.at += POLL_EVERY_S
    views.poll()
    assert len(cameras.told) == 2


def test_a_view_has_a_name_where_it_stands_still() -> None:
    moving = replace(GATE, is_moving=True)
    home = replace(GATE, position=Position.HOME, preset=None)
    named = [position_name(one) for one in (None, GATE, moving, home)]
    assert named == ["", "preset 2", None, ""]
