"""Command `thapcanh cluster`: several machines as one site."""

import argparse
import importlib.util
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail, stop_on_signals, subcommand, with_config

if TYPE_CHECKING:
    from thapcanh.app.process.terminal import Subcommands

_ACTIONS = ("head", "join", "status", "drain", "token", "ray", "fleet")


def add_cluster(commands: "Subcommands") -> None:
    """`cluster`."""
    part = subcommand(commands, "cluster", "several machines as one site", _cluster)
    with_config(part)
    part.add_argument("action", choices=_ACTIONS, metavar="head|join|status|drain|token")
    part.add_argument("target", nargs="?", help="drain: a node's name; token: a new file")
    part.add_argument("--node", help="join: this machine's name in the cluster, e.g. ba-dinh-1")
    part.add_argument("--address", help="join: this machine's address on the machines' network")
    part.add_argument(
        "--area", action="append", default=[], help="join: an area whose cameras it takes first"
    )
    part.add_argument("--gpu", action="store_true", help="join: it has a GPU, and takes heavy ones")
    part.add_argument("--workers", type=int, default=0, help="join: default: one a core")
    part.add_argument("--cameras", type=int, default=0, help="join: cameras a worker at first")
    part.add_argument("--back", action="store_true", help="drain: use the node again")
    part.add_argument("--within", type=float, default=120.0, help="drain: seconds to wait")
    part.add_argument("--beat", type=Path, help=argparse.SUPPRESS)


def _cluster(options: argparse.Namespace) -> int:
    if options.action == "status":
        from thapcanh.app.cluster.report import run_status

        return run_status(options.config)
    if options.action == "drain":
        return _drain(options)
    if options.action == "token":
        return _token(options)
    if importlib.util.find_spec("ray") is None:
        return fail("a cluster needs Ray: pip install 'thapcanh[cluster]'")
    return _machine(options)


def _machine(options: argparse.Namespace) -> int:
    from thapcanh.app.cluster.running import run_fleet, run_head, run_ray

    if options.action == "ray":
        return run_ray(options.config, options.address, options.node)
    stop = stop_on_signals()
    if options.action == "head":
        return run_head(options.config, stop)
    if options.action == "fleet":
        return run_fleet(options.config, options.beat, stop)
    return _join(options, stop)


def _join(options: argparse.Namespace, stop: threading.Event) -> int:
    from thapcanh.app.cluster.machine_facts import NodeFacts
    from thapcanh.app.cluster.running import run_join
    from thapcanh.app.worker.camera_share import WORKER_ID

    if options.node is None or options.address is None:
        return fail("join needs --node NAME and --address ADDRESS", exit_codes.MISUSED)
    if not WORKER_ID.match(f"{options.node}-0") or len(options.node) > 48:
        return fail(f"--node {options.node}: up to 48 of a-z, 0-9, '-'", exit_codes.MISUSED)
    if options.workers < 0 or options.cameras < 0:
        return fail("--workers and --cameras are numbers from 1", exit_codes.MISUSED)
    facts = NodeFacts(
        node=options.node,
        address=options.address,
        workers=options.workers,
        cameras=options.cameras,
        areas=tuple(options.area),
        has_gpu=options.gpu,
    )
    return run_join(options.config, facts, stop)


def _drain(options: argparse.Namespace) -> int:
    from thapcanh.app.cluster.report import run_drain

    if options.target is None:
        return fail("drain which node? `thapcanh cluster status` names them", exit_codes.MISUSED)
    return run_drain(options.config, options.target, back=options.back, within_s=options.within)


def _token(options: argparse.Namespace) -> int:
    from thapcanh.app.cluster.machine_facts import make_token

    if options.target is None:
        return fail("token needs the name of a new file", exit_codes.MISUSED)
    try:
        make_token(Path(options.target))
    except OSError as error:
        return fail(f"{options.target}: {error.strerror}", exit_codes.FAILED)
    return exit_codes.OK
