"""Whether the site is watched: the workers' reports and the cameras in, a word out. Pure.

`/healthz` fails when nobody watches at all, `/readyz` as soon as one camera has no living worker.
"""

from collections.abc import Collection
from enum import StrEnum

from app.cameras.camera_board import CameraReport

STARTING_S = 60.0  # a worker loads its model in well under this


class Readiness(StrEnum):
    """What can be said of the watch as a whole."""

    OK = "ok"  # a living worker speaks of every camera, or there is none to watch
    EARLIER = "earlier_configuration"  # the same, by the last good one: the files are broken
    STARTING = "starting"  # not yet, and this server began a moment ago
    UNKNOWN = "queue_unavailable"  # nobody can report
    PARTLY = "partly_unwatched"  # some camera has no living worker
    NO_INTAKE = "events_not_taken"  # no centre leads: what workers see is on no screen
    CENTRE_LOST = "centre_missing"  # watched, but a centre that should live does not
    CENTRE_CLOCK = "centre_clock_wrong"  # the same of one whose clock is off
    BLIND = "unwatched"  # no worker lives
    STUCK = "does_not_answer"  # requests get no thread: nobody is served


def readiness(report: CameraReport, cameras: Collection[str], up_s: float) -> Readiness:
    """Judge the newest report; `up_s` is how long this server has been up."""
    if not report.is_known:
        return Readiness.UNKNOWN
    if all(camera in report.cameras for camera in cameras):
        return Readiness.OK
    if up_s < STARTING_S:
        return Readiness.STARTING
    lives = any(not worker["lost"] for worker in report.workers)
    return Readiness.PARTLY if lives else Readiness.BLIND
