"""A camera of our own that tells events by PullPoint, built on the official WSDL.

Requests are read and answers written by the `events.wsdl` that `onvif-zeep-async` ships, so both
sides go by the standard's idea of a message. The rest of the camera is `scripted_camera`. A test
may put any answer of its own in place of one of these.
"""

import functools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import onvif
from lxml import etree
from zeep import xsd
from zeep.wsdl import Document

from tests.ingest.onvif.scripted_camera import (
    Handler,
    ScriptedCamera,
    enveloped,
    fault,
    scripted_camera,
    send,
)

_EVENTS = "http://www.onvif.org/ver10/events/wsdl"
_SCHEMA = "http://www.onvif.org/ver10/schema"
_WSDL = Path(onvif.__file__).parent / "wsdl" / "events.wsdl"
_BINDINGS = {
    "CreatePullPointSubscription": "EventBinding",
    "PullMessages": "PullPointSubscriptionBinding",
    "Renew": "SubscriptionManagerBinding",
    "Unsubscribe": "SubscriptionManagerBinding",
}
_DIALECT = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"


@functools.cache
def _document() -> Any:
    from onvif.transport import ASYNC_TRANSPORT

    return Document(str(_WSDL), ASYNC_TRANSPORT)


def _operation(name: str) -> Any:
    return _document().bindings[f"{{{_EVENTS}}}{_BINDINGS[name]}"].get(name)


@dataclass
class Subscription:
    """What one listener has not fetched yet."""

    ends_at: float
    waiting: list[Any] = field(default_factory=list)


@dataclass
class EventCamera:
    """What it tells, to whom, and how it keeps its subscriptions."""

    camera: ScriptedCamera
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    states: dict[tuple[str, ...], Any] = field(default_factory=dict)
    most: int = 10
    longest_s: float = 3600.0
    lasts_s: float | None = None
    """What it grants whatever it is asked for."""
    keeps_s: float | None = None
    """For how long it keeps a subscription, whatever it says of it."""
    knows_durations: bool = True
    made: int = 0
    renewed: int = 0
    reference: Callable[[str], str] | None = None
    """The subscription's address as it gives it out, from its true one."""
    parameters: tuple[str, ...] = ()
    heard_headers: list[str] = field(default_factory=list)
    asked_until: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    closed: bool = False

    @property
    def login(self) -> Any:
        return self.camera.login

    def happen(
        self,
        topic: str,
        source: Mapping[str, str],
        data: Mapping[str, str],
        operation: str | None = "Changed",
    ) -> None:
        """Tell everybody who subscribed; what has a state is told to later ones as initial."""
        with self.changed:
            message = (topic, dict(source), dict(data))
            if operation is not None:
                self.states[(topic, *source.values())] = message
            for one in self.subscriptions.values():
                one.waiting.append((*message, operation))
            self.changed.notify_all()

    def lose_subscriptions(self) -> None:
        """As a restart does."""
        with self.changed:
            self.subscriptions.clear()
            self.changed.notify_all()

    def create(self, handler: Handler, body: str) -> None:
        read = _read("CreatePullPointSubscription", body)
        with self.changed:
            self._forget_old()
            if len(self.subscriptions) >= self.most:
                send(handler, enveloped(fault("max subscriptions", "ter:ActionNotSupported")), 400)
                return
            name = f"s{self.made}"
            self.made += 1
            lasts = self._granted(str(read.InitialTerminationTime))
            waiting = [(*told, "Initialized") for told in self.states.values()]
            self.subscriptions[name] = Subscription(self._kept_until(lasts), waiting)
        address = f"{self.camera.address}/onvif/subscription/{name}"
        reference: dict[str, Any] = {
            "Address": self.reference(address) if self.reference else address
        }
        if self.parameters:
            given = [etree.fromstring(one) for one in self.parameters]
            reference["ReferenceParameters"] = {"_value_1": given}
        self._answer(
            handler, "CreatePullPointSubscription", SubscriptionReference=reference,
            CurrentTime=self._now(), TerminationTime=self._now() + timedelta(seconds=lasts),
        )  # fmt: skip

    def pull(self, handler: Handler, body: str) -> None:
        read = _read("PullMessages", body)
        self.heard_headers.append(body.partition("Body")[0])
        until = time.monotonic() + min(read.Timeout.total_seconds(), self.longest_s)
        with self.changed:
            while True:
                mine = self._mine(handler)
                if mine is None:
                    send(handler, enveloped(fault("no such subscription")), 400)
                    return
                left = until - time.monotonic()
                if mine.waiting or left <= 0 or self.closed:
                    break
                self.changed.wait(left)
            told, mine.waiting = (
                mine.waiting[: read.MessageLimit],
                mine.waiting[read.MessageLimit :],
            )
        self._answer(
            handler, "PullMessages", CurrentTime=self._now(),
            TerminationTime=self._now() + timedelta(seconds=60),
            NotificationMessage=[self._notification(*one) for one in told],
        )  # fmt: skip

    def renew(self, handler: Handler, body: str) -> None:
        read = _read("Renew", body)
        with self.changed:
            mine = self._mine(handler)
            if mine is None:
                send(handler, enveloped(fault("no such subscription")), 400)
                return
            lasts = self._granted(str(read.TerminationTime))
            mine.ends_at = self._kept_until(lasts)
            self.renewed += 1
        self._answer(
            handler, "Renew", CurrentTime=self._now(),
            TerminationTime=self._now() + timedelta(seconds=lasts),
        )  # fmt: skip

    def unsubscribe(self, handler: Handler, body: str) -> None:
        _read("Unsubscribe", body)
        with self.changed:
            self.subscriptions.pop(_name(handler), None)
            self.changed.notify_all()
        self._answer(handler, "Unsubscribe")

    def _granted(self, asked: str) -> float:
        """Seconds from what was asked for: a duration, or a moment by the camera's clock."""
        self.asked_until.append(asked)
        if self.lasts_s is not None:
            return self.lasts_s
        if asked.startswith("PT") and not self.knows_durations:
            return -1.0
        if asked.startswith("PT"):
            return float(xsd.Duration().pythonvalue(asked).total_seconds())
        return float((xsd.DateTime().pythonvalue(asked) - self._now()).total_seconds())

    def _kept_until(self, said_s: float) -> float:
        return time.monotonic() + (said_s if self.keeps_s is None else self.keeps_s)

    def _mine(self, handler: Handler) -> Subscription | None:
        self._forget_old()
        return self.subscriptions.get(_name(handler))

    def _forget_old(self) -> None:
        now = time.monotonic()
        for name in [one for one, kept in self.subscriptions.items() if kept.ends_at < now]:
            del self.subscriptions[name]

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.camera.clock_ahead_s)

    def _notification(
        self, topic: str, source: Mapping[str, str], data: Mapping[str, str], operation: str | None
    ) -> dict[str, Any]:
        def items(values: Mapping[str, str]) -> dict[str, Any]:
            return {"SimpleItem": [{"Name": name, "Value": one} for name, one in values.items()]}

        element = _document().types.get_element(f"{{{_SCHEMA}}}Message")
        more = {} if operation is None else {"PropertyOperation": operation}
        message = element(UtcTime=self._now(), Source=items(source), Data=items(data), **more)
        return {
            "Topic": {"_value_1": topic, "Dialect": _DIALECT},
            "Message": {"_value_1": xsd.AnyObject(element, message)},
        }

    def _answer(self, handler: Handler, name: str, **said: Any) -> None:
        written = _operation(name).output.serialize(**said)
        send(handler, etree.tostring(written.content))


def _read(name: str, request: str) -> Any:
    """What was asked, as the WSDL says; an error where it is not that."""
    return _operation(name).input.deserialize(etree.fromstring(request.encode()))


def _name(handler: Handler) -> str:
    return urlsplit(handler.path).path.rpartition("/")[2]


@contextmanager
def event_camera(address: str = "127.0.0.1") -> Iterator[EventCamera]:
    """One that runs on a free port."""
    with scripted_camera(address) as scripted:
        camera = EventCamera(scripted)
        scripted.events = True
        scripted.answers |= {
            "CreatePullPointSubscription": camera.create,
            "PullMessages": camera.pull,
            "Renew": camera.renew,
            "Unsubscribe": camera.unsubscribe,
        }
        try:
            yield camera
        finally:
            with camera.changed:
                camera.closed = True
                camera.changed.notify_all()
