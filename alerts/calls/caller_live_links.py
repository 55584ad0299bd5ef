"""Live video of callers' links, and which of them ended; thread-safe."""

from collections.abc import Collection

import sqlalchemy as sa

from thapcanh.alerts.calls.caller_link_tables import caller_link
from thapcanh.alerts.store.database import Database


def note_live(database: Database, link_id: str, live_link: str) -> None:
    """Write down which link of a phone's camera belongs to it, so that both end together."""
    with database.writing() as connection:
        matching = caller_link.c.id == link_id
        connection.execute(sa.update(caller_link).where(matching).values(live_link=live_link))


def ended_live_links(database: Database, live_links: Collection[str]) -> list[str]:
    query = sa.select(caller_link.c.live_link).where(
        caller_link.c.live_link.in_(live_links), caller_link.c.ended_at.is_not(None)
    )
    with database.reading() as connection:
        return list(connection.execute(query).scalars())
