"""Periodic task that ends live video of callers whose links were ended at any centre."""

from thapcanh.alerts.calls.caller_lives import ended_lives
from thapcanh.alerts.store.database import Database
from thapcanh.app.live.whip.phone_links import PhoneLinks
from thapcanh.app.process.by_clock import BuiltFeature, CentreRound, RoundThread

_EVERY_S = 1.0


def end_lives(links: PhoneLinks, database: Database) -> None:
    """End live video from phones of callers whose links were ended."""
    ours = [one.id for one in links.kept() if one.order.is_callers]
    for over in ended_lives(database, ours) if ours else ():
        links.end(over)


def build(links: PhoneLinks, database: Database) -> BuiltFeature:
    """Return the task that each centre runs for the video that it receives."""
    return BuiltFeature(
        rounds=(
            CentreRound(
                name="live pictures of callers",
                every_s=_EVERY_S,
                run=lambda: end_lives(links, database),
                thread=RoundThread.REGISTRY,
                everywhere=True,
            ),
        )
    )
