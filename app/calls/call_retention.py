"""Retention of callers' details: 30 days for calls not written down, else the site's."""

from collections.abc import Callable

from thapcanh.alerts.calls.call_redaction import redact_older
from thapcanh.alerts.calls.citizen_message_store import CitizenMessageRepository
from thapcanh.alerts.calls.incoming_call_store import IncomingCallRepository
from thapcanh.alerts.store.database import Database
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.process.feature_tasks import RetentionRule
from thapcanh.config.site import Site
from thapcanh.ingest.clock import Clock

_EVERY_S = 600.0
_DAY_S = 24 * 3600.0
_RETAINED_S = 30 * _DAY_S


def call_retention(
    database: Database, site: Callable[[], Site], notifier: ChangeNotifier, clock: Clock
) -> RetentionRule:
    """Return the rule, which follows the configuration in force."""
    calls = IncomingCallRepository(database)

    def run() -> None:
        now, days = clock.utc(), site().retention.caller_days
        calls.forget(now - _RETAINED_S)
        if days is not None:
            while redact_older(database, now - days * _DAY_S, now):
                notifier.notify()
            while CitizenMessageRepository(database).redact_older(now - days * _DAY_S):
                pass

    return RetentionRule(name="calls", every_s=_EVERY_S, run=run, everywhere=True)
