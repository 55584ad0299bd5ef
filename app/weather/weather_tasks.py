"""Periodic task that detects wide haze from all cameras' reports.

On the housekeeper's thread.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from thapcanh.alerts.lifecycle.nearby_reports import StoredReport, area_reports
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.weather.weather_advisory import HazeRepository, WeatherAdvisories
from thapcanh.alerts.weather.wide_weather import Front, WatchedNear, WeatherSettings, fronts
from thapcanh.app.health.left_open import LeaderTerms
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask
from thapcanh.config.site import Site
from thapcanh.detection.event import Event

log = logging.getLogger(__name__)

WEATHER_EVERY_S = 5.0
_MOST_PLACES = 100_000  # more than a city has cameras; telephones move


def build(
    database: Database,
    spool: Spool,
    density: "CameraDensity",
    settings: WeatherSettings,
    terms: LeaderTerms,
) -> BuiltFeature:
    """Return the task that raises advisories of wide haze."""
    rounds = WeatherTask(database, spool, density, time.time, settings, terms=terms)
    return BuiltFeature(
        rounds=(CentreTask(name="weather", every_s=WEATHER_EVERY_S, run=rounds.round),)
    )


class CameraDensity:
    """Counts of cameras within a fog's reach of a place."""

    def __init__(self, site: Callable[[], Site], settings: WeatherSettings) -> None:
        self._site = site
        self._reach_m = settings.within_m
        self._counted = _Counted(None, WatchedNear(()), {})

    @property
    def near(self) -> WatchedNear:
        """The cameras of the site, counted again when the site changes."""
        return self._in_force().near

    def round(self, middle: Position) -> int:
        """Return the number of cameras around a place, cached because every event asks."""
        counted = self._in_force()
        if (count := counted.round.get(middle)) is None:
            count = counted.near(middle, self._reach_m)
            if len(counted.round) >= _MOST_PLACES:
                counted.round.clear()
            counted.round[middle] = count
        return count

    def _in_force(self) -> "_Counted":
        """Return the counts of the site in force, replaced whole for thread safety."""
        site, counted = self._site(), self._counted
        if counted.site is not site:
            places = (
                (camera.lat, camera.lon)
                for camera in site.cameras
                if camera.lat is not None and camera.lon is not None
            )
            counted = self._counted = _Counted(site, WatchedNear(places), {})
        return counted


class _Counted(NamedTuple):
    """Cameras of one site, and the counts around requested places."""

    site: Site | None
    near: WatchedNear
    round: dict[Position, int]


class WeatherTask:
    """Owned by the thread that calls `round`."""

    def __init__(
        self,
        database: Database,
        spool: Spool,
        density: CameraDensity,
        utc: Callable[[], float],
        settings: WeatherSettings,
        *,
        terms: LeaderTerms,
    ) -> None:
        self._terms = terms
        self._database = database
        self._spool = spool
        self._density = density
        self._utc = utc
        self._settings = settings
        self._haze = HazeRepository(database)
        self._advisories = WeatherAdvisories()
        self._unsaved: deque[tuple[Event, Mapping[str, str]]] = deque()

    def round(self) -> None:
        """Read, judge, and spool what came of it."""
        now = self._utc()
        if (left := self._terms.begun()) is not None:
            self._advisories = WeatherAdvisories(left)
        reports = area_reports(self._database, now)
        found = fronts(
            [item.report for item in reports],
            watched_near=self._density.near,
            now=now,
            settings=self._settings,
        )
        names = {item.report.camera_id: item.camera_name for item in reports}
        for event, front in self._advisories.judge(found, names, now):
            log.warning("%s: %s %s: %s", event.phase, event.kind, event.camera_id, event.reason)
            self._unsaved.append((event, {} if front is None else _alerts(front, reports)))
        self._save(now)

    def _save(self, now: float) -> None:
        """Save pending events; raises `SpoolError` or `ArchiveError`, and the next run retries."""
        while self._unsaved:
            event, alerts = self._unsaved[0]
            self._haze.note(event.event_id, alerts, now)  # twice changes nothing
            self._spool.append(event, now)
            self._unsaved.popleft()


def _alerts(front: Front, reports: list[StoredReport]) -> dict[str, str]:
    """Return each camera's newest smoke alert; `reports` is newest first."""
    newest = {item.report.camera_id: item.alert_id for item in reversed(reports)}
    return {camera: newest[camera] for camera in front.cameras}
