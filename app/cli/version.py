"""Commands `thapcanh version` and `thapcanh downgrade`.

Version prints commit, archive schema and weights, so that two machines can be compared.
"""

import json
import sys
from importlib import metadata
from pathlib import Path
from subprocess import DEVNULL, SubprocessError

from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.alerts.store.releases import downgrade, revision_for
from thapcanh.alerts.store.schema_version import newest_revision
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import archive_url, site_paths_of
from thapcanh.app.supervisor.supervisor import CannotStart, hold_data_dir
from thapcanh.detection.detectors.model_card import shipped_cards
from thapcanh.ingest.child_process import ChildSetup, run_child

BUILD_FILE = Path(__file__).parents[1] / "build.json"  # left by the build of a wheel
_ROOT = Path(__file__).resolve().parents[2]
_UNAVAILABLE = "unknown"


def run_version() -> int:
    """Print version, commit, schema and weights, one per line."""
    lines = [
        f"thapcanh {program_version()}",
        f"commit {commit()}",
        f"schema {newest_revision()}",
        *(f"weights {card.name} {card.sha256}" for card in shipped_cards()),
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return exit_codes.OK


def run_downgrade(config_path: Path, revision: str, *, is_sure: bool) -> int:
    """Take the archive's tables back to a release, once agreed to; the site must be stopped."""
    loaded = load_site(config_path)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    try:
        if not is_sure and not _agreed(revision_for(revision)):
            return fail("nothing was changed: answer yes, or give --yes", exit_codes.FAILED)
        with hold_data_dir(site_paths_of(loaded.site).run_dir):
            database = Database(archive_url(loaded.site))
            try:
                before, after = downgrade(database, revision)
            finally:
                database.close()
    except (CannotStart, AlertsError) as error:
        return fail(error, exit_codes.FAILED)
    sys.stdout.write(f"archive: {before} -> {after}; now start the older program\n")
    return exit_codes.OK


def _agreed(revision: str) -> bool:
    """Return True if the user confirms; without a terminal no confirmation is needed."""
    sys.stdout.write(
        f"The archive goes back to {revision}. What only newer tables hold is lost for good;\n"
        "`thapcanh backup FOLDER` keeps it. Go on? [yes/NO] "
    )
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() == "yes"


def program_version() -> str:
    try:
        return metadata.version("thapcanh")
    except metadata.PackageNotFoundError:
        return _UNAVAILABLE


def commit() -> str:
    """Return the commit that the program was built or runs from; `-changed` if modified."""
    try:
        return str(json.loads(BUILD_FILE.read_text(encoding="utf-8"))["commit"])
    except (OSError, ValueError, KeyError, TypeError):
        return described(_ROOT)


def described(root: Path) -> str:
    """Return git's description of a source tree, or `unknown`."""
    words = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty=-changed",
             "--exclude=*"]  # fmt: skip
    if not (root / ".git").exists():
        return _UNAVAILABLE
    try:
        done = run_child(words, 10.0, ChildSetup(stdin=DEVNULL, stderr=DEVNULL))
    except (OSError, SubprocessError):
        return _UNAVAILABLE
    return (done.stdout.decode().strip() or _UNAVAILABLE) if done.returncode == 0 else _UNAVAILABLE
