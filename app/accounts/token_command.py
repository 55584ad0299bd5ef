"""`thapcanh token`: tokens for programs, made at the centre's console, shown once, stored hashed.

A token has roles like an account, so the same table of rights applies, and powers, which only
narrow that; it sees its agencies' and areas' cameras and alerts. A token made for an account
(`--for`) ends with the account; one that must outlive every person is a machine's (`--machine`).
"""

import argparse
import re
import secrets
import time
from datetime import UTC, datetime

from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import CONSOLE, MACHINE, DataFilter, roles_within
from thapcanh.app.accounts.console import (
    CommandFailed,
    at_the_archive,
    listed_names,
    valid_roles,
)
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import console_user, fail
from thapcanh.app.web_api.access.token_scopes import TokenScope, token_sha256
from thapcanh.config.site import Site

PREFIX = "tc_"  # so that a scan of code for secrets finds a token
LONGEST_DAYS = 3650
_DAY_S = 86_400.0
_LONGEST_SENDER = 200
_NOT_IN_SENDER = re.compile(r"[\s,<&]")
_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,31}$")


def run_token(options: argparse.Namespace) -> int:
    """`thapcanh token add|list|revoke`; returns the exit code."""
    if options.action != "list" and not options.token:
        return fail(f"token {options.action}: name the token", exit_codes.MISUSED)
    return at_the_archive(options, _done)


def _done(archive: Archive, site: Site, options: argparse.Namespace) -> str:
    repository, now = ApiTokenRepository(archive.database), time.time()
    if options.action == "list":
        return "".join(f"{_line(token, now, archive)}\n" for token in repository.all())
    if options.action == "revoke":
        revoked = repository.revoke(options.token, now)
        if revoked is None:
            raise CommandFailed(f"no token {options.token!r} is in force; see `token list`")
        return f"{revoked.id} ({revoked.name}) revoked\n"
    secret = PREFIX + secrets.token_urlsafe(32)
    token = _new(site, options, secret, now, _given_owner(archive, options))
    repository.add(token)
    return f"{_line(token, now, archive)}\ntoken: {secret}   (shown only now)\n"


def _given_owner(archive: Archive, options: argparse.Namespace) -> str:
    username: str | None = options.maker
    if (username is None) is not options.machine:
        raise CommandFailed(
            "give --for and the account that the token ends with, or --machine for one that must "
            "not fall silent with a person (a panel, the telephone)"
        )
    if username is None:
        return MACHINE + console_user().removeprefix(CONSOLE)
    account = archive.user(username)
    if account is None or account.made_by is not None or not account.may_come_in:
        raise CommandFailed(f"--for: there is no person's account {username!r} that may come in")
    roles = valid_roles(options.role)
    beyond = sorted(roles - roles_within(roles, account.roles))
    if beyond:
        raise CommandFailed(f"--for: {username!r} may not do what {', '.join(beyond)} may")
    return username


def _new(site: Site, options: argparse.Namespace, secret: str, now: float, maker: str) -> ApiToken:
    name = str(options.token)
    if not _NAME.match(name):
        raise CommandFailed(f"{name!r}: a token is named by a-z, 0-9, dot, dash, up to 32")
    if not 1 <= options.days <= LONGEST_DAYS:
        raise CommandFailed(f"--days: a token lasts 1 to {LONGEST_DAYS} days")
    return ApiToken(
        id=secrets.token_hex(4),
        name=name,
        token_sha256=token_sha256(secret),
        roles=valid_roles(options.role),
        powers=_powers(options.power),
        scope=DataFilter(
            agencies=listed_names(options.agency, {item.id for item in site.agencies}, "agency"),
            areas=listed_names(options.area, {item.id for item in site.areas}, "area"),
        ),
        created_at=now,
        expires_at=now + options.days * _DAY_S,
        senders=_senders(options.sender, options.power),
        made_by=maker,
    )


def _powers(names: list[str]) -> frozenset[str]:
    if not names or not set(names) <= set(TokenScope):
        raise CommandFailed(f"give one --power or more of: {', '.join(TokenScope)}")
    return frozenset(names)


def _senders(names: list[str], powers: list[str]) -> frozenset[str]:
    needs = TokenScope.CAP in powers
    if needs and not names:
        raise CommandFailed(
            "--power cap needs --sender: the `sender` of the other centre's CAP messages, "
            "e.g. /thapcanh/Ward; the refusal of one that no token names says it"
        )
    if names and not needs:
        raise CommandFailed("--sender goes with --power cap")
    if any(_NOT_IN_SENDER.search(item) or len(item) > _LONGEST_SENDER for item in names):
        raise CommandFailed("--sender: CAP takes no spaces, commas, < or & there (200 letters)")
    return frozenset(names)


def _line(token: ApiToken, now: float, archive: Archive) -> str:
    agencies = ",".join(sorted(token.scope.agencies)) if token.scope.agencies is not None else "*"
    areas = ",".join(sorted(token.scope.areas)) if token.scope.areas is not None else "*"
    return "\t".join(
        (
            token.id,
            token.name,
            ",".join(sorted(token.roles)),
            ",".join(sorted(token.powers)),
            f"agencies={agencies}",
            f"areas={areas}",
            *([f"senders={','.join(sorted(token.senders))}"] if token.senders else []),
            *_owner(token),
            f"until={_day(token.expires_at)}",
            f"used={'never' if token.used_at is None else _day(token.used_at)}",
            _state(token, now, archive),
        )
    )


def _owner(token: ApiToken) -> list[str]:
    maker = token.made_by or "unknown"
    if not maker.startswith(MACHINE):
        return [f"by={maker}"]
    return ["for=machine", f"by={CONSOLE}{maker.removeprefix(MACHINE)}"]


def ownerless_tokens(archive: Database, now: float) -> list[str]:
    """Return a line for each token in force that ends with nobody. Raises `ArchiveError`."""
    return [
        f"token {item.id} ({item.name}) ends with no account: revoke it, and add it again with "
        "--for or --machine"
        for item in ApiTokenRepository(archive).all()
        if item.is_ownerless and item.is_in_force(now)
    ]


def _state(token: ApiToken, now: float, archive: Archive) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if not token.is_in_force(now):
        return "expired"
    if token.account is None:
        return "in force"
    account = archive.user(token.account)
    if account is None or not account.may_come_in:
        return "asleep: by may not come in"
    return "in force" if token.roles_with(account) else "asleep: by has none of these roles"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
