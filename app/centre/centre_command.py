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
    expected = expected_centres(archive.database)
    if options.action == "list":
        return "".join(f"{_line(item)}\n" for item in expected)
    found = next((item for item in expected if item.name == options.centre), None)
    if found is None:
        raise CommandFailed(f"no centre {options.centre!r} is expected; see `centre list`")
    if not found.is_missing:
        raise CommandFailed(f"{found.name} lives: stop it first")
    remove_centre(archive.database, found.name, time.time())
    return f"{found.name} is expected no more\n"


def _line(item: ExpectedCentre) -> str:
    if item.is_missing:
        return f"{item.name}  missing, silent for {item.silent_s:.0f} s"
    return f"{item.name}  lives, clock {item.ahead_s:+.1f} s"
