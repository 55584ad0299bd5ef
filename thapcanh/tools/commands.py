"""Commands of the tools: simulate, replay, evaluate, train.

`app/cli/main.py` finds this module by its name, because no room imports the tools.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from thapcanh.app.process.terminal import fail, subcommand

if TYPE_CHECKING:
    from thapcanh.app.process.terminal import Subcommands

_AS_CALLED = "as if somebody had telephoned of a fire near each camera: less waiting"
_AS_LIVE = "decode as a worker does: a quiet camera sleeps"


def _add_simulate(commands: "Subcommands") -> None:
    def simulate(options: argparse.Namespace) -> int:
        from thapcanh.app.site.site_paths import user_cache_dir
        from thapcanh.tools.simulator.command import SimulateOptions, run_simulator

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

    part = subcommand(commands, "simulate", "serve recorded videos as RTSP cameras", simulate)
    part.add_argument("files", nargs="+", metavar="[NAME=]FILE")
    part.add_argument("--host", default="127.0.0.1")
    part.add_argument("--port", type=int, default=8554)
    part.add_argument("--user", metavar="NAME:PASSWORD", help="ask for this login")
    part.add_argument("--control", type=int, metavar="PORT", help="take faults on this port")
    part.add_argument("--as-is", action="store_true", help="never re-encode, whatever the file is")
    part.add_argument(
        "--no-gop-replay", action="store_true", help="a new client waits for the next keyframe"
    )


def _add_replay(commands: "Subcommands") -> None:
    def replay(options: argparse.Namespace) -> int:
        from thapcanh.tools.evaluation.replay_command import ReplaySettings, run_replay

        settings = ReplaySettings(
            files=tuple(options.files),
            config=options.config,
            as_live=options.as_live,
            annotate=options.annotate,
        )
        return run_replay(settings, sys.stdout)

    part = subcommand(commands, "replay", "run recorded videos through the same pipeline", replay)
    part.add_argument("files", nargs="+", type=Path, metavar="FILE")
    part.add_argument("--config", type=Path)
    part.add_argument("--json", action="store_true", help="one JSON line a message (the default)")
    part.add_argument("--as-live", action="store_true", help=_AS_LIVE)
    drawn = "write the film with what was seen drawn into it"
    part.add_argument("--annotate", type=Path, metavar="OUT.mp4", help=drawn)


def _add_evaluate(commands: "Subcommands") -> None:
    def evaluate(options: argparse.Namespace) -> int:
        if options.counts:
            return count(options)
        if options.videos:
            return fail("--videos goes with --counts; other clips lie beside their table")
        from thapcanh.tools.evaluation.evaluate import EvaluateSettings, run_evaluate

        settings = EvaluateSettings(
            truths=tuple(options.truth),
            config=options.config,
            as_json=options.json,
            html=options.html,
            as_live=options.as_live,
            as_called=options.as_called,
        )
        return run_evaluate(settings, sys.stdout)

    def count(options: argparse.Namespace) -> int:
        if options.html:
            return fail("--html shows what burns; counts are a table, or --json")
        if len(options.truth) > 1:
            return fail("--counts reads one table at a time")
        from thapcanh.tools.evaluation.count_evaluation import CountSettings, run_count_evaluation

        settings = CountSettings(
            truth=options.truth[0],
            videos=tuple(options.videos),
            config=options.config,
            as_json=options.json,
        )
        return run_count_evaluation(settings, sys.stdout)

    part = subcommand(
        commands, "evaluate", "score the pipeline on videos with known truth", evaluate
    )
    part.add_argument("truth", nargs="+", type=Path, metavar="TRUTH.csv")
    part.add_argument("--config", type=Path)
    part.add_argument("--json", action="store_true")
    part.add_argument("--html", type=Path)
    part.add_argument("--as-live", action="store_true", help=_AS_LIVE)
    part.add_argument("--as-called", action="store_true", help=_AS_CALLED)
    part.add_argument("--counts", action="store_true", help="it says how many, not what burns")
    folders = "where counted clips are"
    part.add_argument(
        "--videos", type=Path, action="append", default=[], metavar="FOLDER", help=folders
    )


def _add_train(commands: "Subcommands") -> None:
    def train(options: argparse.Namespace) -> int:
        if options.what == "witness":
            return _train_witness(options)
        if options.out is not None or len(options.truth) > 1:
            return fail("the recipe of a network names its folder, and one table judges it")
        from thapcanh.tools.training.train import run_train

        return run_train(options.config, options.truth[0] if options.truth else None)

    part = subcommand(
        commands, "train", "make weights by a recipe, or go on with making them", train
    )
    part.add_argument("what", nargs="?", choices=("network", "witness"), default="network")
    part.add_argument("-c", "--config", type=Path, required=True, metavar="RECIPE.toml")
    part.add_argument(
        "--truth",
        type=Path,
        nargs="+",
        default=(),
        metavar="TRUTH.csv",
        help="judge the network by these videos too; teach the witness on them",
    )
    part.add_argument("--out", type=Path, metavar="FOLDER", help="the witness' files go here")
    part.add_argument(
        "--site", type=Path, metavar="FOLDER", help="teach the site's own witness by its verdicts"
    )
    part.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="the recipe's sets of pictures lie here"
    )


def _train_witness(options: argparse.Namespace) -> int:
    if options.out is None or bool(options.truth) == (options.site is not None):
        return fail("a witness needs --out, and --truth or --site")
    from thapcanh.tools.training.train_witness import (
        TrainWitnessSettings,
        run_site_witness,
        run_train_witness,
    )

    if options.site is not None:
        return run_site_witness(options.config, options.site, options.out)

    return run_train_witness(
        TrainWitnessSettings(
            recipe=options.config,
            truths=tuple(options.truth),
            out=options.out,
            pictures=options.pictures,
        )
    )


COMMANDS = (_add_simulate, _add_replay, _add_evaluate, _add_train)
