"""The centre process: one centre at a time, served until it is told to stop.

The main thread's loop shows a sign of life while requests get a thread.
"""

import threading
from contextlib import closing
from pathlib import Path

from alerts.store.errors import AlertsError
from app.centre.centre import Centre
from app.centre.periodic_tasks import PeriodicRunner, PeriodicTask
from app.centre.several.one_of_centres import claimed_part
from app.centre.web.application import prepare_routes
from app.centre.web.server import CannotListen, serve
from app.health.health_rounds import WATCH_EVERY_S
from app.health.health_routes import Liveness
from app.live.live_view import LiveView
from app.process import exit_codes
from app.process.heartbeat import ProcessHeartbeat
from app.process.log import use_format
from app.process.memory import keep_from_collector
from app.process.part_ownership import AlreadyRuns, PartOwnership
from app.process.terminal import fail
from app.registry.config_watch import ConfigWatch
from app.registry.site import OpenedSite, open_site
from app.site.site_paths import QueueAddressMissing, queue_address


def run_centre(config_path: Path, beat: Path | None, stop: threading.Event) -> int:
    """Serve until `stop`; return the exit code."""
    with closing(open_site(config_path, "centre")) as opened:
        return _run(config_path, opened, ProcessHeartbeat(beat), stop)


def _run(
    config_path: Path, opened: OpenedSite, beat: ProcessHeartbeat, stop: threading.Event
) -> int:
    loaded = opened.loaded
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    use_format(loaded.site.log.format)
    try:
        centre = Centre(ConfigWatch(config_path, loaded, opened.registry))
    except AlertsError as error:  # a locked archive is no reason to give the site up
        return fail(error, exit_codes.FAILED if error.retry_helps else exit_codes.UNUSABLE)
    except QueueAddressMissing as error:
        return fail(error)
    prepare_routes(centre.app)
    way_out = "one centre runs at a time on a data folder"
    right = PartOwnership(queue_address(loaded.site), claimed_part(loaded.site), way_out)
    task = PeriodicTask(name="claim", every_s=WATCH_EVERY_S, run=lambda: right.keep_or_stop(stop))
    keeper = PeriodicRunner((task,), name="claim")
    try:
        right.take(stop)
        keeper.start()
        keep_from_collector()
        with centre.running():
            here = centre.app.state.here
            here.part(LiveView).begin()
            life = here.part(Liveness)
            serve(centre.app, centre.listen, stop, on_tick=lambda: life.show(beat.show))
    except AlreadyRuns as error:
        return fail(error, exit_codes.FAILED)
    except CannotListen as error:
        return fail(error)
    finally:
        keeper.stop()
        right.release()
    return exit_codes.OK if right.lost is None else fail(right.lost, exit_codes.FAILED)
