"""One link's items in and out of the archive, as both ends of a line do it. Any thread."""

import json
import logging
from collections.abc import Callable, Sequence

from thapcanh.alerts.links import link_rows
from thapcanh.alerts.links.incoming import receive
from thapcanh.alerts.links.link_records import (
    Link,
    LinkItem,
    PeerRole,
    Receipt,
    SiteLinkRefusal,
    Tree,
)
from thapcanh.alerts.links.link_store import LinkRepository
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.links.wire import MOST_ITEM_BYTES, MOST_ITEMS, Lane
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)
CONTACT_EVERY_S = 2.0
"""A sign of life is written down no oftener."""


class LinkWay:
    """Items of one site's links."""

    def __init__(self, database: Database, clock: Clock, notify: Callable[[], object]) -> None:
        self._db = database
        self._clock = clock
        self._notify = notify
        self.repository = LinkRepository(database)

    @property
    def database(self) -> Database:
        return self._db

    def now(self) -> float:
        return self._clock.utc()

    def next(self, link_id: str, lane: Lane) -> list[LinkItem]:
        """Return what is sent next over a lane."""
        rank = link_rows.FIRST if lane is Lane.EVENTS else link_rows.LAST
        with self._db.reading() as connection:
            return link_rows.next_items(
                connection, link_id, self.now(), rank, (MOST_ITEMS, MOST_ITEM_BYTES)
            )

    def settle(self, link: Link, receipts: Sequence[Receipt]) -> None:
        """Drop what the other site has; what it refused is in the log of both."""
        if not receipts:
            return
        for one in receipts:
            if one.refused is not None:
                log.warning("link to %s: item %d refused: %s", link.name, one.seq, one.refused)
        with self._db.unsealed() as connection:
            link_rows.settle(connection, link.id, receipts, self.now())

    def receive(self, link: Link, items: Sequence[LinkItem]) -> list[Receipt]:
        """Apply items in order, each in its own transaction; none stops the others."""
        receipts: list[Receipt] = []
        put_off: set[str] = set()
        for item in items:
            if item.subject in put_off:
                receipt = Receipt(seq=item.seq, later=True)
            else:
                receipt = self._received(link, item)
            if receipt.later:
                put_off.add(item.subject)
            receipts.append(receipt)
        if receipts:
            self._notify()
        return receipts

    def _received(self, link: Link, item: LinkItem) -> Receipt:
        try:
            with self._db.writing() as connection:
                return receive(connection, link, item, self.now())
        except ArchiveError as error:
            if error.retry_helps:
                raise
            log.warning("link to %s: an item is not for this archive: %s", link.name, error)
        except Exception:  # the outermost line of an item: the others go on
            log.exception("link to %s: an item could not be applied", link.name)
        return Receipt(seq=item.seq, refused=SiteLinkRefusal.UNREADABLE.value)

    def contact(self, link: Link, their_now: float, tree: Tree) -> None:
        """Note a sign of life, the other site's clock and what is behind it."""
        now = self.now()
        is_fresh = link.contact_at is not None and 0 <= now - link.contact_at < CONTACT_EVERY_S
        if is_fresh and tree == link.tree:
            return
        with self._db.unsealed() as connection:
            link_rows.update_state(
                connection,
                link.id,
                contact_at=now,
                ahead_s=round(their_now - now, 1),
                tree=json.dumps(tree.stated()),
            )

    def tree_for(self, peer: PeerRole) -> Tree:
        """Return what is on this site's other side, with itself."""
        above, below = self.repository.trees()
        return above if peer is PeerRole.LOWER else below
