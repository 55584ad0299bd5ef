"""Command `thapcanh user`: create and change officers' accounts at the centre's console.

A password is never an argument; it is typed, piped in, or generated and printed once.
"""

import argparse
import getpass
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.account_rules import AccountEditor, AccountRefusal, AccountRefused
from thapcanh.alerts.accounts.second_factors import SecondFactorRepository, StoredFactor
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import SYSTEM, DataFilter
from thapcanh.app.accounts.account_service import (
    AccountFields,
    AccountInvalid,
    AccountService,
    fields_of,
)
from thapcanh.app.accounts.console import CommandFailed, at_the_archive, listed_names, valid_roles
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.web_api.access.credentials import username_of
from thapcanh.app.web_api.access.passwords.hasher import Passwords
from thapcanh.config.site import Site

_EDITOR = AccountEditor(username=SYSTEM, role=SYSTEM, walls=True)
_REFUSALS = {
    AccountRefusal.EXISTS: "there is an account {name!r} already; "
    "change it with `user password`, `roles` or `scope`",
    AccountRefusal.UNKNOWN: "there is no account {name!r}; see `thapcanh user list`",
    AccountRefusal.LAST_ADMIN: "{name} is the last admin of the whole site; make another one first",
    AccountRefusal.PROVIDER: "the organisation's own login keeps {name}: change it there; "
    "here it is only disabled and enabled",
    AccountRefusal.NOT_BOUND: "{name} belongs to nobody of the organisation's login yet: "
    "its next login binds it",
    AccountRefusal.TOO_MANY: "there are as many accounts as there may be; use a disabled one again",
}


def run_user(options: argparse.Namespace) -> int:
    """`thapcanh user add|password|…|factors|remove-factor|unbind`; returns the exit code."""
    is_of_all = options.action == "unbind" and options.everything
    if options.action != "list" and bool(options.username) == is_of_all:
        return fail(f"user {options.action}: name the account", exit_codes.MISUSED)
    return at_the_archive(options, _changed)


def _changed(archive: Archive, site: Site, options: argparse.Namespace) -> str:
    if options.action == "list":
        return "".join(f"{_line(user)}\n" for user in archive.users())
    service = AccountService(archive, Passwords(), time.time)
    if options.action == "unbind":
        return _unbound(service, archive, options)
    username = username_of(options.username)
    try:
        return _done(service, archive, site, options)
    except AccountInvalid as error:
        raise CommandFailed(str(error)) from None
    except AccountRefused as error:
        raise CommandFailed(_REFUSALS[error.why].format(name=username)) from None


def _done(
    service: AccountService, archive: Archive, site: Site, options: argparse.Namespace
) -> str:
    username = username_of(options.username)
    if options.action == "factors":
        _registered(archive, username)
        found = SecondFactorRepository(archive.database).of(username)
        return "".join(f"{each.id}\t{each.kind}\t{each.name}\n" for each in found)
    if options.action == "remove-factor":
        return _without_factors(service, username, options)
    if options.action == "add":
        return _added(service, site, username, options)
    _refuse_scope(options)
    if options.action == "password":
        done, made = service.set_password(_EDITOR, username, _read_password())
        return f"{_line(done.user)}\n{_reported(made)}"
    edit, action = _edit(site, options), f"account_{options.action}"
    return f"{_line(service.change(_EDITOR, username, edit, action=action).user)}\n"


def _added(service: AccountService, site: Site, username: str, options: argparse.Namespace) -> str:
    fields = AccountFields(
        name=options.name or username,
        roles=valid_roles(options.role),
        scope=_scope_of(site, options),
    )
    password, locale = _read_password(), site.site.locale
    new = service.add(_EDITOR, username, fields, locale=locale, password=password)
    return f"{_line(new.user)}\n{_reported(new.password)}"


def _without_factors(service: AccountService, username: str, options: argparse.Namespace) -> str:
    """Remove second factors that are lost; the account's sessions end then."""
    if options.everything == bool(options.factor):
        raise CommandFailed("give --factor ID as `user factors` lists it, or --everything alone")
    removed, left = 0, 0

    def choose(found: list[StoredFactor]) -> list[StoredFactor]:
        nonlocal removed, left
        ids = {each.id for each in found}
        requested = ids if options.everything else set(options.factor)
        missing = requested - ids
        if missing or not requested:
            what = (
                f"no second factor {', '.join(sorted(missing))}" if missing else "no second factor"
            )
            raise CommandFailed(f"{username} has {what}; see `thapcanh user factors {username}`")
        removed, left = len(requested), len(ids - requested)
        return [each for each in found if each.id in requested]

    service.remove_factors(_EDITOR, username, choose)
    return f"{removed} removed, {left} left; the sessions of {username} ended\n"


def _unbound(service: AccountService, archive: Archive, options: argparse.Namespace) -> str:
    """Unbind one or all accounts after the provider or directory was replaced."""
    if options.everything:
        names = [user.username for user in archive.users() if user.identity is not None]
    else:
        names = [username_of(options.username)]
    try:
        done = [service.unbind(_EDITOR, name).user for name in names]
    except AccountRefused as error:
        raise CommandFailed(_REFUSALS[error.why].format(name=names[0])) from None
    return "".join(f"{_line(user)}\n" for user in done) + f"{len(done)} unbound\n"


def _registered(archive: Archive, username: str) -> User:
    found = archive.user(username)
    if found is None:
        raise CommandFailed(f"there is no account {username!r}; see `thapcanh user list`")
    return found


def _edit(site: Site, options: argparse.Namespace) -> Callable[[User], AccountFields]:
    if options.action == "scope":
        scope = _requested_scope(site, options)
        return lambda user: replace(fields_of(user), scope=scope)
    if options.action == "roles":
        roles = valid_roles(options.role)
        return lambda user: replace(fields_of(user), roles=roles)
    disabled = options.action == "disable"
    return lambda user: replace(fields_of(user), disabled=disabled)


def _refuse_scope(options: argparse.Namespace) -> None:
    """Refuse scope options on an action that would ignore them."""
    if options.action != "scope" and (options.agency or options.area or options.everything):
        raise CommandFailed(
            f"`user {options.action}` changes no agency or area: use `user scope NAME --agency …`"
        )


def _requested_scope(site: Site, options: argparse.Namespace) -> DataFilter:
    if options.everything == bool(options.agency or options.area):
        raise CommandFailed("give --agency and --area as often as needed, or --everything alone")
    return _scope_of(site, options)


def _scope_of(site: Site, options: argparse.Namespace) -> DataFilter:
    return DataFilter(
        agencies=listed_names(options.agency, {agency.id for agency in site.agencies}, "agency"),
        areas=listed_names(options.area, {area.id for area in site.areas}, "area"),
    )


def _read_password() -> str | None:
    """Return a piped or typed password; None for an empty line, so one is generated."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n") or None
    password = getpass.getpass("Password (empty: make one): ")
    if password and getpass.getpass("Again: ") != password:
        raise CommandFailed("the two passwords differ")
    return password or None


def _reported(made: str | None) -> str:
    return "" if made is None else f"password: {made}   (shown only now)\n"


def _line(user: User) -> str:
    agencies = ",".join(sorted(user.scope.agencies)) if user.scope.agencies is not None else "*"
    areas = ",".join(sorted(user.scope.areas)) if user.scope.areas is not None else "*"
    state = "disabled" if user.disabled else "enabled"
    roles = ",".join(sorted(user.roles))
    return f"{user.username}\t{user.name}\t{roles}\tagencies={agencies}\tareas={areas}\t{state}"
