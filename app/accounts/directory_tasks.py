"""Periodic task that checks every account bound to the directory and logs out leavers."""

import logging
import time
from collections.abc import Callable

from thapcanh.alerts.accounts.external_accounts import ExternalAccounts
from thapcanh.alerts.accounts.viewers import who_sees
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask
from thapcanh.app.web_api.access.directory import PREFIX, Directory, DirectoryAway
from thapcanh.config.site import Site

log = logging.getLogger(__name__)
EVERY_S = 300.0
ROUND_S = 30.0
"""A directory that answers slowly is asked for the others in the next round."""


class DirectoryTask:
    """Periodic check of directory accounts, one per centre; owned by its thread."""

    def __init__(
        self,
        directory: Directory,
        archive: Archive,
        monotonic: Callable[[], float] = time.monotonic,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._directory = directory
        self._archive = archive
        self._accounts = ExternalAccounts(archive.database)
        self._monotonic = monotonic
        self._utc = utc
        self._queried_at: dict[str, float] = {}

    def run(self) -> None:
        """Check the accounts whose last check is the oldest."""
        if not self._directory.is_configured:
            return
        with self._archive.database.reading() as connection:
            names = who_sees(connection, PREFIX, self._utc())
        self._queried_at = {name: self._queried_at.get(name, float("-inf")) for name in names}
        if not names:
            return
        begun = self._monotonic()
        try:
            for username, person in self._directory.again(
                sorted(names, key=self._queried_at.__getitem__)
            ):
                self._queried_at[username] = self._monotonic()
                self._accounts.refresh(username, person, self._utc())
                if self._monotonic() - begun > ROUND_S:
                    log.warning("the directory answers slowly: others are asked for later")
                    return
        except DirectoryAway as error:
            log.error("%d logins are not asked for again: %s", len(names), error)


def build(site: Callable[[], Site], archive: Archive) -> BuiltFeature:
    """Return the task that checks logged-in directory accounts every five minutes."""
    rounds = DirectoryTask(Directory(site, archive), archive)
    return BuiltFeature(
        rounds=(CentreTask(name="directory", every_s=EVERY_S, run=rounds.run),),
    )
