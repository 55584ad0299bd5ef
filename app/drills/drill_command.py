"""Command `thapcanh drill`: starts, ends and lists drills."""

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path

from thapcanh.alerts.drills.drill_store import DrillRepository, DrillRunning
from thapcanh.alerts.drills.drills import DrillScore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import EVERYTHING, Actor, Role
from thapcanh.app.accounts.console import CommandFailed, at_the_archive
from thapcanh.app.drills.scenarios import DrillRefusalReason, DrillRefused, begin, scenarios
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.site import read_site
from thapcanh.app.web_api.access.scope_in_force import scope_in_force
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.problem import ConfigError
from thapcanh.config.site import Site

_SHOWN = 20


def run_drill(options: argparse.Namespace) -> int:
    """`thapcanh drill list|start|end|scores`; returns the exit code."""
    return _list(options.config) if options.action == "list" else at_the_archive(options, _done)


def _list(config: Path) -> int:
    """List the scenarios of the configuration; no archive is needed."""
    try:
        site = read_site(config).site_or_raise()
    except ConfigError as error:
        return fail(error)
    for each in scenarios(site).values():
        sys.stdout.write(
            f"{each.id}\t{each.kind}\tP{each.priority}\t{each.right_verdict}\t{each.name}\n"
        )
    return exit_codes.OK


def _done(archive: Archive, site: Site, options: argparse.Namespace) -> str:
    repository = DrillRepository(archive.database)
    if options.action == "scores":
        return "".join(map(_line, repository.scores(_SHOWN, EVERYTHING)))
    actor = _leader(archive, site, options.by)
    if options.action == "start":
        return _started(repository, site, options, actor)
    running = repository.running()
    if running is None:
        raise CommandFailed("no drill runs")
    repository.end(running.id, time.time(), by=actor)
    return f"{running.id}\n"


def _started(
    repository: DrillRepository, site: Site, options: argparse.Namespace, actor: Actor
) -> str:
    order = (options.scenario or "", options.camera or "")
    try:
        begun = begin(repository, site, order, actor, time.time())
    except DrillRefused as refused:
        raise CommandFailed(_why_not(refused.why, *order)) from None
    except DrillRunning:
        raise CommandFailed("another drill has not ended yet: see `drill scores`") from None
    return f"{begun.id}\n"


def _why_not(why: DrillRefusalReason, scenario: str, camera: str) -> str:
    if why is DrillRefusalReason.SCENARIO_UNREGISTERED:
        return f"start: no scenario {scenario!r}; `drill list` names them"
    return f"start: the leader sees no camera {camera!r}; give the id of a camera after {scenario}"


def _leader(archive: Archive, site: Site, username: str | None) -> Actor:
    if not username:
        raise CommandFailed("give --by, the account of the leader who answers for the drill")
    user = archive.user(username)
    if user is None or not user.may_come_in or Role.LEADER not in user.roles:
        raise CommandFailed(f"--by: {username!r} is no leader's account; see `thapcanh user list`")
    scope = scope_in_force(user.roles, user.scope, site.areas)
    return Actor(username=user.username, name=user.name, role=Role.LEADER, scope=scope)


def _line(found: DrillScore) -> str:
    drill = found.drill
    started = datetime.fromtimestamp(drill.started_at, LOCAL_TZ).strftime("%d/%m/%Y %H:%M:%S")
    line = f"{drill.id}\t{started}\t{drill.scenario_id}\t{drill.camera_id}\t{found.outcome}"
    line += f"\tacknowledged={_who(found.acknowledged_by, found.acknowledged_after_s)}"
    line += f"\tverdict={found.verdict or '-'} {_who(found.verdict_by, found.verdict_after_s)}"
    return f"{line}\t{drill.failure or ''}".rstrip() + "\n"


def _who(username: str | None, after_s: float | None) -> str:
    return "-" if username is None or after_s is None else f"{username} after {after_s:.0f} s"
