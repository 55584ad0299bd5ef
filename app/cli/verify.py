"""`thapcanh verify`: proves a case folder offline, the action log's chain, or everything by it."""

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path

from thapcanh.alerts.alert.records import AlertFilter
from thapcanh.alerts.evidence import log_head
from thapcanh.alerts.evidence.cases import case_proof
from thapcanh.alerts.evidence.cases.case_export import EXPORT_FORM
from thapcanh.alerts.evidence.cases.case_folder import MANIFEST, verify_case
from thapcanh.alerts.evidence.cases.case_proof import uncovered, verify_proof
from thapcanh.alerts.evidence.consistency import faults_of_log, verify_everything
from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.alerts.store.sealed_log import seal_at
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_archive import site_archive
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_stores import site_evidence


def run_verify(options: argparse.Namespace) -> int:
    """Print the verdict; 0 when everything is as it was sealed, 1 with what is not."""
    if options.new_head_key is not None:
        return _new_head_key(options.new_head_key)
    if options.case is not None:
        return _verify_folder(options.case, options.seal)
    return _verify_archive(options)


def _new_head_key(path: Path) -> int:
    try:
        public = log_head.new_key(path)
    except OSError as error:
        return fail(f"{path}: {error.strerror}", exit_codes.FAILED)
    sys.stdout.write(
        f"{path} is made. Its public half, for `verify --head FILE --key`:\n{public}\n"
    )
    return exit_codes.OK


def _verify_folder(case: Path, seal: str | None) -> int:
    verdict = verify_case(case)
    for fault in verdict.faults:
        sys.stdout.write(f"{case / fault.name}: {fault.fault.value}\n")
    if verdict.ok:
        sys.stdout.write(f"{case}: {verdict.files} files, each as it was sealed\n")
    log_holds = _log_extract_holds(case / case_proof.NAME)
    is_whole = _is_whole(case, seal)
    return exit_codes.OK if verdict.ok and log_holds and is_whole else exit_codes.FAILED


def _is_whole(case: Path, seal: str | None) -> bool:
    """Return True if an exported evidence package is complete; a worker's folder has no log."""
    if not (case / case_proof.NAME).exists() and not _is_export(case / MANIFEST):
        return seal is None or _manifest_has(case / MANIFEST, seal)
    wrong = verify_proof(case, seal)
    for line in wrong:
        sys.stdout.write(f"{case}: {line}\n")
    for name in uncovered(case):
        sys.stdout.write(f"{case}: {name} is not in the seal: an earlier version made the case\n")
    if not wrong:
        end = (
            "ends with the seal given" if seal else "and its log agree; --seal proves them by more"
        )
        sys.stdout.write(f"{case}: nothing was left out; the folder {end}\n")
    return not wrong


def _manifest_has(manifest: Path, seal: str) -> bool:
    """Return True if the manifest has the sha256 of the archive's log."""
    try:
        holds = file_sha256(manifest) == seal.strip().lower()
    except OSError:
        holds = False
    how = "is the one that was sealed" if holds else "is not the one whose seal was given"
    sys.stdout.write(f"{manifest}: {how}\n")
    return holds


def _is_export(manifest: Path) -> bool:
    try:
        content = json.loads(manifest.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("form") == EXPORT_FORM


def _log_extract_holds(path: Path) -> bool:
    """Return True if every seal of the package's action log holds, or it has no log."""
    if not path.is_file():
        return True
    verdict = case_proof.verify_extract(path)
    if verdict.ok:
        sys.stdout.write(f"{path}: {verdict.entries} entries, each as it was sealed\n")
    else:
        where = "" if verdict.broken_seq is None else f" at entry {verdict.broken_seq}"
        sys.stdout.write(f"{path}: broken{where}: {verdict.why}\n")
    return verdict.ok


def _verify_archive(options: argparse.Namespace) -> int:
    loaded = load_site(options.config)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    try:
        with closing(site_archive(loaded.site)) as archive:
            holds = _chain_holds(archive)
            if options.head is not None:
                holds = _head_holds(archive, options.head, options.key) and holds
            holds = _end_is_signed(archive, is_reported_later=options.everything) and holds
            if options.everything:
                holds = _everything_holds(archive, site_evidence(loaded.site)) and holds
    except AlertsError as error:
        return fail(error, exit_codes.FAILED)
    return exit_codes.OK if holds else exit_codes.FAILED


def _chain_holds(archive: Archive) -> bool:
    verdict = archive.verify_chain()
    alerts = archive.alerts(AlertFilter(limit=1)).items
    if verdict.ok and not verdict.entries and alerts:
        sys.stdout.write("action log: it is empty, and there are alerts: it was taken away\n")
        return False
    if verdict.ok:
        end = f"unbroken to {verdict.last_hash}"
        sys.stdout.write(f"action log: {verdict.entries} entries, {end}\n")
    else:
        sys.stdout.write(f"action log: broken at entry {verdict.broken_seq}: {verdict.why}\n")
    return verdict.ok


def _end_is_signed(archive: Archive, *, is_reported_later: bool) -> bool:
    """Return True if the log is signed by the centre up to its end, by this machine's key."""
    database = archive.database
    with database.reading() as connection:
        wrong = list(faults_of_log(connection, database.log_key))
    for what, how in wrong if not is_reported_later else ():
        sys.stdout.write(f"{what}: {how}\n")
    if database.log_key is None:
        sys.stdout.write("action log: no key signs its end; name one by [archive] log_key\n")
    elif not wrong:
        since = "" if database.log_key.last else ", from the next entry on"
        sys.stdout.write(f"action log: signed to its end by {database.log_key.path}{since}\n")
    return not wrong


def _head_holds(archive: Archive, path: Path, public: str | None) -> bool:
    try:
        head = log_head.read(path, public)
    except log_head.LogHeadError as error:
        sys.stdout.write(f"{error}\n")
        return False
    found = seal_at(archive.database, head.seq)
    if found == head.hash:
        by = "signed by the key given" if public else "signature not checked: give --key"
        sys.stdout.write(f"{path}: the log holds this end at entry {head.seq} ({by})\n")
        return True
    how = "is gone" if found is None else "is another one"
    sys.stdout.write(f"{path}: entry {head.seq} {how}: the log was written again\n")
    return False


def _everything_holds(archive: Archive, evidence: EvidenceStore) -> bool:
    found = verify_everything(archive.database, evidence)
    for disagreement in found.disagreements:
        sys.stdout.write(f"{disagreement}\n")
    word = "agree with the log" if not found.disagreements else "compared"
    sys.stdout.write(f"{found.rows} rows and {found.files} files {word}\n")
    return not found.disagreements
