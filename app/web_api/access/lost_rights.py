"""Accounts of a directory or provider that gives them no right to be here any more.

Such an account has no role: its sessions end, its walls are dark. Either sees again as soon as the
directory or provider gives it a role again. It stays as it was for the log, and for who disables.
"""

import logging
from dataclasses import replace

from alerts.accounts.users import AccountAct
from alerts.lifecycle.archive import Archive

log = logging.getLogger(__name__)


def let_in_no_more(archive: Archive, username: str, now: float) -> None:
    """Take every role from an account, where it has any, and write it down."""
    before = archive.user(username)
    if before is None or not before.may_come_in:
        return
    act = AccountAct(at=now, action="account_let_in_no_more")
    archive.save_user(replace(before, roles=frozenset()), act)
    log.warning("%s is logged out, and its walls are dark: it is let in no more", username)
