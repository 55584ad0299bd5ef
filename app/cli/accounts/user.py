"""`thapcanh user`: officers' accounts, made and changed at the centre's console.

A password is never an argument; it is typed, piped in, or made here and printed once.
"""

import argparse
import getpass
import re
import secrets
import sys
import time
from dataclasses import replace

from alerts.archive import Archive, User
from alerts.archive.repositories.accounts.second_factors import SecondFactorRepository
from alerts.archive.repositories.accounts.users import AccountAct
from alerts.lifecycle.roles import SYSTEM, DataFilter
from app import exit_codes
from app.api.auth.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD, username_of
from app.api.auth.passwords.hasher import Passwords
from app.cli.console import CommandFailed, at_the_archive, known_names, known_roles
from app.terminal import fail
from config.site import Site

_FACTOR_ACTIONS = ("factors", "remove-factor")
_USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,31}$")


def run_user(options: argparse.Namespace) -> int:
    """`thapcanh user add|password|…|factors|remove-factor`; returns the exit code."""
    if options.action != "list" and not options.username:
        return fail(f"user {options.action}: name the account", exit_codes.MISUSED)
    return at_the_archive(options, _changed)


def _changed(archive: Archive, site: Site, options: argparse.Namespace) -> str:
    """Do what was asked and return what to print."""
    if options.action == "list":
        return "".join(f"{_line(user)}\n" for user in archive.users())
    username = username_of(options.username)
    if options.action in _FACTOR_ACTIONS:
        return _factors(archive, username, options)
    if options.action == "add":
        user, said = _new_user(archive, site, username, options)
    else:
        user, said = _altered(_known(archive, username), site, options)
    archive.save_user(user, AccountAct(action=f"account_{options.action}", at=time.time()))
    if options.action == "password":
        archive.end_sessions(username)  # whoever knew the old one is out
    return f"{_line(user)}\n{said}"


def _new_user(
    archive: Archive, site: Site, username: str, options: argparse.Namespace
) -> tuple[User, str]:
    if not _USERNAME.match(username):
        raise CommandFailed(f"{username!r}: an account is named by a-z, 0-9, dot, dash, up to 32")
    if archive.user(username) is not None:
        raise CommandFailed(
            f"there is an account {username!r} already; "
            "change it with `user password`, `roles` or `scope`"
        )
    password, said = _asked_password()
    user = User(
        username=username,
        name=options.name or username,
        roles=known_roles(options.role),
        locale=site.site.locale,
        password_hash=Passwords().hashed(password),
        scope=_scope_of(site, options),
        created_at=time.time(),
    )
    return user, said


def _factors(archive: Archive, username: str, options: argparse.Namespace) -> str:
    """List an account's second factors, or remove those that are lost; its sessions end then."""
    kept = SecondFactorRepository(archive.database)
    found = kept.of(username)
    if options.action == "factors":
        _known(archive, username)
        return "".join(f"{each.id}\t{each.kind}\t{each.name}\n" for each in found)
    _known(archive, username)
    wanted = set(options.factor) if not options.everything else {each.id for each in found}
    if options.everything == bool(options.factor):
        raise CommandFailed("give --factor ID as `user factors` lists it, or --everything alone")
    unknown = wanted - {each.id for each in found}
    if unknown or not wanted:
        what = f"no second factor {', '.join(sorted(unknown))}" if unknown else "no second factor"
        raise CommandFailed(f"{username} has {what}; see `thapcanh user factors {username}`")
    for each in sorted(wanted):
        kept.remove(username, each, time.time(), SYSTEM)
    archive.end_sessions(username)  # who holds the lost phone is out
    left = len(found) - len(wanted)
    return f"{len(wanted)} removed, {left} left; the sessions of {username} ended\n"


def _known(archive: Archive, username: str) -> User:
    found = archive.user(username)
    if found is None:
        raise CommandFailed(f"there is no account {username!r}; see `thapcanh user list`")
    return found


def _altered(user: User, site: Site, options: argparse.Namespace) -> tuple[User, str]:
    _refuse_scope(options)
    if options.action == "scope":  # in force with the next request of an open session
        return replace(user, scope=_asked_scope(site, options)), ""
    if options.action == "password":
        password, said = _asked_password()
        return replace(user, password_hash=Passwords().hashed(password)), said
    if options.action == "roles":  # in force with the next request of an open session
        return replace(user, roles=known_roles(options.role)), ""
    return replace(user, disabled=options.action == "disable"), ""


def _refuse_scope(options: argparse.Namespace) -> None:
    """What is given and would change nothing is no order that was carried out."""
    if options.action != "scope" and (options.agency or options.area or options.everything):
        raise CommandFailed(
            f"`user {options.action}` changes no agency or area: use `user scope NAME --agency …`"
        )


def _asked_scope(site: Site, options: argparse.Namespace) -> DataFilter:
    """The scope that was named; all of the site only where that was said."""
    if options.everything == bool(options.agency or options.area):
        raise CommandFailed("give --agency and --area as often as needed, or --everything alone")
    return _scope_of(site, options)


def _scope_of(site: Site, options: argparse.Namespace) -> DataFilter:
    return DataFilter(
        agencies=known_names(options.agency, {agency.id for agency in site.agencies}, "agency"),
        areas=known_names(options.area, {area.id for area in site.areas}, "area"),
    )


def _asked_password() -> tuple[str, str]:
    """A password that was piped in, or typed twice; an empty line has one made."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password (empty: make one): ")
        if password and getpass.getpass("Again: ") != password:
            raise CommandFailed("the two passwords differ")
    if password:
        _check_password(password)
        return password, ""
    made = secrets.token_urlsafe(12)
    return made, f"password: {made}   (shown only now)\n"


def _line(user: User) -> str:
    agencies = ",".join(sorted(user.scope.agencies)) if user.scope.agencies is not None else "*"
    areas = ",".join(sorted(user.scope.areas)) if user.scope.areas is not None else "*"
    state = "disabled" if user.disabled else "enabled"
    roles = ",".join(sorted(user.roles))
    return f"{user.username}\t{user.name}\t{roles}\tagencies={agencies}\tareas={areas}\t{state}"


def _check_password(password: str) -> None:
    """Raise `CommandFailed` when a password is too short or too long to be one."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise CommandFailed(
            f"a password needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        )
