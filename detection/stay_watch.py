"""Who stays too long, and what has stopped: rules about one person or vehicle over time.

A short loss, another track number or a reconnecting camera does not end a stay (see `presence`);
time in which the camera was not looked at counts for a few seconds at most. Only what this look saw
is told, so that an officer sees it in the picture.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from config.camera import Camera
from config.rules import LoiteringRule, StoppedVehicleRule
from detection.confirmation import Verdict
from detection.dwell import Stay, after_look
from detection.hours import is_open
from detection.place import Sighting
from detection.presence import Point, Presence, Presences
from detection.region import longer_side
from detection.watch import Ground, Judged, Moment, accepted, followed_rows, waiting

HARDLY = 0.25  # of the box's longer side: a box trembles by less, a creeping queue moves by more
MOVED_LOOKS = 2  # in a row; one alone may be a box that somebody passing has cut


@dataclass(slots=True, kw_only=True)
class _Stop:
    """Where a vehicle stands, since when, and how many looks saw it elsewhere."""

    at: Point
    stay: Stay | None = None
    moved: int = 0


class LoiteringWatch:
    """The stays of everybody in one zone."""

    def __init__(self, rule: LoiteringRule, camera: Camera) -> None:
        self.rule = rule
        self.verdicts: list[Verdict] = []
        self._ground = Ground(camera, rule.zone)
        self._presences = Presences(rule.lost_s)
        self._stays: dict[Presence, Stay] = {}

    def forget(self) -> None:
        """Start anew."""
        self.verdicts.clear()
        self._presences.clear()
        self._stays.clear()

    def look(self, moment: Moment) -> list[Judged]:
        """Those who have stayed too long, one entry each."""
        self.verdicts.clear()
        if not is_open(self.rule.hours, moment.captured_at):
            self.forget()
            return []
        rows = followed_rows(moment, self.rule.classes, self.rule.min_confidence)
        here = self._presences.look(rows, moment.at_s, moment.watched_s)
        self._stays = dict(self._after(here, moment.watched_s))
        judged = []
        for presence, stay in self._stays.items():
            if stay.here_s < self.rule.max_s:
                self.verdicts.append(waiting(f"here for {stay.here_s:.0f} s"))
                continue
            verdict = accepted(f"here for {stay.here_s:.0f} s, {self.rule.max_s:.0f} s allowed")
            self.verdicts.append(verdict)
            if presence.is_seen and not stay.away_s:
                judged.append(Judged(sighting=sighting_of(presence, moment.at_s), verdict=verdict))
        return judged

    def _after(self, here: list[Presence], watched_s: float) -> Iterator[tuple[Presence, Stay]]:
        for presence in here:
            stay = after_look(
                self._stays.get(presence),
                is_here=presence.is_seen and self._ground.holds(presence.region),
                watched_s=watched_s,
                forgives_s=self.rule.lost_s,
            )
            if stay is not None:
                yield presence, stay


class StoppedVehicleWatch:
    """The stops of every vehicle in one zone."""

    def __init__(self, rule: StoppedVehicleRule, camera: Camera) -> None:
        self.rule = rule
        self.verdicts: list[Verdict] = []
        self._ground = Ground(camera, rule.zone)
        self._presences = Presences(rule.lost_s)
        self._stops: dict[Presence, _Stop] = {}

    def forget(self) -> None:
        """Start anew."""
        self.verdicts.clear()
        self._presences.clear()
        self._stops.clear()

    def look(self, moment: Moment) -> list[Judged]:
        """Those that have stood for too long, one entry each."""
        self.verdicts.clear()
        if not is_open(self.rule.hours, moment.captured_at):
            self.forget()
            return []
        rows = followed_rows(moment, self.rule.classes, self.rule.min_confidence)
        here = self._presences.look(rows, moment.at_s, moment.watched_s)
        self._stops = {one: self._after(one, moment.watched_s) for one in here}
        judged = []
        for presence, stop in self._stops.items():
            if stop.stay is None:
                continue
            stood_s = stop.stay.here_s
            if stood_s < self.rule.for_s:
                self.verdicts.append(waiting(f"stopped for {stood_s:.0f} s"))
                continue
            verdict = accepted(f"stopped for {stood_s:.0f} s, {self.rule.for_s:.0f} s allowed")
            self.verdicts.append(verdict)
            if presence.is_seen and not stop.stay.away_s:
                judged.append(Judged(sighting=sighting_of(presence, moment.at_s), verdict=verdict))
        return judged

    def _after(self, presence: Presence, watched_s: float) -> _Stop:
        stop = self._stops.get(presence) or _Stop(at=presence.at)
        if presence.is_seen:
            gone = math.dist(presence.at, stop.at)
            is_away = gone > HARDLY * longer_side(presence.region)
            stop.moved = stop.moved + 1 if is_away else 0
            if stop.moved >= MOVED_LOOKS:
                stop = _Stop(at=presence.at)
        stop.stay = after_look(
            stop.stay,
            is_here=presence.is_seen and self._ground.holds(presence.region),
            watched_s=watched_s,
            forgives_s=self.rule.lost_s,
        )
        return stop


def sighting_of(presence: Presence, at_s: float) -> Sighting:
    """What a look saw of somebody."""
    return Sighting(
        at_s=at_s,
        region=presence.region,
        confidence=presence.confidence,
        label=presence.label,
        track_id=presence.track_id,
    )
