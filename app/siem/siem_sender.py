"""Sender of the action log to a SIEM: one thread of the leading centre."""

import logging
import socket
from collections import deque
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.siem.cef_message import syslog_message
from thapcanh.alerts.siem.siem_position import LogPosition, SiemPositionRepository
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.siem.syslog_line import SyslogLine, cause_of
from thapcanh.config.servers.siem import SiemConfig
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import AddressRefused, servers
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

SIEM_LATE = HealthProblem(rule_id="siem_late", kind=SystemKind.DELIVERY_FAILED, raise_after_s=120.0)
_AT_ONCE = 200
_MOST_UNSETTLED = 10_000
_SETTLED_S = 3.0
_LOOK_S = 0.5
_BACKOFF = Backoff(first_s=0.5, longest_s=15.0)


class SiemSender:
    """Sender that owns one thread between `start` and `stop`."""

    def __init__(
        self,
        database: Database,
        site: Callable[[], Site],
        leads: Callable[[], bool] = lambda: True,
        clock: Clock | None = None,
        settled_s: float = _SETTLED_S,
    ) -> None:
        self._positions = SiemPositionRepository(database)
        self._site = site
        self._leads = leads
        self._clock = clock or SystemClock()
        self._settled_s = settled_s
        self._thread = StoppableThread(self._run, "siem", self._clock, interrupt=self._give_up)
        self._host, self._version = socket.gethostname(), _version()
        self._line: SyslogLine | None = None
        self._config = SiemConfig()
        self._sent = 0
        self._last: LogPosition | None = None
        self._acknowledged: deque[tuple[LogPosition, float]] = deque()
        self._stored = 0
        self._since = 0.0
        self._failures = 0
        self.error: str | None = None
        """Why the receiver does not take the log; None where it does."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; what was not settled is sent again after the next start. Twice is fine."""
        self._thread.stop()

    def findings(self) -> list[HealthCheck]:
        """Return the finding on delivery; none without a configured SIEM."""
        if self._site().siem.url is None:
            return []
        error = self.error
        return [
            HealthCheck(
                trouble=SIEM_LATE,
                subject="siem",
                verdict=HealthVerdict.FINE if error is None else HealthVerdict.FAULT,
                reason=f"the log waits: {error}" if error else "takes the log again",
            )
        ]

    def _run(self) -> None:
        while not self._thread.is_stopping:
            wait_s = _LOOK_S
            try:
                wait_s = self._round()
            except AlertsError as error:
                log.warning("siem: %s", error)
                self._close()
            except Exception:  # outermost line of the thread
                log.exception("siem: unexpected")
                self._close()
            self._thread.pause(wait_s)
        self._close()

    def _round(self) -> float:
        """Send what is new; return how long to wait."""
        site = self._site()
        if site.siem != self._config:
            self._close()
            self._config, self.error, self._failures = site.siem, None, 0
        if self._config.url is None or not self._leads():
            self._close()
            self.error, self._failures = None, 0
            return _LOOK_S
        try:
            line = self._connected(site)
            is_full = self._send(line)
            self._settle(line)
        except AddressRefused as error:
            return self._failed(str(error))
        except OSError as error:
            return self._failed(cause_of(error))
        return 0.0 if is_full else _LOOK_S

    def _connected(self, site: Site) -> SyslogLine:
        if self._line is None:
            found = self._positions.position(self._config.receiver)
            self._line = SyslogLine(self._config, servers(site.networks))
            self._sent = self._stored = found.seq
            self._last, self._since = None, self._clock.monotonic()
            self._acknowledged.clear()
        return self._line

    def _send(self, line: SyslogLine) -> bool:
        """Send the next entries; return True if there may be more."""
        if self._sent - self._stored >= _MOST_UNSETTLED:
            return False
        rows = self._positions.entries_after(self._sent, _AT_ONCE)
        if not rows:
            return False
        line.send(syslog_message(row, self._host, self._version) for row in rows)
        self._sent = rows[-1].seq
        self._last = LogPosition(seq=rows[-1].seq, hash=rows[-1].hash)
        return len(rows) == _AT_ONCE

    def _settle(self, line: SyslogLine) -> None:
        """Move the position on to what was acknowledged long enough ago."""
        now = self._clock.monotonic()
        if line.is_acknowledged() and self._last is not None:
            self._acknowledged.append((self._last, now))
            self._last = None
        settled = None
        while self._acknowledged and now - self._acknowledged[0][1] >= self._settled_s:
            settled = self._acknowledged.popleft()[0]
        if settled is not None:
            self._positions.keep(self._config.receiver, settled, self._clock.utc())
            self._stored = settled.seq
        is_well = settled is not None or self._stored == self._sent
        if self._failures and is_well and now - self._since >= self._settled_s:
            log.warning("siem: %s takes the log again", self._config.receiver)
            self.error, self._failures = None, 0

    def _failed(self, why: str) -> float:
        self._close()
        self._failures += 1
        if why != self.error:
            log.warning("siem: %s: %s", self._config.receiver, why)
        self.error = why
        return _BACKOFF.wait_s(self._failures)

    def _close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _give_up(self) -> None:
        line = self._line
        if line is not None:
            line.give_up()


def _version() -> str:
    try:
        return version("thapcanh")
    except PackageNotFoundError:
        return "unknown"
