"""Live pictures of callers end with their links, in whichever centre somebody ended those.

A phone sends to the centre that opened its link; that centre alone can end the picture.
"""

from thapcanh.alerts.calls.caller_lives import ended_lives
from thapcanh.alerts.store.database import Database
from thapcanh.app.live.whip.phone_links import PhoneLinks
from thapcanh.app.process.by_clock import BuiltFeature, CentreRound, RoundThread

_EVERY_S = 1.0


def end_lives(links: PhoneLinks, database: Database) -> None:
    """End what callers' phones send here by links that were ended."""
    ours = [one.id for one in links.kept() if one.order.is_callers]
    for over in ended_lives(database, ours) if ours else ():
        links.end(over)


def build(links: PhoneLinks, database: Database) -> BuiltFeature:
    """The round of each centre for the pictures that come to it."""
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
