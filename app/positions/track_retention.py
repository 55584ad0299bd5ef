"""Retention of units' positions, in days of the site."""

from collections.abc import Callable

from thapcanh.alerts.positions.position_store import PositionRepository
from thapcanh.app.process.feature_tasks import RetentionRule
from thapcanh.config.site import Site
from thapcanh.ingest.clock import Clock

_EVERY_S = 600.0
_DAY_S = 24 * 3600.0


def track_retention(
    tracks: PositionRepository, site: Callable[[], Site], clock: Clock
) -> RetentionRule:
    """Return the rule, which follows the configuration in force."""

    def run() -> None:
        before = clock.utc() - site().retention.track_days * _DAY_S
        while tracks.forget(before):
            pass

    return RetentionRule(name="tracks", every_s=_EVERY_S, run=run)
