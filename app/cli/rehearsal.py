"""`thapcanh check --upgrade`: the archive's upgrade tried on a copy: time, room, the way back."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from thapcanh.alerts.store.action_log import verify_chain
from thapcanh.alerts.store.audit_log import AuditLogQuery
from thapcanh.alerts.store.backup import SQLITE_PREFIX, copy_archive
from thapcanh.alerts.store.database import Database, read_only_url, sqlite_url
from thapcanh.alerts.store.errors import AlertsError, ArchiveRefused
from thapcanh.alerts.store.schema_version import newest_revision, revision_by_name
from thapcanh.alerts.store.upgrade.progress import UpgradeProgress, UpgradeState
from thapcanh.app.process import exit_codes
from thapcanh.app.process.disk_room import amount_text
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.site import read_site
from thapcanh.app.site.site_paths import archive_url, missing_archive

_ROOM = 4  # times the copy: itself, what the upgrade writes beside it, and the log of that
_MEASURE_EVERY_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Cost of upgrading a copy. Sizes in bytes; `peak` counts all files present at once."""

    before: str
    after: str
    copied_s: float
    upgraded_s: float
    size: int
    peak: int
    size_after: int
    log_entries: int
    fault: str | None


def pending_upgrade(url: str) -> tuple[str, str] | None:
    """Return the archive's schema and the one to upgrade to, or None if it is current.

    Raises `ArchiveError`.
    """
    if url.startswith(SQLITE_PREFIX):
        url = read_only_url(Path(url.removeprefix(SQLITE_PREFIX)))
    with closing(Database(url)) as database, database.reading() as connection:
        before = revision_by_name(connection, database.shown)
    after = newest_revision()
    return None if before in (None, after) else (str(before), after)


def rehearse(url: str, folder: Path, report: Callable[[UpgradeState], None]) -> Rehearsal:
    """Copy an archive into a folder, bring the copy up to date, and remove it.

    Raises `ArchiveError`, and `OSError` of the folder.
    """
    if url.startswith(SQLITE_PREFIX):
        file = Path(url.removeprefix(SQLITE_PREFIX))
        _require_room(folder, _ROOM * sum(part.stat().st_size for part in _parts(file)))
    with tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=folder) as name:
        copy = Path(name) / "archive.sqlite"
        started = time.monotonic()
        copy_archive(url, copy)
        copied = time.monotonic()
        size = _bytes_in(copy.parent)
        _require_room(folder, (_ROOM - 1) * size)
        return _upgraded(copy, size, copied - started, report)


def _upgraded(
    copy: Path, size: int, copied_s: float, report: Callable[[UpgradeState], None]
) -> Rehearsal:
    peak, measured_at, states = size, 0.0, [("", "")]

    def measure(state: UpgradeState) -> None:
        nonlocal peak, measured_at
        states[0] = (state.before, state.after)
        if time.monotonic() - measured_at >= _MEASURE_EVERY_S:
            peak, measured_at = max(peak, _bytes_in(copy.parent)), time.monotonic()
            report(state)

    started = time.monotonic()
    with closing(Database(sqlite_url(copy))) as database:
        database.upgrade(progress=UpgradeProgress(measure))
        peak = max(peak, _bytes_in(copy.parent))
        upgraded_s = time.monotonic() - started
        with database.reading() as connection:
            verdict = verify_chain(AuditLogQuery(connection))
    (before, after) = states[0]
    return Rehearsal(
        before=before,
        after=after,
        copied_s=copied_s,
        upgraded_s=upgraded_s,
        size=size,
        peak=peak,
        size_after=_bytes_in(copy.parent),
        log_entries=verdict.entries,
        fault=verdict.why,
    )


def _require_room(folder: Path, needed: int) -> None:
    """Raise `ArchiveRefused` before a disk is filled that others write to."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ArchiveRefused(
            f"{folder} has {amount_text(free)} free, and the rehearsal may need "
            f"{amount_text(needed)}"
        )


def _parts(file: Path) -> list[Path]:
    return [part for part in (file, file.with_name(f"{file.name}-wal")) if part.exists()]


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def run_rehearsal(config_path: Path, folder: Path | None) -> int:
    """Print time, room and the way back; the archive itself is only read."""
    site = read_site(config_path, in_force=True).site
    if site is None:
        return fail(f"{config_path}: cannot be read; `thapcanh check` names why")
    url, place = archive_url(site), folder or site.site.data_dir
    if (missing := missing_archive(url)) is not None:
        return fail(f"there is no archive at {missing}", exit_codes.FAILED)
    try:
        if pending_upgrade(url) is None:
            sys.stdout.write("archive: has this program's schema; a start changes nothing\n")
            return exit_codes.OK
        found = rehearse(url, place, _show)
    except AlertsError as error:
        return fail(f"{error} (another folder: --in FOLDER)", exit_codes.FAILED)
    except OSError as error:
        return fail(f"{place}: {error.strerror}; name another: --in FOLDER", exit_codes.FAILED)
    sys.stdout.write("".join(f"{line}\n" for line in lines(found)))
    return exit_codes.OK if found.fault is None else exit_codes.FAILED


def lines(found: Rehearsal) -> list[str]:
    """Return what an administrator decides by. Pure."""
    log = found.fault or "whole"
    return [
        f"archive: {found.before} -> {found.after}, tried on a copy",
        f"  time: {found.upgraded_s:.0f} s (and {found.copied_s:.0f} s to copy it); "
        f"log of {found.log_entries} entries {log}",
        f"  room: {amount_text(found.size)} now, {amount_text(found.size_after)} afterwards, "
        f"{amount_text(found.peak)} while it runs",
        f"  way back: stop, then `thapcanh downgrade {found.before}` with this program; or the "
        "backup made before",
    ]


def _show(state: UpgradeState) -> None:
    """Show the progress on a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{state.done} of {state.total} parts, {state.part} {state.rows}\x1b[K")
        sys.stderr.flush()
