"""The lower site's side of a line: calls the upper site over two lanes, events and pictures.

Each lane has a thread, so that a picture on a slow line holds no event up. What is not acknowledged
is sent again; nothing is dropped while the line is cut.
"""

import logging
from collections.abc import Callable, Sequence

from thapcanh.alerts.links import link_rows
from thapcanh.alerts.links.link_keys import site_key
from thapcanh.alerts.links.link_records import Link, LinkRefused, PeerRole, Receipt, SiteLinkRefusal
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.links.link_client import LinkClient, LinkUnreached, SessionGiven
from thapcanh.app.links.link_way import LinkWay
from thapcanh.app.links.wire import Lane, LinkExchange, read_exchange
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import servers
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
POLL_S = 2.0
_TIMEOUT_S = {Lane.EVENTS: 8.0, Lane.PICTURES: 30.0}
_BACKOFF = Backoff(first_s=0.5, longest_s=4.0)  # a line that is back is used within seconds
_STOP_WITHIN_S = 9.0


class LinkCaller:
    """Calls the upper site from `start` to `stop`."""

    def __init__(
        self, way: LinkWay, site: Callable[[], Site], leads: Callable[[], bool], clock: Clock
    ) -> None:
        self._lanes = [_LaneThread(lane, way, site, leads, clock) for lane in Lane]

    @property
    def error(self) -> str | None:
        """Why the upper site is not reached; None where it is."""
        return self._lanes[0].error

    def start(self) -> None:
        for lane in self._lanes:
            lane.thread.start()

    def stop(self) -> None:
        """End; what was not acknowledged is sent after the next start. Twice is fine."""
        for lane in self._lanes:
            lane.thread.request_stop()
        for lane in self._lanes:
            lane.thread.stop(_STOP_WITHIN_S)

    def wake(self) -> None:
        """Send at once what is new; from any thread."""
        for lane in self._lanes:
            lane.thread.wake()


class _LaneThread:
    """One lane; its session and number are this thread's alone."""

    def __init__(
        self,
        lane: Lane,
        way: LinkWay,
        site: Callable[[], Site],
        leads: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._lane, self._way, self._site, self._leads = lane, way, site, leads
        self.thread = StoppableThread(self._run, f"link-{lane.value}", clock)
        self._client: LinkClient | None = None
        self._link_id = ""
        self._session, self._number = "", 0
        self._receipts: Sequence[Receipt] = ()
        self._failures = 0
        self.error: str | None = None

    def _run(self) -> None:
        while not self.thread.is_stopping:
            self.thread.clear_wakes()
            wait_s = POLL_S
            try:
                wait_s = self._round()
            except AlertsError as error:
                log.warning("link: %s", error)
            except Exception:  # outermost line of the thread
                log.exception("link: unexpected")
            self.thread.rest(wait_s)
        self._close()

    def _round(self) -> float:
        """Call once; return how long to wait."""
        link = self._upper() if self._leads() else None
        if link is None:
            self.error = None
            return POLL_S
        if link.id != self._link_id:
            self._close()
            self._link_id = link.id
        try:
            is_more = self._call(link)
        except SessionGiven as given:
            self._session, self._number = given.session, 0
            return 0.0
        except LinkUnreached as error:
            return self._failed(link, str(error))
        except LinkRefused as refused:
            if refused.why in (SiteLinkRefusal.ENDED, SiteLinkRefusal.UNKNOWN):
                self._way.repository.end(None, link.id, self._way.now())
                return POLL_S
            return self._failed(link, str(refused))
        if self.error is not None:
            log.warning("link to %s: it answers again", link.name)
        self.error, self._failures = None, 0
        return 0.0 if is_more else POLL_S

    def _upper(self) -> Link | None:
        """Return the upper site's link, or one that ended here and is to be told."""
        found = [one for one in self._way.repository.all() if one.peer is PeerRole.UPPER]
        live = next((one for one in found if one.ended_at is None), None)
        if live is not None or self._lane is not Lane.EVENTS:
            return live
        return next((one for one in found if not one.is_end_sent), None)

    def _call(self, link: Link) -> bool:
        """LinkExchange once; return whether there is more to send now."""
        way = self._way
        is_over = link.ended_at is not None
        items = [] if is_over else way.next(link.id, self._lane)
        if self._lane is Lane.PICTURES and not items:
            return False
        self._number += 1
        request = LinkExchange(
            lane=self._lane,
            session=self._session,
            number=self._number,
            now=way.now(),
            ended=is_over,
            items=items,
            receipts=self._receipts,
            tree=way.tree_for(PeerRole.UPPER),
        )
        answered = read_exchange(
            self._open().exchange(link, request.body(), site_key(way.database))
        )
        self._receipts = ()
        if is_over:
            self._note_end_sent(link)
            return False
        if answered.ended:
            way.repository.end(None, link.id, way.now())
            return False
        way.contact(link, answered.now, answered.tree)
        way.settle(link, answered.receipts)
        self._receipts = way.receive(link, answered.items)
        return bool(self._receipts) or any(not one.later for one in answered.receipts)

    def _note_end_sent(self, link: Link) -> None:
        with self._way.database.unsealed() as connection:
            link_rows.update_state(connection, link.id, is_end_sent=True)

    def _failed(self, link: Link, why: str) -> float:
        self._close_client()
        self._failures += 1
        if why != self.error:
            log.warning("link to %s: %s", link.name, why)
        self.error = why
        return _BACKOFF.wait_s(self._failures)

    def _open(self) -> LinkClient:
        if self._client is None:
            self._client = LinkClient(servers(self._site().networks), _TIMEOUT_S[self._lane])
        return self._client

    def _close(self) -> None:
        self._close_client()
        self._session, self._number, self._receipts, self._failures = "", 0, (), 0
        self._link_id = ""

    def _close_client(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
