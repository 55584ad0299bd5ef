"""`thapcanh evidence copy FOLDER`: a site's evidence into the S3 store of its configuration."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from thapcanh.alerts.evidence.copying import Copied, EvidenceCopy
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.coordination.centres import living_centres
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.cli.backup import writer_of
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_archive import site_archive
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import archive_url, site_paths_of
from thapcanh.app.site.site_stores import site_evidence
from thapcanh.app.supervisor.supervisor import CannotStart, hold_data_dir
from thapcanh.config.problem import ConfigError
from thapcanh.config.site import Site

_REPORT_EVERY_S = 2.0
_SHOWN = 10


def run_evidence(options: argparse.Namespace) -> int:
    """Copy; 0 only where all is there and the store may be used."""
    try:
        site = load_site(options.config).site_or_raise()
        store = site_evidence(site)
        if not isinstance(store, S3Store):
            return fail('set [evidence] store = "s3" first; a folder is copied by rsync')
        if not options.folder.is_dir():
            return fail(f"{options.folder} is no folder", exit_codes.MISUSED)
        with closing(site_archive(site)) as archive, _running(site, archive) as runs:
            copy = EvidenceCopy(archive.database, FolderStore(options.folder), store)
            copied = copy.run(_Telling())
            if runs is None:
                copy.finish()
    except ConfigError as error:
        return fail(error)
    except AlertsError as error:
        return fail(f"{error}; nothing is lost: run this again, it goes on", exit_codes.FAILED)
    return _stated(copied, store.shown, runs)


def _stated(copied: Copied, shown: str, runs: str | None) -> int:
    sys.stdout.write(
        f"{shown}: {copied.files} files copied ({copied.bytes / 1e6:.1f} MB) and read back, "
        f"{copied.there} were there\n"
    )
    for line in copied.wrong[:_SHOWN]:
        sys.stdout.write(f"! evidence {line}\n")
    if len(copied.wrong) > _SHOWN:
        sys.stdout.write(f"! … and {len(copied.wrong) - _SHOWN} more\n")
    if runs is not None:
        sys.stdout.write(f"not the last copy, {runs}: stop the site, and run this again\n")
    return exit_codes.FAILED if copied.wrong or runs is not None else exit_codes.OK


@contextmanager
def _running(site: Site, archive: Archive) -> Iterator[str | None]:
    """Yield what of the site runs on this machine; None while nothing runs or can start."""
    centres = living_centres(archive.database)
    pid = writer_of(archive_url(site))
    try:
        held = hold_data_dir(site_paths_of(site).run_dir)
    except CannotStart as error:
        yield str(error).partition(";")[0]
        return
    with held:
        if centres:
            yield f"centre {centres[0].name} runs"
        else:
            yield None if pid is None else f"process {pid} has the archive open"


class _Telling:
    """A line on standard error every two seconds."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _REPORT_EVERY_S

    def __call__(self, copied: Copied) -> None:
        if time.monotonic() >= self._next:
            done = copied.files + copied.there
            sys.stderr.write(f"{done} files, {copied.bytes / 1e6:.1f} MB sent\n")
            self._next = time.monotonic() + _REPORT_EVERY_S
