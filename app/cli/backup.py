"""Commands `thapcanh backup` and `restore`: archive, evidence index and configuration.

Evidence files are copied by other means (rsync); they never change once sealed.
"""

import json
import shutil
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.evidence.stores.store import EvidenceStore, stored_sha256
from thapcanh.alerts.store.backup import SQLITE_PREFIX, copy_archive, evidence_index, put_back
from thapcanh.alerts.store.errors import (
    AlertsError,
    EvidenceError,
    EvidenceMissing,
    EvidenceOutside,
)
from thapcanh.alerts.store.seals.log_signing import drop_end
from thapcanh.app.process import exit_codes
from thapcanh.app.process.resources import process_with
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.backup_record import record_failure, record_success
from thapcanh.app.site.copy_disk import CopyDisk
from thapcanh.app.site.site_archive import site_archive
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import archive_url, log_key_of, site_paths_of
from thapcanh.app.site.site_stores import site_evidence
from thapcanh.app.supervisor.supervisor import CannotStart, hold_data_dir
from thapcanh.config.credentials import CREDENTIALS_FILE
from thapcanh.config.files import put_in_place
from thapcanh.config.loading.read import EXTRA_FOLDER
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.site import Site
from thapcanh.ingest.store_identity import StoreWrong

ARCHIVE, CONFIGURATION, INDEX, SEALS = (
    "archive.sqlite", "thapcanh.toml", "evidence.jsonl", "seals.json",
)  # fmt: skip
KEYS = "keys"
_SHOWN = 10


class NotABackup(Exception):
    """A folder that cannot be restored; the message says why."""


def run_backup(config_path: Path, target: Path) -> int:
    """Make a backup in a folder that does not exist yet."""
    loaded = load_site(config_path)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    if target.exists():
        return fail(f"{target} exists already: name a new folder", exit_codes.FAILED)
    draft = target.with_name(f".{target.name}.part")
    disk = CopyDisk(target.parent, site_paths_of(loaded.site))
    try:
        disk.require()
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)  # it holds password hashes and camera logins
        copy_archive(archive_url(loaded.site), draft / ARCHIVE)
        _copy_configuration(config_path, draft)
        _copy_keys(loaded.site, draft)
        files = _write_index(draft)
        _seal(draft)
        put_in_place(draft, target)
        _record_success(loaded.site)
    except (AlertsError, StoreWrong) as error:
        return _failed(loaded.site, str(error))
    except OSError as error:
        return _failed(loaded.site, f"{target}: {error.strerror}")
    sys.stdout.write(f"{target}: archive, configuration, index of {files} evidence files\n")
    if (note := _remembered(disk)) is not None:
        sys.stdout.write(f"note: {note}\n")
    if (pid := writer_of(archive_url(loaded.site))) is not None:
        sys.stdout.write(f"process {pid} has the archive open: what it writes now is not in it\n")
    return exit_codes.OK


def _record_success(site: Site) -> None:
    """Record the success for the centre; a failure to record it does not fail the backup."""
    path = site_paths_of(site).backup_record
    try:
        record_success(path, time.time())
    except OSError as error:
        sys.stdout.write(f"note: {path}: {error.strerror}; the centre does not know of it\n")


def _failed(site: Site, error: str) -> int:
    with suppress(OSError):  # on a full disk only the backup's age tells
        record_failure(site_paths_of(site).backup_record, error)
    return fail(error, exit_codes.FAILED)


def _remembered(disk: CopyDisk) -> str | None:
    """Return a warning about the disk; a failure to remember it does not fail the backup."""
    try:
        return disk.remember()
    except (OSError, StoreWrong) as error:
        return f"the disk of {disk.folder} is not known from now on: {error}"


def run_restore(config_path: Path, backup: Path) -> int:
    """Put a backup's archive in place; the configuration is left for a person to compare."""
    loaded = load_site(config_path)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    places = site_paths_of(loaded.site)
    try:
        evidence = site_evidence(loaded.site)
        if not backup.exists():
            CopyDisk(backup.parent, places).require()
        check_seals(backup)
        with hold_data_dir(places.run_dir):
            _require_no_writer(archive_url(loaded.site))
            aside = datetime.now(LOCAL_TZ).strftime("before-restore-%Y%m%d-%H%M%S")
            backed_up = put_back(backup / ARCHIVE, archive_url(loaded.site), aside=aside)
            if (log_key := log_key_of(loaded.site)) is not None:
                drop_end(log_key)
            archive = site_archive(loaded.site)  # also brings an older one up to date
            try:
                chain = archive.verify_chain()
            finally:
                archive.close()
    except (NotABackup, CannotStart, AlertsError, StoreWrong) as error:
        return fail(error, exit_codes.FAILED)
    wrong = missing_evidence(backup, evidence)
    sys.stdout.write(
        f"restored; replaced archive kept as {backed_up}\n" if backed_up else "restored\n"
    )
    sys.stdout.write(f"action log: {chain.entries} entries, {'whole' if chain.ok else chain.why}\n")
    for line in wrong[:_SHOWN]:
        sys.stdout.write(f"! evidence {line}\n")
    if len(wrong) > _SHOWN:
        sys.stdout.write(f"! … and {len(wrong) - _SHOWN} more\n")
    for line in _key_differences(backup, loaded.site.site.data_dir):
        sys.stdout.write(f"! {line}\n")
    if (backup / CONFIGURATION).read_bytes() != config_path.read_bytes():
        sys.stdout.write(f"the configuration differs: compare with {backup / CONFIGURATION}\n")
    return exit_codes.OK if chain.ok and not wrong else exit_codes.FAILED


def _key_differences(backup: Path, data_dir: Path) -> list[str]:
    """Return a line for each key file that is missing or differs in the data folder."""
    backed_up = [path for path in sorted((backup / KEYS).rglob("*")) if path.is_file()]
    there = {path: data_dir / path.relative_to(backup / KEYS) for path in backed_up}
    return [
        f"{current} differs from {path}, which the restored archive was written with"
        for path, current in there.items()
        if not current.is_file() or current.read_bytes() != path.read_bytes()
    ]


def _require_no_writer(url: str) -> None:
    """Raise `CannotStart` while a process has the archive file open."""
    if (pid := writer_of(url)) is not None:
        raise CannotStart(f"process {pid} has the archive {url} open; stop it first")


def writer_of(url: str) -> int | None:
    """Return the local process that has the archive's file open; None for a server."""
    path = Path(url.removeprefix(SQLITE_PREFIX))
    return process_with(path) if url.startswith(SQLITE_PREFIX) and path.exists() else None


def check_seals(backup: Path) -> None:
    """Raise `NotABackup` unless every file matches its seal."""
    try:
        seals: dict[str, str] = json.loads((backup / SEALS).read_text(encoding="utf-8"))
        for name in {ARCHIVE, CONFIGURATION, INDEX} | seals.keys():
            if file_sha256(backup / name) != seals[name]:
                raise NotABackup(f"{backup / name} was changed since the backup")
    except OSError as error:
        raise NotABackup(
            f"{backup} is not a whole backup: {error.filename}: {error.strerror}"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise NotABackup(f"{backup} is not a whole backup: {SEALS} does not seal it") from None


def missing_evidence(backup: Path, store: EvidenceStore) -> list[str]:
    """Return the indexed files that are missing or changed."""
    wrong = []
    with (backup / INDEX).open(encoding="utf-8") as lines:
        for line in lines:
            ref: dict[str, Any] = json.loads(line)
            try:
                if stored_sha256(store, ref["path"]) != ref["sha256"]:
                    wrong.append(f"{ref['path']}: changed")
            except (EvidenceMissing, EvidenceOutside):
                wrong.append(f"{ref['path']}: missing")
            except EvidenceError as error:
                wrong.append(f"{ref['path']}: cannot be read: {error}")
    return wrong


def _write_index(draft: Path) -> int:
    """Index every evidence file of the copied archive with its seal; return the number."""
    records = evidence_index(draft / ARCHIVE)
    with (draft / INDEX).open("w", encoding="utf-8") as lines:
        for path, sha256, size in records:
            lines.write(json.dumps({"path": path, "sha256": sha256, "bytes": size}) + "\n")
    return len(records)


def _copy_configuration(config_path: Path, draft: Path) -> None:
    """Copy the configuration, stored cameras and their encrypted logins."""
    shutil.copyfile(config_path, draft / CONFIGURATION)
    folder = config_path.parent
    for path in (folder / CREDENTIALS_FILE, *sorted((folder / EXTRA_FOLDER).glob("*.toml"))):
        if path.is_file():
            copy = draft / path.relative_to(folder)
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copy)


def _copy_keys(site: Site, draft: Path) -> None:
    """Copy the site's generated keys, without which parts of the archive are unreadable."""
    data_dir = site.site.data_dir
    made = [*data_dir.glob("*.key"), *site_paths_of(site).worker_keys_dir.glob("*")]
    configured = (site.centre.second_factor_key, site.archive.log_key)
    for path in (*made, *(item for item in configured if item is not None)):
        if path.is_file():
            name = path.relative_to(data_dir) if path.is_relative_to(data_dir) else path.name
            copy = draft / KEYS / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def _seal(draft: Path) -> None:
    files = [path for path in sorted(draft.rglob("*")) if path.is_file()]
    seals = {str(path.relative_to(draft)): file_sha256(path) for path in files}
    (draft / SEALS).write_text(json.dumps(seals, indent=1) + "\n", encoding="utf-8")
