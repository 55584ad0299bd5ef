"""The commands that care for a site: its state, its proof, its copies, its versions, its drills."""

import argparse
import sys
from datetime import datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

from thapcanh.app.process.terminal import subcommand, with_config

if TYPE_CHECKING:
    from thapcanh.app.process.terminal import Subcommands


def add_state(commands: "Subcommands") -> None:
    """`init`, `check` and `status`."""

    def init(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.init import run_init

        return run_init(options)

    def check(options: argparse.Namespace) -> int:
        if options.upgrade:
            from thapcanh.app.cli.rehearsal import run_rehearsal

            return run_rehearsal(options.config, options.folder)
        from thapcanh.app.cli.check import run_check

        return run_check(options.config)

    def status(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.status import run_status

        return run_status(options.config)

    part = subcommand(commands, "init", "ask for the first cameras, write a configuration", init)
    with_config(part)
    _add_untested(part)
    part = subcommand(commands, "check", "read the configuration, name every problem", check)
    with_config(part)
    part.add_argument(
        "--upgrade", action="store_true", help="try the archive's upgrade on a copy: time and room"
    )
    part.add_argument("--in", dest="folder", type=Path, help="--upgrade: where the copy has room")
    with_config(subcommand(commands, "status", "say in a few lines what is wrong", status))


def add_probe(commands: "Subcommands") -> None:
    """Add `probe`."""

    def probe(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.probe import run_probe

        return run_probe(options.url, as_json=options.json)

    part = subcommand(
        commands, "probe", "say what a camera sends, or exactly why it does not", probe
    )
    part.add_argument("url")
    part.add_argument("--json", action="store_true")


def _add_untested(part: argparse.ArgumentParser) -> None:
    part.add_argument(
        "--untested", action="store_true", help="init, add: try no camera, write each down"
    )


def add_api(commands: "Subcommands") -> None:
    """Add `api`."""

    def api(options: argparse.Namespace) -> int:
        del options
        from thapcanh.app.centre.web.application import print_openapi

        return print_openapi(sys.stdout)

    subcommand(commands, "api", "print the OpenAPI document, from which clients are made", api)


def add_cameras(commands: "Subcommands") -> None:
    """`cameras`."""

    def cameras(options: argparse.Namespace) -> int:
        if options.action == "add":
            from thapcanh.app.cli.init import run_add

            return run_add(options)
        if options.action == "learn":
            from thapcanh.app.suppression.habit_recording import run_learn

            return run_learn(options)
        from thapcanh.app.registry.command import run_cameras

        return run_cameras(options)

    part = subcommand(commands, "cameras", "add, import, export, find or teach cameras", cameras)
    with_config(part)
    part.add_argument("action", choices=("add", "import", "export", "discover", "learn"))
    _add_untested(part)
    part.add_argument(
        "file", nargs="?", type=Path, help=".toml, .csv or (import) .xlsx; learn: which camera"
    )
    part.add_argument("recording", nargs="?", type=Path, help="learn: an ordinary hour of it")
    part.add_argument(
        "--at", type=datetime.fromisoformat, help="learn: when it started, 2026-12-02T08:00"
    )
    part.add_argument("--dry-run", action="store_true", help="import, learn: change nothing")
    part.add_argument(
        "--format", choices=("toml", "csv"), default="toml", help="export: without a file"
    )
    part.add_argument(
        "--network", type=IPv4Network, help="discover: a part of [networks] onvif, 10.1.0.0/24"
    )


def add_verify(commands: "Subcommands") -> None:
    """`verify`."""

    def verify(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.verify import run_verify

        return run_verify(options)

    part = subcommand(commands, "verify", "prove the action log's chain or one case folder", verify)
    with_config(part)
    part.add_argument("case", nargs="?", type=Path, help="an evidence folder; without: the chain")
    part.add_argument("--seal", help="of a case: the seal of its log's last entry, kept elsewhere")
    part.add_argument("--everything", action="store_true", help="rows and files by the log, too")
    part.add_argument("--head", type=Path, help="a statement of the log's end that lay elsewhere")
    part.add_argument("--key", help="the public key that signs such statements")
    part.add_argument("--new-head-key", type=Path, help="make a key for them, and do nothing else")


def add_dossier(commands: "Subcommands") -> None:
    """`dossier`."""

    def dossier(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.dossier import run_dossier

        return run_dossier(options)

    part = subcommand(commands, "dossier", "what the site does and keeps, with sources", dossier)
    with_config(part)
    part.add_argument("--out", type=Path, help="a file ending in .md or .pdf")


def add_copies(commands: "Subcommands") -> None:
    """`backup` and `restore`."""

    def backup(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.backup import run_backup

        return run_backup(options.config, options.folder)

    def restore(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.backup import run_restore

        return run_restore(options.config, options.folder)

    part = subcommand(commands, "backup", "copy archive and configuration while running", backup)
    with_config(part)
    part.add_argument("folder", type=Path, help="a folder that does not exist yet")
    part = subcommand(commands, "restore", "put a backup's archive in place; stop first", restore)
    with_config(part)
    part.add_argument("folder", type=Path, help="what `thapcanh backup` made")


def add_verdicts(commands: "Subcommands") -> None:
    """`verdicts`."""

    def verdicts(options: argparse.Namespace) -> int:
        from thapcanh.app.exports.verdict_export import run_verdicts

        return run_verdicts(options)

    part = subcommand(commands, "verdicts", "what officers judged, to teach the witness", verdicts)
    with_config(part)
    part.add_argument("action", choices=("export",))
    part.add_argument("folder", type=Path, help="a folder that does not exist yet")


def add_versions(commands: "Subcommands") -> None:
    """`version` and `downgrade`."""

    def version(_: argparse.Namespace) -> int:
        from thapcanh.app.cli.version import run_version

        return run_version()

    def downgrade(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.version import run_downgrade

        return run_downgrade(options.config, options.release, is_sure=options.yes)

    subcommand(commands, "version", "print commit, schema and weights of this program", version)
    part = subcommand(
        commands, "downgrade", "take the archive back for an older program", downgrade
    )
    with_config(part)
    part.add_argument("release", help="the schema that its `version` prints, or its version")
    part.add_argument("--yes", action="store_true", help="do not ask: what newer tables hold goes")


def add_drill(commands: "Subcommands") -> None:
    """`drill`."""

    def drill(options: argparse.Namespace) -> int:
        from thapcanh.app.drills.drill_command import run_drill

        return run_drill(options)

    part = subcommand(commands, "drill", "begin and end drills, and read how they went", drill)
    with_config(part)
    part.add_argument("action", choices=("list", "start", "end", "scores"))
    part.add_argument("scenario", nargs="?", help="start: one of `drill list`")
    part.add_argument("camera", nargs="?", help="start: where it is to be")
    part.add_argument("--by", metavar="USERNAME", help="the leader who starts or ends it")


def add_spool(commands: "Subcommands") -> None:
    """`spool drain`."""

    def drain(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.spool import run_drain

        return run_drain(options)

    part = subcommand(commands, "spool", "send what a dead machine's disk still holds", drain)
    with_config(part)
    part.add_argument("action", choices=("drain",))
    part.add_argument("folder", type=Path, help="its data folder, or a copy that may be written")
    part.add_argument("--within", type=float, default=60.0, metavar="S", help="wait so long each")


def add_link(commands: "Subcommands") -> None:
    """Add `link`."""

    def link(options: argparse.Namespace) -> int:
        from thapcanh.app.links.link_command import run_link

        return run_link(options)

    part = subcommand(commands, "link", "link this site to an upper or a lower one", link)
    with_config(part)
    actions = ("invite", "accept", "list", "share", "end", "verify")
    part.add_argument("action", choices=actions)
    part.add_argument("words", nargs="*", help="accept: URL CODE; share, end: the link's id")
    part.add_argument("--agency", action="append", default=[], help="invite: whose they are here")
    part.add_argument("--area", action="append", default=[], help="invite: where; share: of these")
    part.add_argument("--kind", action="append", default=[], help="share: only these kinds")
    part.add_argument("--camera", action="append", default=[], help="share: only these cameras")
    part.add_argument("--priority", type=int, choices=(1, 2, 3), default=3, help="share: and above")
    part.add_argument("--no-pictures", action="store_true", help="share: no small pictures")
    part.add_argument("--film", action="store_true", help="share: film when it is asked for")
    part.add_argument("--pictures-an-hour", type=int, default=60, metavar="N")


def add_evidence(commands: "Subcommands") -> None:
    """`evidence copy`."""

    def copy(options: argparse.Namespace) -> int:
        from thapcanh.app.cli.evidence import run_evidence

        return run_evidence(options)

    part = subcommand(commands, "evidence", "copy evidence out of a folder into the S3 store", copy)
    with_config(part)
    part.add_argument("action", choices=("copy",))
    part.add_argument("folder", type=Path, help="the evidence folder; nothing in it is changed")


def add_map(commands: "Subcommands") -> None:
    """`thapcanh map check FILE` and `thapcanh map make EXTRACT FILE`."""

    def check(options: argparse.Namespace) -> int:
        from thapcanh.app.map.command import run_map_check

        return run_map_check(options.file, options.config)

    def make(options: argparse.Namespace) -> int:
        from thapcanh.app.map.making.make_command import run_map_make

        return run_map_make(options.extract, options.file, options.bounds)

    whole = commands.add_parser("map", help="make a .pmtiles street map, or name its faults")
    actions: Subcommands = whole.add_subparsers(dest="action", required=True)
    checks = subcommand(actions, "check", "name every fault of a .pmtiles street map", check)
    with_config(checks)
    checks.add_argument("file", type=Path, metavar="FILE")
    makes = subcommand(actions, "make", "make a street map from an OpenStreetMap extract", make)
    makes.add_argument("extract", type=Path, metavar="EXTRACT", help="a file .osm.pbf")
    makes.add_argument("file", type=Path, metavar="FILE", help="the map, .pmtiles")
    makes.add_argument("--bounds", metavar="W,S,E,N", help="in degrees; else the extract's own")
