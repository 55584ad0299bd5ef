"""Periodic task that ends live video of callers whose links were ended at any centre."""

from thapcanh.alerts.calls.caller_live_links import ended_live_links
from thapcanh.alerts.store.database import Database
from thapcanh.app.live.whip.phone_links import PhoneLinks
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread

_EVERY_S = 1.0


def expire_links(links: PhoneLinks, database: Database) -> None:
    """End live video from phones of callers whose links were ended."""
    ids = [item.id for item in links.kept() if item.order.is_callers]
    for over in ended_live_links(database, ids) if ids else ():
        links.end(over)


def build(links: PhoneLinks, database: Database) -> BuiltFeature:
    """Return the task that each centre runs for the video that it receives."""
    return BuiltFeature(
        rounds=(
            CentreTask(
                name="live pictures of callers",
                every_s=_EVERY_S,
                run=lambda: expire_links(links, database),
                thread=TaskThread.REGISTRY,
                everywhere=True,
            ),
        )
    )
