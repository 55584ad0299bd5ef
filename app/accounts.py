"""Accounts: passwords (Argon2id), a fresh site's first account, and `thapcanh user`.

A password is never an argument of a command, never logged and never kept; it is typed, piped in, or
made here and printed once.
"""

import argparse
import getpass
import logging
import re
import secrets
import sys
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alerts.archive import Archive, User
from alerts.archive.case_rows import note_in_log
from alerts.archive.ledger import LogLine
from alerts.errors import ArchiveError
from alerts.roles import Role, Scope
from app import exit_codes
from app.places import archive_url
from app.terminal import fail
from config.load import load
from config.site import Site

log = logging.getLogger(__name__)

FIRST_USERNAME = "admin"
PASSWORD_VARIABLE = "THAPCANH_ADMIN_PASSWORD"  # noqa: S105 the variable's name
SHORTEST_PASSWORD = 8  # NIST SP 800-63B; length is asked for, not kinds of characters
LONGEST_PASSWORD = 256
_USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,31}$")


class AccountRefused(Exception):
    """An account that cannot be made as asked; the message says why."""


class Passwords:
    """Hashes and checks passwords; checking an unknown account costs as much as a known one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106, low memory: 64 MiB, 3 passes
        self._nobody: str | None = None

    def hashed(self, password: str) -> str:
        """Return the hash to store."""
        return self._hasher.hash(_normal(password))

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is that of the hash; always false, as slowly, without a hash."""
        if self._nobody is None:
            self._nobody = self.hashed(secrets.token_urlsafe())
        try:
            self._hasher.verify(password_hash or self._nobody, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None


def username_of(text: str) -> str:
    """The account's name as it is stored, however it was typed."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def ensure_first_admin(archive: Archive, environ: Mapping[str, str]) -> str | None:
    """Make the first account where there is none.

    Returns the password that was made and must be printed once; None when there was an account, or
    the password came from `THAPCANH_ADMIN_PASSWORD`.
    """
    if archive.users():
        return None
    given = environ.get(PASSWORD_VARIABLE)
    password = given or secrets.token_urlsafe(12)
    if len(password) < SHORTEST_PASSWORD:  # a watch that does not start would be worse
        log.warning("%s is shorter than %d characters", PASSWORD_VARIABLE, SHORTEST_PASSWORD)
    archive.save_user(
        User(
            username=FIRST_USERNAME,
            name="Quản trị viên",
            roles=frozenset({Role.ADMIN, Role.LEADER}),  # docs/adr/0004
            locale="vi",
            password_hash=Passwords().hashed(password),
            created_at=time.time(),
        )
    )
    return None if given else password


def check_password(password: str) -> None:
    """Raise `AccountRefused` when a password is too short or too long to be one."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountRefused(
            f"a password needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        )


def known_roles(asked: list[str]) -> frozenset[Role]:
    """The roles that were named; raises `AccountRefused` where none or an unknown one was."""
    if not asked or not set(asked) <= set(Role):
        raise AccountRefused(f"give one --role or more of: {', '.join(Role)}")
    return frozenset(Role(role) for role in asked)


def known_names(asked: list[str], known: set[str], what: str) -> frozenset[str] | None:
    """Agencies or areas of the configuration; none named means all of them."""
    for name in asked:
        if name not in known:
            there = f"it has {', '.join(sorted(known))}" if known else "it has none"
            raise AccountRefused(f"the configuration has no {what} {name!r}: {there}")
    return frozenset(asked) if asked else None


def run_user(options: argparse.Namespace) -> int:
    """`thapcanh user add|password|roles|disable|enable|list`; returns the exit code."""
    loaded = load(options.config)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    if options.action != "list" and not options.username:
        return fail(f"user {options.action}: name the account", exit_codes.MISUSED)
    try:
        archive = Archive(archive_url(loaded.site))
        try:
            sys.stdout.write(_changed(archive, loaded.site, options))
        finally:
            archive.close()
    except (ArchiveError, AccountRefused) as error:
        return fail(error, exit_codes.FAILED)
    return exit_codes.OK


def _changed(archive: Archive, site: Site, options: argparse.Namespace) -> str:
    """Do what was asked and return what to print."""
    if options.action == "list":
        return "".join(f"{_line(user)}\n" for user in archive.users())
    username = username_of(options.username)
    if options.action == "add":
        user, said = _new_user(archive, site, username, options)
    else:
        found = archive.user(username)
        if found is None:
            raise AccountRefused(f"there is no account {username!r}; see `thapcanh user list`")
        user, said = _altered(found, options)
    archive.save_user(user)
    note_in_log(archive.database, _log_line(user, options.action))
    if options.action == "password":
        archive.end_sessions(username)  # whoever knew the old one is out
    return f"{_line(user)}\n{said}"


def _log_line(user: User, action: str) -> LogLine:
    """What was done to an account, by whoever sits at the server's console."""
    return LogLine(
        at=time.time(),
        action=f"account_{action}",
        object_id=user.username,
        details={"roles": sorted(user.roles), "disabled": user.disabled},
    )


def _new_user(
    archive: Archive, site: Site, username: str, options: argparse.Namespace
) -> tuple[User, str]:
    if not _USERNAME.match(username):
        raise AccountRefused(f"{username!r}: an account is named by a-z, 0-9, dot, dash, up to 32")
    if archive.user(username) is not None:
        raise AccountRefused(
            f"there is an account {username!r} already; change it with `user password` or `roles`"
        )
    password, said = _asked_password()
    user = User(
        username=username,
        name=options.name or username,
        roles=known_roles(options.role),
        locale=site.site.locale,
        password_hash=Passwords().hashed(password),
        scope=Scope(
            agencies=known_names(options.agency, {agency.id for agency in site.agencies}, "agency"),
            areas=known_names(options.area, {area.id for area in site.areas}, "area"),
        ),
        created_at=time.time(),
    )
    return user, said


def _altered(user: User, options: argparse.Namespace) -> tuple[User, str]:
    if options.action == "password":
        password, said = _asked_password()
        return replace(user, password_hash=Passwords().hashed(password)), said
    if options.action == "roles":  # in force with the next request of an open session
        return replace(user, roles=known_roles(options.role)), ""
    return replace(user, disabled=options.action == "disable"), ""


def _asked_password() -> tuple[str, str]:
    """A password that was piped in, or typed twice; an empty line has one made."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password (empty: make one): ")
        if password and getpass.getpass("Again: ") != password:
            raise AccountRefused("the two passwords differ")
    if password:
        check_password(password)
        return password, ""
    made = secrets.token_urlsafe(12)
    return made, f"password: {made}   (shown only now)\n"


def _line(user: User) -> str:
    agencies = ",".join(sorted(user.scope.agencies)) if user.scope.agencies is not None else "*"
    areas = ",".join(sorted(user.scope.areas)) if user.scope.areas is not None else "*"
    state = "disabled" if user.disabled else "enabled"
    roles = ",".join(sorted(user.roles))
    return f"{user.username}\t{user.name}\t{roles}\tagencies={agencies}\tareas={areas}\t{state}"


def _normal(password: str) -> str:
    """Vietnamese letters are typed composed on some desks and decomposed on others."""
    return unicodedata.normalize("NFKC", password)
