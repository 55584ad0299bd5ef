"""From a call in the archive to the workers' cameras, by a real queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.alerts.conftest import until
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.exchanges.call_exchange import NearCall
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.errors import QueueUnreachable
from thapcanh.app.calls.attention.call_poller import POLL_EVERY_S, CallPoller

UNREADABLE = (
    "{",
    "[]",
    '{"gate": 3}',
    '{"gate": {"call": 7, "until": 9e9, "near": true}}',
    '{"gate": {"call": "113-0042 · believed: all", "until": 9e9, "near": true}}',
    '{"gate": {"call": "113-0042", "until": "soon", "near": true}}',
    '{"gate": {"call": "113-0042", "until": 1' + "0" * 400 + ', "near": true}}',
    '{"gate": {"call": "113-0042", "until": Infinity, "near": true}}',
    '{"gate": {"call": "113-0042", "until": NaN, "near": true}}',
    '{"gate": {"call": "113-0042", "until": 9e9, "near": true}}',
)
GATE = NearCall(call="113-0042", left_s=600.0, corroborates=True)


@dataclass
class Cameras:
    heard: Mapping[str, NearCall] = field(default_factory=dict)

    def set_calls(self, calls: Mapping[str, NearCall]) -> None:
        self.heard = calls


class Now:
    at = 1000.0

    def __call__(self) -> float:
        return self.at


class Silent:
    """A queue that answers once and then dies."""

    def __init__(self, told: dict[str, NearCall]) -> None:
        self.told = [told]

    def calls(self) -> dict[str, NearCall]:
        if self.told:
            return self.told.pop()
        raise QueueUnreachable("refused")


def test_workers_hear_of_it_and_also_one_that_starts_later(queue: EventQueue) -> None:
    queue.calls.publish_calls({"gate": GATE})
    for _ in range(2):  # a worker that begins again asks again
        cameras = Cameras()
        CallPoller(queue.calls, cameras, Now()).poll()
        assert (cameras.heard["gate"].call, cameras.heard["gate"].corroborates) == (GATE.call, True)
    queue.calls.publish_calls({})
    assert queue.calls.calls() == {}


def test_it_ends_by_itself_when_the_centre_is_gone(queue: EventQueue) -> None:
    short = NearCall(call="113-0001", left_s=0.3, corroborates=True)
    queue.calls.publish_calls({"gate": GATE, "yard": short})
    until(lambda: "yard" not in queue.calls.calls())
    assert set(queue.calls.calls()) == {"gate"}
    ttl_ms = queue._redis.pttl(redis_keys.CALLED)
    assert 0 < int(str(ttl_ms)) <= 600_000


def test_it_ends_by_itself_when_the_queue_is_gone() -> None:
    now, cameras = Now(), Cameras()
    heard = CallPoller(Silent({"gate": GATE}), cameras, now)
    heard.poll()
    now.at += POLL_EVERY_S
    heard.poll()
    assert cameras.heard == {"gate": GATE}
    now.at += GATE.left_s
    heard.poll()
    assert cameras.heard == {}


def test_what_cannot_be_read_is_left_out(queue: EventQueue) -> None:
    for text in UNREADABLE:
        queue._redis.set(redis_keys.CALLED, text)
        assert queue.calls.calls() == {}, text
