"""`thapcanh centre list|remove`: the centres that are expected on a PostgreSQL archive."""

import argparse
import time

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.coordination.centres import (
    ExpectedCentre,
    expected_centres,
    remove_centre,
)
from thapcanh.app.accounts.console import CommandFailed, at_the_archive
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.config.site import Site


def run_centres(options: argparse.Namespace) -> int:
    """Return the exit code."""
    if options.action == "remove" and not options.centre:
        return fail("centre remove: name the centre", exit_codes.MISUSED)
    return at_the_archive(options, _done)


def _done(archive: Archive, _: Site, options: argparse.Namespace) -> str:
    known = expected_centres(archive.database)
    if options.action == "list":
        return "".join(f"{_line(one)}\n" for one in known)
    found = next((one for one in known if one.name == options.centre), None)
    if found is None:
        raise CommandFailed(f"no centre {options.centre!r} is expected; see `centre list`")
    if not found.is_missing:
        raise CommandFailed(f"{found.name} lives: stop it first")
    remove_centre(archive.database, found.name, time.time())
    return f"{found.name} is expected no more\n"


def _line(one: ExpectedCentre) -> str:
    if one.is_missing:
        return f"{one.name}  missing, silent for {one.silent_s:.0f} s"
    return f"{one.name}  lives, clock {one.ahead_s:+.1f} s"
