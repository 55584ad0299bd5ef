"""What the commands about people share: the archive opened, what was asked done, one clear answer.

They work on the archive's database, beside a running centre or without one, and ask for no login:
who may run them on this machine can read that file anyway (docs/adr/0004).
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import Role
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.site import read_site
from thapcanh.app.site.site_archive import site_archive
from thapcanh.config.problem import ConfigError
from thapcanh.config.site import Site

Work = Callable[[Archive, Site, argparse.Namespace], str]


class CommandFailed(Exception):
    """What was asked cannot be done; the message says why, and what helps."""


def at_the_archive(options: argparse.Namespace, work: Work) -> int:
    """Do the work of a command, print what it returns, and return the exit code."""
    try:
        site = read_site(options.config).site_or_raise()
    except ConfigError as error:
        return fail(error)
    try:
        with closing(site_archive(site)) as archive:
            sys.stdout.write(work(archive, site, options))
    except (ArchiveError, CommandFailed) as error:
        return fail(error, exit_codes.FAILED)
    return exit_codes.OK


def known_roles(asked: list[str]) -> frozenset[Role]:
    """The roles that were named; raises `CommandFailed` where none or an unknown one was."""
    there = ", ".join(Role)
    if not asked:
        raise CommandFailed(f"give one --role or more of: {there}")
    unknown = sorted(set(asked) - set(Role))
    if unknown:
        raise CommandFailed(f"there is no role {', '.join(map(repr, unknown))}: there are {there}")
    return frozenset(Role(role) for role in asked)


def known_names(asked: list[str], known: set[str], what: str) -> frozenset[str] | None:
    """Agencies or areas of the configuration; none named means all of them."""
    for name in asked:
        if name not in known:
            there = f"it has {', '.join(sorted(known))}" if known else "it has none"
            raise CommandFailed(f"the configuration has no {what} {name!r}: {there}")
    return frozenset(asked) if asked else None
