"""Code shared by the account commands: opening the archive and reporting errors.

The commands work on the archive's database, with or without a running centre, and need no login:
whoever may run them on this machine can read that file anyway (docs/adr/0004).
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
    """A command that cannot be carried out; the message says why and what to do."""


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


def valid_roles(names: list[str]) -> frozenset[Role]:
    """Return the named roles; raise `CommandFailed` if none or an unknown one is named."""
    there = ", ".join(Role)
    if not names:
        raise CommandFailed(f"give one --role or more of: {there}")
    invalid = sorted(set(names) - set(Role))
    if invalid:
        raise CommandFailed(f"there is no role {', '.join(map(repr, invalid))}: there are {there}")
    return frozenset(Role(role) for role in names)


def listed_names(names: list[str], listed: set[str], what: str) -> frozenset[str] | None:
    """Return the named agencies or areas of the configuration; None (all) if none is named."""
    for name in names:
        if name not in listed:
            there = f"it has {', '.join(sorted(listed))}" if listed else "it has none"
            raise CommandFailed(f"the configuration has no {what} {name!r}: {there}")
    return frozenset(names) if names else None
