"""`thapcanh drill`: begin, end and read drills from the command line, as leaders do on the screens.

Works on the archive's database, beside a running centre, which puts on what it finds there. As with
`thapcanh user`, who may run it on this machine is trusted; the leader's name goes into the log.
"""

import argparse
import sys
import time

from alerts.archive import Archive
from alerts.archive.drill_book import DrillBook, DrillRuns
from alerts.drill import DrillScore
from alerts.errors import ArchiveError
from alerts.roles import EVERYTHING, Actor, Role
from app import exit_codes
from app.api.scope import scope_in_force
from app.drills import NoDrill, WhyNoDrill, begin, scenarios
from app.places import archive_url
from app.terminal import fail
from config.load import load
from config.site import Site

_SHOWN = 20


class DrillRefused(Exception):
    """What was asked cannot be done; the message says why."""


def run_drill(options: argparse.Namespace) -> int:
    """`thapcanh drill list|start|end|scores`; returns the exit code."""
    loaded = load(options.config)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    if options.action == "list":
        sys.stdout.write(_scenarios(loaded.site))
        return exit_codes.OK
    try:
        archive = Archive(archive_url(loaded.site))
        try:
            sys.stdout.write(_done(archive, loaded.site, options))
        finally:
            archive.close()
    except (ArchiveError, DrillRefused) as error:
        return fail(error, exit_codes.FAILED)
    return exit_codes.OK


def _scenarios(site: Site) -> str:
    return "".join(
        f"{each.id}\t{each.kind}\tP{each.priority}\t{each.right_verdict}\t{each.name}\n"
        for each in scenarios(site).values()
    )


def _done(archive: Archive, site: Site, options: argparse.Namespace) -> str:
    book = DrillBook(archive.database)
    if options.action == "scores":
        return "".join(map(_line, book.scores(_SHOWN, EVERYTHING)))
    actor = _leader(archive, site, options.by)
    if options.action == "start":
        return _started(book, site, options, actor)
    running = book.running()
    if running is None:
        raise DrillRefused("no drill runs")
    book.end(running.id, time.time(), by=actor)
    return f"{running.id}\n"


def _started(book: DrillBook, site: Site, options: argparse.Namespace, actor: Actor) -> str:
    order = (options.scenario or "", options.camera or "")
    try:
        begun = begin(book, site, order, actor, time.time())
    except NoDrill as refused:
        raise DrillRefused(_why_not(refused.why, *order)) from None
    except DrillRuns:
        raise DrillRefused("another drill has not ended yet: see `drill scores`") from None
    return f"{begun.id}\n"


def _why_not(why: WhyNoDrill, scenario: str, camera: str) -> str:
    if why is WhyNoDrill.UNKNOWN_SCENARIO:
        return f"start: no scenario {scenario!r}; `drill list` names them"
    return f"start: the leader sees no camera {camera!r}; give the id of a camera after {scenario}"


def _leader(archive: Archive, site: Site, username: str | None) -> Actor:
    """The leader who answers for a drill."""
    if not username:
        raise DrillRefused("give --by, the account of the leader who answers for the drill")
    user = archive.user(username)
    if user is None or user.disabled or Role.LEADER not in user.roles:
        raise DrillRefused(f"--by: {username!r} is no leader's account; see `thapcanh user list`")
    scope = scope_in_force(user.roles, user.scope, site.areas)
    return Actor(username=user.username, name=user.name, role=Role.LEADER, scope=scope)


def _line(found: DrillScore) -> str:
    drill = found.drill
    started = time.strftime("%d/%m/%Y %H:%M:%S", time.localtime(drill.started_at))
    said = f"{drill.id}\t{started}\t{drill.scenario_id}\t{drill.camera_id}\t{found.outcome}"
    said += f"\tacknowledged={_who(found.acknowledged_by, found.acknowledged_after_s)}"
    said += f"\tverdict={found.verdict or '-'} {_who(found.verdict_by, found.verdict_after_s)}"
    return f"{said}\t{drill.failure or ''}".rstrip() + "\n"


def _who(username: str | None, after_s: float | None) -> str:
    return "-" if username is None or after_s is None else f"{username} after {after_s:.0f} s"
