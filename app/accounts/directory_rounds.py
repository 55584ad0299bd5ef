"""Periodic task that checks every account bound to the directory and logs out leavers."""

import logging
import time
from collections.abc import Callable

from thapcanh.alerts.accounts.external_accounts import ExternalAccounts
from thapcanh.alerts.accounts.who_sees import who_sees
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.app.process.by_clock import BuiltFeature, CentreRound
from thapcanh.app.web_api.access.directory import PREFIX, Directory, DirectoryAway
from thapcanh.config.site import Site

log = logging.getLogger(__name__)
EVERY_S = 300.0
ROUND_S = 30.0
"""A directory that answers slowly is asked for the others in the next round."""


class DirectoryRounds:
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
        self._asked_at: dict[str, float] = {}

    def run(self) -> None:
        """Check the accounts whose last check is the oldest."""
        if not self._directory.is_asked:
            return
        with self._archive.database.reading() as connection:
            names = who_sees(connection, PREFIX, self._utc())
        self._asked_at = {one: self._asked_at.get(one, float("-inf")) for one in names}
        if not names:
            return
        begun = self._monotonic()
        try:
            for username, person in self._directory.again(
                sorted(names, key=self._asked_at.__getitem__)
            ):
                self._asked_at[username] = self._monotonic()
                self._accounts.refresh(username, person, self._utc())
                if self._monotonic() - begun > ROUND_S:
                    log.warning("the directory answers slowly: others are asked for later")
                    return
        except DirectoryAway as error:
            log.error("%d logins are not asked for again: %s", len(names), error)


def build(site: Callable[[], Site], archive: Archive) -> BuiltFeature:
    """Return the task that checks logged-in directory accounts every five minutes."""
    rounds = DirectoryRounds(Directory(site, archive), archive)
    return BuiltFeature(
        rounds=(CentreRound(name="directory", every_s=EVERY_S, run=rounds.run),),
    )
