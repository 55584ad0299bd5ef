"""`thapcanh verify`: proves a case folder offline, or the whole action log's chain."""

import sys
from pathlib import Path

from alerts.archive import Archive
from alerts.errors import AlertsError
from alerts.evidence import log_extract
from alerts.evidence.case_folder import verify_case
from app import exit_codes
from app.site_paths import archive_url
from app.terminal import fail
from config.load import load


def run_verify(config_path: Path, case: Path | None) -> int:
    """Print the verdict; 0 when everything is as it was sealed, 1 with what is not."""
    return _verify_folder(case) if case is not None else _verify_chain(config_path)


def _verify_folder(case: Path) -> int:
    verdict = verify_case(case)
    for fault in verdict.faults:
        sys.stdout.write(f"{case / fault.name}: {fault.fault.value}\n")
    if verdict.ok:
        sys.stdout.write(f"{case}: {verdict.files} files, each as it was sealed\n")
    log_holds = _log_extract_holds(case / log_extract.NAME)
    return exit_codes.OK if verdict.ok and log_holds else exit_codes.FAILED


def _log_extract_holds(path: Path) -> bool:
    """Where a case carries its action log: whether each entry's seal holds."""
    if not path.is_file():
        return True
    verdict = log_extract.verify_extract(path)
    if verdict.ok:
        sys.stdout.write(f"{path}: {verdict.entries} entries, each as it was sealed\n")
    else:
        where = "" if verdict.broken_seq is None else f" at entry {verdict.broken_seq}"
        sys.stdout.write(f"{path}: broken{where}: {verdict.why}\n")
    return verdict.ok


def _verify_chain(config_path: Path) -> int:
    loaded = load(config_path)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    try:
        archive = Archive(archive_url(loaded.site))
    except AlertsError as error:
        return fail(error, exit_codes.FAILED)
    try:
        verdict = archive.verify_chain()
    finally:
        archive.close()
    if verdict.ok:
        sys.stdout.write(
            f"action log: {verdict.entries} entries, unbroken to {verdict.last_hash}\n"
        )
        return exit_codes.OK
    sys.stdout.write(f"action log: broken at entry {verdict.broken_seq}: {verdict.why}\n")
    return exit_codes.FAILED
