"""Command line `thapcanh`: parses arguments, sets up logging and signals, runs a command."""

import argparse
import os
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from thapcanh.app.cli.care import (
    add_api,
    add_cameras,
    add_copies,
    add_dossier,
    add_drill,
    add_evidence,
    add_link,
    add_map,
    add_probe,
    add_spool,
    add_state,
    add_verdicts,
    add_verify,
    add_versions,
)
from thapcanh.app.cli.model import add_models
from thapcanh.app.cluster.command import add_cluster
from thapcanh.app.process import exit_codes
from thapcanh.app.process.first_secret import PASSWORD_VARIABLE, pop_from_environment
from thapcanh.app.process.heartbeat import ProcessStart
from thapcanh.app.process.log import start_logging
from thapcanh.app.process.resources import use_few_heaps
from thapcanh.app.process.terminal import Body, stop_on_signals, subcommand, with_config

if TYPE_CHECKING:
    from thapcanh.app.process.terminal import Subcommands

_TOOLS = "thapcanh.tools.commands"
"""Found by its name: no room imports the tools."""
_USER_ACTIONS = (
    "add",
    "password",
    "roles",
    "scope",
    "disable",
    "enable",
    "list",
    "factors",
    "remove-factor",
    "unbind",
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    os.umask(0o077)  # what we write is nobody else's to read
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no memory with its secrets
    use_few_heaps()
    pop_from_environment(PASSWORD_VARIABLE)
    options = parser().parse_args(arguments)
    command: Body = options.command
    start_logging(_process_name(options), verbose=options.verbose)
    try:
        return command(options)
    except KeyboardInterrupt:
        return exit_codes.FAILED
    except BrokenPipeError:  # the reader of our output left, e.g. `thapcanh replay … | head`
        sys.stderr.close()
        return exit_codes.FAILED


def _process_name(options: argparse.Namespace) -> str:
    name = str(options.name)
    if name != "worker":
        return name
    return f"worker-{options.index}" if options.share is None else options.share.stem


def parser() -> argparse.ArgumentParser:
    """Return the parser with every command and its options."""
    whole = argparse.ArgumentParser(
        prog="thapcanh", description="Watches cameras and brings alerts to duty officers."
    )
    whole.add_argument("-v", "--verbose", action="store_true", help="log details too")
    commands = whole.add_subparsers(dest="name", required=True, metavar="COMMAND")
    for add in (*_FAMILIES, *import_module(_TOOLS).COMMANDS):
        add(commands)
    return whole


def _add_run(commands: "Subcommands") -> None:
    def run(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.run import run_site

        return run_site(options.config, stop_on_signals())

    with_config(subcommand(commands, "run", "start queue, centre and workers, and tend them", run))


def _add_parts(commands: "Subcommands") -> None:
    def worker(options: argparse.Namespace) -> int:
        if options.action is not None:
            from thapcanh.app.worker.worker_key_command import run_enrolment

            return run_enrolment(options)
        with ProcessStart(options.beat).running() as start:
            from thapcanh.app.worker.camera_share import AssignedShare, CameraShare, WorkerShare
            from thapcanh.app.worker.run_worker import run_worker

            place: CameraShare = WorkerShare(index=options.index, of=options.of)
            if options.share is not None:
                place = AssignedShare(options.share)
            return run_worker(options.config, place, start, stop_on_signals())

    def centre(options: argparse.Namespace) -> int:
        if options.action is not None:
            from thapcanh.app.centre.centre_command import run_centres

            return run_centres(options)
        with ProcessStart(options.beat).running() as start:
            from thapcanh.app.centre.run_centre import run_centre

            return run_centre(options.config, start, stop_on_signals())

    part = subcommand(commands, "worker", "watch this worker's share of the cameras", worker)
    with_config(part)
    part.add_argument("action", nargs="?", choices=("enrol", "revoke", "list"))
    part.add_argument("worker", nargs="?", help="enrol, revoke: which worker, e.g. worker-0")
    part.add_argument("--out", type=Path, help="enrol: a new folder for what the worker is given")
    part.add_argument("--index", type=int, default=0, help="which worker this is, from 0")
    part.add_argument("--of", type=int, default=1, help="how many workers share the cameras")
    part.add_argument("--share", type=Path, help=argparse.SUPPRESS)
    part.add_argument("--beat", type=Path, help=argparse.SUPPRESS)
    part = subcommand(commands, "centre", "store events, serve screens and the web API", centre)
    with_config(part)
    part.add_argument("action", nargs="?", choices=("list", "remove"))
    part.add_argument("centre", nargs="?", help="remove: one that does not come back")
    part.add_argument("--beat", type=Path, help=argparse.SUPPRESS)


def _add_demo(commands: "Subcommands") -> None:
    def demo(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.demo import DemoSettings, run_demo

        settings = DemoSettings(
            videos=tuple(options.videos), port=options.port, data_dir=options.data,
            queue_url=options.queue_url, archive_url=options.archive_url,
        )  # fmt: skip
        return run_demo(settings, stop_on_signals())

    part = subcommand(commands, "demo", "play recorded videos as cameras and watch them", demo)
    part.add_argument("videos", nargs="*", type=Path, metavar="VIDEO")
    part.add_argument("--port", type=int, default=8080)
    part.add_argument("--data", type=Path, help="keep the demo's data in this folder")
    part.add_argument("--queue-url", help="a Redis or Valkey instead of the embedded one")
    part.add_argument("--archive-url", help="a PostgreSQL instead of SQLite")


def _add_people(commands: "Subcommands") -> None:
    def user(options: argparse.Namespace) -> int:
        from thapcanh.app.accounts.user_command import run_user

        return run_user(options)

    def token(options: argparse.Namespace) -> int:
        from thapcanh.app.accounts.token_command import run_token

        return run_token(options)

    def credential(options: argparse.Namespace) -> int:
        from thapcanh.app.cameras.credential_command import run_credential

        return run_credential(options)

    part = subcommand(commands, "user", "add, change or list officers", user)
    with_config(part)
    part.add_argument("action", choices=_USER_ACTIONS)
    part.add_argument("username", nargs="?")
    part.add_argument("--name", help="the officer's full name")
    part.add_argument("--role", action="append", default=[], help="may be given more than once")
    part.add_argument("--agency", action="append", default=[], help="add, scope: only of these")
    part.add_argument("--area", action="append", default=[], help="add, scope: only in these")
    part.add_argument(
        "--everything", action="store_true", help="scope: the whole site; else: all of them"
    )
    part.add_argument("--factor", action="append", default=[], help="remove-factor: its id")
    part = subcommand(commands, "token", "add, list or revoke tokens for programs", token)
    with_config(part)
    part.add_argument("action", choices=("add", "list", "revoke"))
    part.add_argument("token", nargs="?", help="add: a name for it; revoke: its id in the list")
    part.add_argument("--role", action="append", default=[], help="may be given more than once")
    powers = "read, pictures, export, signal, cap, telephone, messages, ptz, answer"
    part.add_argument("--power", action="append", default=[], help=powers)
    part.add_argument("--agency", action="append", default=[])
    part.add_argument("--area", action="append", default=[])
    part.add_argument("--for", dest="maker", help="add: the account that it ends with")
    part.add_argument("--machine", action="store_true", help="add: it ends with no person")
    part.add_argument("--sender", action="append", default=[], help="cap: who may send by it")
    part.add_argument("--days", type=int, default=365, help="how long it lasts (default: 365)")
    part = subcommand(commands, "credential", "keep logins of cameras, encrypted", credential)
    with_config(part)
    part.add_argument("action", choices=("key", "set", "list", "remove"))
    part.add_argument("credential", nargs="?", help="its name in ${credential:NAME}")
    part.add_argument("--out", type=Path, help="with key: a new file for it, mode 0600")
    part.add_argument("--user", help="the name by which one logs in at the camera")


_FAMILIES = (
    *(_add_run, _add_parts, _add_demo, add_probe, add_map, add_state, add_cameras),
    *(
        add_verify,
        add_copies,
        add_verdicts,
        add_dossier,
        add_models,
        add_versions,
        add_api,
        add_drill,
        add_evidence,
        add_spool,
        add_link,
        add_cluster,
        _add_people,
    ),
)
