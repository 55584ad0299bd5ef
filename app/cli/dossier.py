"""Command `thapcanh dossier`: writes a description of the site as Markdown or PDF."""

import argparse
import sys
import time
from contextlib import closing
from pathlib import Path

from thapcanh.alerts.dossier.dossier_counts import dossier_counts
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.cli.version import program_version
from thapcanh.app.dossier.dossier import dossier_of, dossier_paper, markdown
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.site import read_site
from thapcanh.app.site.site_archive import site_archive

_YEAR_S = 366 * 86_400.0


def run_dossier(options: argparse.Namespace) -> int:
    """Write the dossier to a `.md` or `.pdf` file, or Markdown to standard output."""
    out: Path | None = options.out
    if out is not None and out.suffix not in {".md", ".pdf"}:
        return fail(f"{out}: the name ends in .md or .pdf", exit_codes.MISUSED)
    loaded, now = read_site(options.config), time.time()
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    site = loaded.site
    try:
        with closing(site_archive(site)) as archive:
            counts = dossier_counts(archive.database, now - _YEAR_S, now)
    except AlertsError as error:
        return fail(str(error), exit_codes.FAILED)
    dossier = dossier_of(site, counts, program_version(), now)
    if out is None:
        sys.stdout.write(markdown(dossier))
        return exit_codes.OK
    content = markdown(dossier).encode()
    if out.suffix == ".pdf":
        from thapcanh.app.reports.paper.pdf import pdf

        content = pdf(dossier_paper(dossier, site))
    try:
        out.write_bytes(content)
    except OSError as error:
        return fail(f"{out}: {error.strerror}", exit_codes.FAILED)
    sys.stdout.write(f"{out} is written\n")
    return exit_codes.OK
