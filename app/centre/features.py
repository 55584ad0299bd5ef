"""List of the features in the centre, each built from what it needs.

A feature missing here runs no periodic tasks, and its records are never deleted.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.weather.wide_weather import WeatherSettings
from thapcanh.app.accounts import directory_rounds
from thapcanh.app.accounts.absent_makers import AbsentMakers
from thapcanh.app.alert import alert_rounds
from thapcanh.app.calls import caller_lives
from thapcanh.app.calls.attention import clear_view_rounds
from thapcanh.app.calls.attention.attention_plan import AttentionRounds
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.centre.outside import Outside
from thapcanh.app.centre.several.one_of_centres import OneOfCentres
from thapcanh.app.coverage import coverage_recorder
from thapcanh.app.evidence import log_heads, retention_run
from thapcanh.app.evidence.centre_evidence import CentreEvidence
from thapcanh.app.health.health_monitor import HealthCheck
from thapcanh.app.health.health_rounds import WATCH_EVERY_S, HealthRounds
from thapcanh.app.health.site_upkeep import SiteUpkeep
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.phones import phone_rounds
from thapcanh.app.process.by_clock import BuiltFeature
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.ptz.ptz_desk import PtzDesk
from thapcanh.app.ptz.ptz_rounds import PtzRounds
from thapcanh.app.recordings import recording_retention
from thapcanh.app.registry import owner_rounds
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.site.feature import features_on
from thapcanh.app.suppression import habit_rounds
from thapcanh.app.watch_areas.watch_area_rounds import WatchAreaRounds
from thapcanh.app.weather import weather_rounds
from thapcanh.app.web_api.app_state import SiteHolder


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreParts:
    """Shared parts of the centre that features are built from."""

    configuration: ConfigWatch
    site: SiteHolder
    archive: Archive
    queue: EventQueue
    spool: Spool
    """Of the centre's own events."""
    outlet: ArchiveTransport
    bell: ChangeNotifier
    place: OneOfCentres
    board: CameraBoard
    density: weather_rounds.CameraDensity
    weather: WeatherSettings
    evidence: CentreEvidence
    outside: Outside
    live: LiveView
    ptz: PtzDesk


def built_features(has: CentreParts) -> list[BuiltFeature]:
    archive, database, site, queue = has.archive, has.archive.database, has.site, has.queue
    place, kept, bell = has.place, has.evidence, has.bell.notify
    ptz = PtzRounds(queue.turned, has.ptz)
    find = has.outside.devices.find
    attention = AttentionRounds(database, queue.calls, site, find)
    cameras = clear_view_rounds.CameraSources(
        board=has.board, figures=queue.camera_figures, looking_harder=attention.looking_harder
    )
    absent = AbsentMakers(archive, site)
    areas = WatchAreaRounds(database, site, time.time)
    return [
        has.outside.built(),
        alert_rounds.build(archive, bell),
        directory_rounds.build(site, archive),
        absent.built(),
        weather_rounds.build(
            database, has.spool, has.density, has.weather, place.terms(archive, has.spool)
        ),
        log_heads.build(site, database),
        phone_rounds.build(queue.phone_list, has.live, archive, site, place.name),
        caller_lives.build(has.live.links, database),
        ptz.built(),
        attention.built(),
        clear_view_rounds.build(database, cameras, site, find),
        habit_rounds.build(database, queue.habits),
        coverage_recorder.build(database, has.board, place.term),
        owner_rounds.build(database, site),
        _health(has, lambda at: [*ptz.signs(), *absent.signs(at)]).built(),
        retention_run.build(database, kept.store, site, kept.error, areas.retentions),
        recording_retention.build(site),
        *_optional(has, areas),
    ]


def _optional(has: CentreParts, areas: WatchAreaRounds) -> Iterator[BuiltFeature]:
    """Yield what optional features do; what they stored is deleted all the same."""
    on = features_on(has.site())
    if "watch_areas" in on:
        yield areas.built()
    if "drills" in on:
        from thapcanh.app.drills import runner  # a small site never imports it

        kept = has.evidence
        yield runner.build(
            has.archive,
            has.outlet,
            kept.store,
            kept.identity,
            site=has.site,
            notify=has.bell.notify,
        )


def _health(has: CentreParts, others: Callable[[float], list[HealthCheck]]) -> HealthRounds:
    upkeep = SiteUpkeep(has.site, time.time())
    return HealthRounds(
        has.queue,
        has.archive,
        has.spool,
        has.configuration,
        read_workers=lambda: has.board.workers(WATCH_EVERY_S / 2),
        read_store=has.evidence.report,
        outside=lambda at: [
            *has.outside.signs(at),
            *others(at),
            *has.place.signs(),
            *upkeep.signs(at),
        ],
        terms=has.place.terms(has.archive, has.spool),
    )
