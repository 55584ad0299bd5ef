"""Centre process after its port is open: archive, parts, then the web API.

The main loop reports liveness while requests get a thread.
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from thapcanh.alerts.store.errors import AlertsError, UpgradeStopped
from thapcanh.alerts.store.upgrade.progress import UpgradeProgress, UpgradeState
from thapcanh.app.centre.centre import Centre
from thapcanh.app.centre.centre_membership import claimed_part
from thapcanh.app.centre.periodic_tasks import PeriodicRunner, PeriodicTask
from thapcanh.app.centre.web.application import prepare_routes
from thapcanh.app.centre.web.server import Listen, serve
from thapcanh.app.health.health_routes import Liveness
from thapcanh.app.health.health_tasks import WATCH_EVERY_S
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.process import exit_codes
from thapcanh.app.process.heartbeat import ProcessStart, StartStep
from thapcanh.app.process.part_ownership import AlreadyRuns, PartOwnership
from thapcanh.app.process.resources import freeze_objects
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.registry.site import OpenedSite
from thapcanh.app.site.site_archive import centre_database
from thapcanh.app.site.site_paths import QueueAddressMissing, queue_address
from thapcanh.config.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPort:
    """Where the centre will serve; until `close_page` its start is answered there."""

    listen: Listen
    listener: socket.socket
    close_page: Callable[[], None]


def serve_centre(
    config_path: Path,
    opened: OpenedSite,
    port: OpenPort,
    start: ProcessStart,
    stop: threading.Event,
) -> int:
    """Upgrade the archive and serve until `stop`; return the exit code."""
    site = opened.loaded.site
    assert site is not None  # noqa: S101
    try:
        bring_up_to_date(site, start, stop)
        start.begin(StartStep.SERVICES)
        centre = Centre(ConfigWatch(config_path, opened.loaded, opened.registry))
    except UpgradeStopped as error:
        return fail(error, exit_codes.OK)
    except AlertsError as error:  # a locked archive is no reason to give the site up
        return fail(error, exit_codes.FAILED if error.retry_helps else exit_codes.UNUSABLE)
    except QueueAddressMissing as error:
        return fail(error)
    prepare_routes(centre.app)
    return _served(centre, site, port, start, stop)


def bring_up_to_date(site: Site, start: ProcessStart, stop: threading.Event) -> None:
    """Upgrade the archive's tables and report progress; raises `ArchiveError`."""
    start.begin(StartStep.ARCHIVE)

    def report(state: UpgradeState) -> None:
        facts = {
            "before": state.before, "after": state.after, "done": state.done,
            "total": state.total, "part": state.part, "rows": state.rows,
        }  # fmt: skip
        if state.before and start.state.step is not StartStep.UPGRADE:
            start.begin(StartStep.UPGRADE, **facts)
        start.advance(**facts)

    database = centre_database(site)
    try:
        database.upgrade(progress=UpgradeProgress(report, stop.is_set))
    finally:
        database.close()


def _served(
    centre: Centre, site: Site, port: OpenPort, start: ProcessStart, stop: threading.Event
) -> int:
    way_out = "one centre runs at a time on a data folder"
    right = PartOwnership(queue_address(site), claimed_part(site), way_out)
    task = PeriodicTask(name="claim", every_s=WATCH_EVERY_S, run=lambda: right.renew_or_stop(stop))
    claim_runner = PeriodicRunner((task,), name="claim")
    try:
        start.begin(StartStep.CLAIM)
        right.take(stop)
        claim_runner.start()
        start.begin(StartStep.SERVICES)
        freeze_objects()
        with centre.running():
            here = centre.app.state.here
            here.part(LiveView).begin()
            life = here.part(Liveness)
            port.close_page()
            start.end()
            serve(
                centre.app,
                port.listen,
                stop,
                listener=port.listener,
                on_tick=lambda: life.show(start.beat.show),
            )
    except AlreadyRuns as error:
        return fail(error, exit_codes.FAILED)
    finally:
        claim_runner.stop()
        right.release()
    return exit_codes.OK if right.lost is None else fail(right.lost, exit_codes.FAILED)
