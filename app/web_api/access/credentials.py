"""Account names, password limits, and the first account of a new site.

Passwords are never logged or stored; the first one is generated and printed once.
"""

import logging
import secrets
import sys
import time
import unicodedata

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.users import add_first_user
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import Role
from thapcanh.app.process.first_secret import PASSWORD_VARIABLE
from thapcanh.app.web_api.access.passwords.hasher import Passwords

log = logging.getLogger(__name__)

FIRST_USERNAME = "admin"
SHORTEST_PASSWORD = 8  # NIST SP 800-63B; length is asked for, not kinds of characters
LONGEST_PASSWORD = 256


def username_of(text: str) -> str:
    """Return the normalised account name."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def ensure_first_admin(archive: Archive, password_value: str | None = None) -> str | None:
    """Make the first account where there is none.

    Returns the password that was made and must be printed once; None when there was an account, or
    the password was `password_value` (by `THAPCANH_ADMIN_PASSWORD`).
    """
    if archive.users():
        return None
    password = password_value or secrets.token_urlsafe(12)
    if len(password) < SHORTEST_PASSWORD:  # a watch that does not start would be worse
        log.warning("%s is shorter than %d characters", PASSWORD_VARIABLE, SHORTEST_PASSWORD)
    is_added = add_first_user(  # another centre may begin at the same moment
        archive.database,
        User(
            username=FIRST_USERNAME,
            name="Quản trị viên",
            roles=frozenset({Role.ADMIN, Role.LEADER}),  # docs/adr/0004
            locale="vi",
            password_hash=Passwords().hashed(password),
            created_at=time.time(),
        ),
    )
    return password if is_added and not password_value else None


def print_first_password(made_password: str | None) -> None:
    """Print the generated first password, once."""
    if made_password is not None:
        sys.stdout.write(f"Đăng nhập / login: {FIRST_USERNAME}  {made_password}\n")
        sys.stdout.flush()
