"""Cameras' own events: wake sleeping cameras, and evaluate rules of `camera_event`.

Events leave on the listener's thread with a current picture, or without one after
`PICTURE_WITHIN_S`. Wake-ups are limited per camera and in total, so that a flooding camera keeps
nothing awake.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from uuid6 import uuid7

from thapcanh.app.camera_events.listener import EventListener, ListenerSettings
from thapcanh.app.camera_events.rule_episodes import RuleEpisodes
from thapcanh.app.registry.discovery.finding import FindingRefused
from thapcanh.app.registry.discovery.onvif_login import onvif_login
from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import EVERY_CAMERA
from thapcanh.config.site import Site
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.rules.camera_event import CameraEventRule
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.onvif.event_topics import OnvifEvent, OnvifEventKind
from thapcanh.ingest.onvif.records import OnvifLogin

PICTURE_WITHIN_S = 1.5
OLDEST_PICTURE_S = 10.0
"""An idle camera shows one every 4 s; an older one is of a camera that shows nothing now."""

Accept = Callable[[Event, Frame | None, Camera | None], None]
CameraOf = Callable[[str], Camera | None]
SURE = frozenset(OnvifEventKind) - {OnvifEventKind.MOTION}
"""A leaf that moves is motion, all day; who tells of the others has judged what it saw."""
EACH_EVERY_S = 10.0
"""Between two wakes of one camera by its events; awake it stays for 5 s."""
SHARE = 8  # of the cameras of a worker, one in so many is woken by events within `SPAN_S`
LEAST = 4
SPAN_S = 5.0


class Wake(StrEnum):
    """Effect of an event on its camera's sleep."""

    NO = "no"
    PERHAPS = "perhaps"  # it wakes the camera now and then only
    SURELY = "surely"


class WakeBudget:
    """Judges the events of all cameras of a worker."""

    def __init__(self) -> None:
        self._woken: dict[str, float] = {}
        self._room = float(LEAST)
        self._at: float | None = None

    def judge(self, camera_id: str, kind: OnvifEventKind, now: float, cameras: int) -> Wake:
        """Judge an event that comes now (monotonic seconds); `cameras` is how many there are."""
        most = max(LEAST, cameras / SHARE)
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._room, self._at = min(most, self._room + passed * most / SPAN_S), now
        if now - self._woken.get(camera_id, float("-inf")) < EACH_EVERY_S or self._room < 1.0:
            return Wake.NO
        self._room -= 1.0
        self._woken[camera_id] = now
        return Wake.SURELY if kind in SURE else Wake.PERHAPS

    def keep(self, camera_ids: frozenset[str]) -> None:
        """Forget all but these."""
        self._woken = {item: at for item, at in self._woken.items() if item in camera_ids}


@dataclass(slots=True)
class _Waiting:
    """An event that waits for its picture."""

    event: Event
    until: float


class CameraEvents:
    """Events of this worker's cameras. `follow` and `facts` belong to its main thread."""

    def __init__(
        self,
        accept: Accept,
        *,
        utc: Callable[[], float] = time.time,
        settings: ListenerSettings | None = None,
    ) -> None:
        self._accept = accept
        self._utc = utc
        self._camera_of: CameraOf = lambda _: None
        self._listener = EventListener(
            self._receive,
            self._round,
            settings,
            on_open=lambda camera_id: self._episodes.restart(camera_id, self._utc()),
        )
        self._episodes = RuleEpisodes(lambda: str(uuid7()))
        self._budget = WakeBudget()
        self._waiting: list[_Waiting] = []
        self._cameras = 0
        self._refused: Mapping[str, str] = {}
        self._listened: Mapping[str, OnvifLogin] = {}
        self._ruled: frozenset[str] = frozenset()

    def follow(
        self,
        site: Site,
        cameras: Iterable[CameraConfig],
        camera_of: CameraOf,
        again: Iterable[str] = (),
    ) -> None:
        """Listen to those of these cameras whose events are on; resubscribe those in `again`."""
        watched = list(cameras)
        logins, self._refused = _logins(site, watched)
        rules = {spec.id: _rules(site, spec) for spec in watched}
        self._ruled = frozenset(
            spec.id for spec in watched if any(_is_meant(rule, spec) for rule in rules[spec.id])
        )
        self._camera_of = camera_of
        self._cameras, self._listened = len(watched), logins
        resubscribed, listened = frozenset(again), frozenset(logins)
        self._listener.follow(
            logins, resubscribed, lambda: self._turn_to(rules, listened, resubscribed)
        )

    def stop(self) -> None:
        """Give every subscription back."""
        self._listener.stop()
        for item in self._waiting:
            self._hand_over(item, time.monotonic(), is_last=True)
        self._waiting.clear()

    def facts(self, camera_id: str) -> dict[str, Any]:
        """Return the report fields on events: on or off, the reason, and if a rule needs them.

        `events` is None if there is no subscription; the reason holds no address.
        """
        refused = self._refused.get(camera_id)
        login = self._listened.get(camera_id)
        state = self._listener.state(camera_id) if login else None
        why = state.detail.replace(f"{login.service}: ", "") if state and login else None
        return {
            "events": False if refused else state and state.is_on,
            "events_detail": refused or why,
            "events_ruled": camera_id in self._ruled,
            "events_received": state.received if state else 0,
        }

    def _turn_to(
        self,
        rules: Mapping[str, tuple[CameraEventRule, ...]],
        listened: frozenset[str],
        again: frozenset[str],
    ) -> None:
        self._episodes.follow(rules, again)
        self._budget.keep(listened)

    def _receive(self, camera_id: str, event: OnvifEvent) -> None:
        camera = self._camera_of(camera_id)
        is_over = event.is_deleted or event.is_active is False
        if camera is not None and not is_over:
            wake = self._budget.judge(camera_id, event.kind, time.monotonic(), self._cameras)
            if wake is not Wake.NO:
                camera.wake(f"it told of {event.kind.value}", is_sure=wake is Wake.SURELY)
        self._episodes.take(camera_id, event, self._utc())

    def _round(self) -> None:
        now = time.monotonic()
        for event in self._episodes.due(self._utc()):
            if event.phase is EventPhase.RAISED:
                self._wake_for(event)
                self._waiting.append(_Waiting(event, now + PICTURE_WITHIN_S))
            else:
                self._accept(event, None, None)
        self._waiting = [item for item in self._waiting if not self._hand_over(item, now)]

    def _wake_for(self, event: Event) -> None:
        """Wake the camera: its picture is needed now."""
        camera = self._camera_of(event.camera_id)
        if camera is not None:
            camera.wake("a rule of its events was raised")

    def _hand_over(self, item: _Waiting, now: float, *, is_last: bool = False) -> bool:
        """Send the event with a current picture, or without one when late; return True if sent."""
        camera = self._camera_of(item.event.camera_id)
        frame = camera.newest() if camera is not None else None
        age_s = item.event.captured_at - frame.captured_at if frame else OLDEST_PICTURE_S
        if age_s > 0 and now < item.until and not is_last:
            return False
        if frame is None or age_s >= OLDEST_PICTURE_S:
            self._accept(item.event, None, None)
        else:
            dated = replace(item.event, at_s=frame.at_s)
            self._accept(dated, frame, camera)
        return True


def _logins(
    site: Site, cameras: Iterable[CameraConfig]
) -> tuple[dict[str, OnvifLogin], dict[str, str]]:
    """Return the logins by camera, and why others are refused."""
    logins, refused = {}, {}
    for spec in cameras:
        if spec.onvif is None or not spec.onvif.events:
            continue
        try:
            logins[spec.id] = onvif_login(site, spec, spec.onvif)
        except FindingRefused as error:
            refused[spec.id] = str(error)
    return logins, refused


def _rules(site: Site, spec: CameraConfig) -> tuple[CameraEventRule, ...]:
    return tuple(rule for rule in site.rules_of(spec) if isinstance(rule, CameraEventRule))


def _is_meant(rule: CameraEventRule, spec: CameraConfig) -> bool:
    """Return True if the rule needs this camera's events; `*` uses only what is available."""
    is_on = spec.onvif is not None and spec.onvif.events
    return is_on or rule.cameras != EVERY_CAMERA
