"""`thapcanh`: reads the command line, starts logging and signals, and calls one body a command.

Bodies are imported when their command is called, so `thapcanh check` does not load a model library.
Every expected failure ends as one line on standard error and an exit code of `app/exit_codes.py`.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from app import exit_codes
from app.log import start_logging
from app.terminal import fail, stop_on_signals

Command = Callable[[argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
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
    return f"{name}-{options.index}" if name == "worker" else name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thapcanh", description="Watches cameras and brings alerts to duty officers."
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log details too")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    for add in (_add_run, _add_parts, _add_demo, _add_media, _add_judging, _add_care, _add_people):
        add(commands)
    return parser


Commands = argparse._SubParsersAction


def _command(commands: "Commands[argparse.ArgumentParser]", name: str, help_text: str, body: Command
             ) -> argparse.ArgumentParser:  # fmt: skip
    parser = commands.add_parser(name, help=help_text, description=help_text)
    parser.set_defaults(command=body)
    return parser


def _with_config(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    parser.add_argument(
        "-c", "--config", type=Path, required=required,
        default=None if required else Path("thapcanh.toml"), metavar="FILE",
        help="the site's configuration (default: thapcanh.toml)",
    )  # fmt: skip


def _add_run(commands: "Commands[argparse.ArgumentParser]") -> None:
    def run(options: argparse.Namespace) -> int:
        from app.run import run_site

        return run_site(options.config, stop_on_signals())

    _with_config(_command(commands, "run", "start queue, centre and workers, and tend them", run))


def _add_parts(commands: "Commands[argparse.ArgumentParser]") -> None:
    def worker(options: argparse.Namespace) -> int:
        from app.watched_cameras import WorkerPlace
        from app.worker import run_worker

        place = WorkerPlace(index=options.index, of=options.of)
        return run_worker(options.config, place, options.beat, stop_on_signals())

    def centre(options: argparse.Namespace) -> int:
        from app.centre import run_centre

        return run_centre(options.config, options.beat, stop_on_signals())

    part = _command(commands, "worker", "watch this worker's share of the cameras", worker)
    _with_config(part)
    part.add_argument("--index", type=int, default=0, help="which worker this is, from 0")
    part.add_argument("--of", type=int, default=1, help="how many workers share the cameras")
    part.add_argument("--beat", type=Path, help=argparse.SUPPRESS)
    part = _command(commands, "centre", "store events, serve screens and the web API", centre)
    _with_config(part)
    part.add_argument("--beat", type=Path, help=argparse.SUPPRESS)


def _add_demo(commands: "Commands[argparse.ArgumentParser]") -> None:
    def demo(options: argparse.Namespace) -> int:
        from app.demo import DemoSettings, run_demo

        settings = DemoSettings(
            videos=tuple(options.videos), port=options.port, data_dir=options.data,
            queue_url=options.queue_url, archive_url=options.archive_url,
        )  # fmt: skip
        return run_demo(settings, stop_on_signals())

    part = _command(commands, "demo", "play recorded videos as cameras and watch them", demo)
    part.add_argument("videos", nargs="*", type=Path, metavar="VIDEO")
    part.add_argument("--port", type=int, default=8080)
    part.add_argument("--data", type=Path, help="keep the demo's data in this folder")
    part.add_argument("--queue-url", help="a Redis or Valkey instead of the embedded one")
    part.add_argument("--archive-url", help="a PostgreSQL instead of SQLite")


def _add_media(commands: "Commands[argparse.ArgumentParser]") -> None:
    def probe(options: argparse.Namespace) -> int:
        from app.probe import run_probe

        return run_probe(options.url, as_json=options.json)

    def simulate(options: argparse.Namespace) -> int:
        from app.places import user_cache_dir
        from ingest.simulator.command import SimulateOptions, run_simulator

        return run_simulator(
            SimulateOptions(
                files=options.files,
                host=options.host,
                port=options.port,
                user=options.user,
                control_port=options.control,
                as_is=options.as_is,
                gop_replay=not options.no_gop_replay,
                cache_dir=user_cache_dir() / "simulator",
            )
        )

    part = _command(commands, "probe", "say what a camera sends, or exactly why it does not", probe)
    part.add_argument("url")
    part.add_argument("--json", action="store_true")
    part = _command(commands, "simulate", "serve recorded videos as RTSP cameras", simulate)
    part.add_argument("files", nargs="+", metavar="[NAME=]FILE")
    part.add_argument("--host", default="127.0.0.1")
    part.add_argument("--port", type=int, default=8554)
    part.add_argument("--user", metavar="NAME:PASSWORD", help="ask for this login")
    part.add_argument("--control", type=int, metavar="PORT", help="take faults on this port")
    part.add_argument("--as-is", action="store_true", help="never re-encode, whatever the file is")
    part.add_argument(
        "--no-gop-replay", action="store_true", help="a new client waits for the next keyframe"
    )


def _add_judging(commands: "Commands[argparse.ArgumentParser]") -> None:
    def replay(options: argparse.Namespace) -> int:
        from app.replay import ReplaySettings, run_replay

        settings = ReplaySettings(files=tuple(options.files), config=options.config)
        return run_replay(settings, sys.stdout)

    def evaluate(options: argparse.Namespace) -> int:
        if options.counts:
            return count(options)
        if options.videos:
            return fail("--videos goes with --counts; other clips lie beside their table")
        from app.evaluate import EvaluateSettings, run_evaluate

        settings = EvaluateSettings(
            truth=options.truth, config=options.config, as_json=options.json, html=options.html
        )
        return run_evaluate(settings, sys.stdout)

    def count(options: argparse.Namespace) -> int:
        if options.html:
            return fail("--html shows what burns; counts are a table, or --json")
        from app.count_evaluation import CountSettings, run_count_evaluation

        settings = CountSettings(
            truth=options.truth,
            videos=tuple(options.videos),
            config=options.config,
            as_json=options.json,
        )
        return run_count_evaluation(settings, sys.stdout)

    def train(options: argparse.Namespace) -> int:
        from app.train import run_train

        return run_train(options.config, options.truth)

    part = _command(commands, "replay", "run recorded videos through the same pipeline", replay)
    part.add_argument("files", nargs="+", type=Path, metavar="FILE")
    part.add_argument("--config", type=Path)
    part.add_argument("--json", action="store_true", help="one JSON line a message (the default)")
    part = _command(commands, "evaluate", "score the pipeline on videos with known truth", evaluate)
    part.add_argument("truth", type=Path, metavar="TRUTH.csv")
    part.add_argument("--config", type=Path)
    part.add_argument("--json", action="store_true")
    part.add_argument("--html", type=Path)
    part.add_argument("--counts", action="store_true", help="it says how many, not what burns")
    part.add_argument(
        "--videos",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="where counted clips are",
    )
    part = _command(commands, "train", "make weights by a recipe, or go on with making them", train)
    part.add_argument("-c", "--config", type=Path, required=True, metavar="RECIPE.toml")
    part.add_argument("--truth", type=Path, metavar="TRUTH.csv", help="judge by these videos too")


def _add_care(commands: "Commands[argparse.ArgumentParser]") -> None:
    def check(options: argparse.Namespace) -> int:
        from app.check import run_check

        return run_check(options.config)

    def status(options: argparse.Namespace) -> int:
        from app.status import run_status

        return run_status(options.config)

    def verify(options: argparse.Namespace) -> int:
        from app.verify import run_verify

        return run_verify(options.config, options.case)

    def backup(options: argparse.Namespace) -> int:
        from app.backup import run_backup

        return run_backup(options.config, options.folder)

    def restore(options: argparse.Namespace) -> int:
        from app.backup import run_restore

        return run_restore(options.config, options.folder)

    def drill(options: argparse.Namespace) -> int:
        from app.drill_command import run_drill

        return run_drill(options)

    _with_config(_command(commands, "check", "read the configuration, name every problem", check))
    _with_config(_command(commands, "status", "say in a few lines what is wrong", status))
    part = _command(commands, "verify", "prove the action log's chain or one case folder", verify)
    _with_config(part)
    part.add_argument("case", nargs="?", type=Path, help="an evidence folder; without: the chain")
    part = _command(commands, "backup", "copy archive and configuration while running", backup)
    _with_config(part)
    part.add_argument("folder", type=Path, help="a folder that does not exist yet")
    part = _command(commands, "restore", "put a backup's archive in place; stop first", restore)
    _with_config(part)
    part.add_argument("folder", type=Path, help="what `thapcanh backup` made")
    part = _command(commands, "drill", "begin and end drills, and read how they went", drill)
    _with_config(part)
    part.add_argument("action", choices=("list", "start", "end", "scores"))
    part.add_argument("scenario", nargs="?", help="start: one of `drill list`")
    part.add_argument("camera", nargs="?", help="start: where it is to be")
    part.add_argument("--by", metavar="USERNAME", help="the leader who starts or ends it")


def _add_people(commands: "Commands[argparse.ArgumentParser]") -> None:
    def user(options: argparse.Namespace) -> int:
        from app.user_command import run_user

        return run_user(options)

    def token(options: argparse.Namespace) -> int:
        from app.tokens import run_token

        return run_token(options)

    def credential(options: argparse.Namespace) -> int:
        from app.credentials import run_credential

        return run_credential(options)

    part = _command(commands, "user", "add, change or list officers", user)
    _with_config(part)
    part.add_argument("action", choices=("add", "password", "roles", "disable", "enable", "list"))
    part.add_argument("username", nargs="?")
    part.add_argument("--name", help="the officer's full name")
    part.add_argument("--role", action="append", default=[], help="may be given more than once")
    part.add_argument("--agency", action="append", default=[])
    part.add_argument("--area", action="append", default=[])
    part = _command(commands, "token", "add, list or revoke tokens for programs", token)
    _with_config(part)
    part.add_argument("action", choices=("add", "list", "revoke"))
    part.add_argument("token", nargs="?", help="add: a name for it; revoke: its id in the list")
    part.add_argument("--role", action="append", default=[], help="may be given more than once")
    part.add_argument("--power", action="append", default=[], help="read, pictures, export, answer")
    part.add_argument("--agency", action="append", default=[])
    part.add_argument("--area", action="append", default=[])
    part.add_argument("--days", type=int, default=365, help="how long it lasts (default: 365)")
    part = _command(commands, "credential", "keep logins of cameras, encrypted", credential)
    _with_config(part)
    part.add_argument("action", choices=("key", "set", "list", "remove"))
    part.add_argument("credential", nargs="?", help="its name in ${credential:NAME}")
    part.add_argument("--user", help="the name by which one logs in at the camera")
