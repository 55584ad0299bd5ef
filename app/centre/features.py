"""List of the features in the centre, each built from what it needs.

A feature missing here runs no periodic tasks, and its records are never deleted.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from thapcanh.alerts.health.status import UnlistedAlarms
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.weather.wide_weather import WeatherSettings
from thapcanh.app.accounts import directory_tasks
from thapcanh.app.accounts.revoked_owners import RevokedOwners
from thapcanh.app.alert import alert_tasks
from thapcanh.app.calls import caller_live_links
from thapcanh.app.calls.attention import clear_view_tasks
from thapcanh.app.calls.attention.attention_plan import AttentionTask
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.centre.centre_membership import CentreMembership
from thapcanh.app.centre.outside import Outside
from thapcanh.app.coverage import coverage_recorder
from thapcanh.app.evidence import log_heads, retention_run
from thapcanh.app.evidence.centre_evidence import CentreEvidence
from thapcanh.app.health.health_monitor import HealthCheck
from thapcanh.app.health.health_tasks import WATCH_EVERY_S, HealthTask
from thapcanh.app.health.site_upkeep import SiteUpkeep
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.phones import phone_tasks
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.process.feature_tasks import BuiltFeature
from thapcanh.app.ptz.ptz_controller import PtzController
from thapcanh.app.ptz.ptz_tasks import PtzTask
from thapcanh.app.recordings import recording_retention
from thapcanh.app.registry import owner_tasks
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.site.feature import features_on
from thapcanh.app.suppression import habit_tasks
from thapcanh.app.watch_areas.watch_area_tasks import WatchAreaTask
from thapcanh.app.weather import weather_tasks
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
    place: CentreMembership
    unlisted: UnlistedAlarms
    board: CameraBoard
    density: weather_tasks.CameraDensity
    weather: WeatherSettings
    evidence: CentreEvidence
    outside: Outside
    live: LiveView
    ptz: PtzController


def built_features(has: CentreParts) -> list[BuiltFeature]:
    archive, database, site, queue = has.archive, has.archive.database, has.site, has.queue
    place, evidence, bell = has.place, has.evidence, has.bell.notify
    ptz = PtzTask(queue.turned, has.ptz)
    find = has.outside.devices.find
    attention = AttentionTask(database, queue.calls, site, find)
    cameras = clear_view_tasks.CameraSources(
        board=has.board, figures=queue.camera_figures, looking_harder=attention.looking_harder
    )
    absent = RevokedOwners(archive, site)
    areas = WatchAreaTask(database, site, time.time)
    return [
        has.outside.built(),
        alert_tasks.build(archive, bell),
        directory_tasks.build(site, archive),
        absent.built(),
        weather_tasks.build(
            database, has.spool, has.density, has.weather, place.terms(archive, has.spool)
        ),
        log_heads.build(site, database),
        phone_tasks.build(queue.phone_list, has.live, archive, site, place.name),
        caller_live_links.build(has.live.links, database),
        ptz.built(),
        attention.built(),
        clear_view_tasks.build(database, cameras, site, find),
        habit_tasks.build(database, queue.habits),
        coverage_recorder.build(database, has.board, place.term),
        owner_tasks.build(database, site),
        _health(has, lambda at: [*ptz.findings(), *absent.findings(at)]).built(),
        retention_run.build(database, evidence.store, site, evidence.error, areas.retentions),
        recording_retention.build(site),
        *_optional(has, areas),
    ]


def _optional(has: CentreParts, areas: WatchAreaTask) -> Iterator[BuiltFeature]:
    """Yield what optional features do; what they stored is deleted all the same."""
    on = features_on(has.site())
    if "watch_areas" in on:
        yield areas.built()
    if "drills" in on:
        from thapcanh.app.drills import runner  # a small site never imports it

        evidence = has.evidence
        yield runner.build(
            has.archive,
            has.outlet,
            evidence.store,
            evidence.identity,
            site=has.site,
            notify=has.bell.notify,
        )


def _health(has: CentreParts, others: Callable[[float], list[HealthCheck]]) -> HealthTask:
    upkeep = SiteUpkeep(has.site, time.time())
    return HealthTask(
        has.queue,
        has.archive,
        has.spool,
        has.configuration,
        read_workers=lambda: has.board.workers(WATCH_EVERY_S / 2),
        read_store=has.evidence.report,
        outside=lambda at: [
            *has.outside.findings(at),
            *others(at),
            *has.place.findings(),
            *upkeep.findings(at),
        ],
        terms=has.place.terms(has.archive, has.spool),
        unlisted=has.unlisted,
    )
