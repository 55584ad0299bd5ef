"""Releases and their schema revisions, for downgrades."""

from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveRefused
from thapcanh.alerts.store.schema_version import revision_by_name, scripts

RELEASES = {
    "0.1.0": ("0010_evidence_gone", "0028_token_maker"),
    "0.2.0": ("0029_signed_log", "0029_signed_log"),
    "0.3.0": ("0030_sources", "0030_sources"),
    "0.4.0": ("0031_links", "0031_links"),
}
"""Program version to the schemas of the first and last program that called itself so.

A landing that changes the schema raises the version in `pyproject.toml` and adds its line.
"""


def revision_for(requested: str) -> str:
    """Return the revision of a version, or of a revision's id or number.

    Raise `ArchiveRefused` for an unknown or ambiguous one.
    """
    if requested in RELEASES:
        first, last = RELEASES[requested]
        if first != last:
            raise ArchiveRefused(
                f"schemas {first} to {last} belong to programs called {requested}: give the "
                "schema that the older program's `thapcanh version` prints"
            )
        return last
    existing = [script.revision for script in scripts().walk_revisions()]
    number = requested.zfill(4) if requested.isdigit() else requested
    found = [each for each in existing if number in (each, each.partition("_")[0])]
    if not found:
        named = [version for version, (first, last) in RELEASES.items() if first == last]
        choice = [*named, "the schema that the older program's `thapcanh version` prints"]
        raise ArchiveRefused(
            f"{requested} is no release that this program knows: give "
            f"{' or '.join(choice)} ({', '.join(reversed(existing))})"
        )
    return found[0]


def downgrade(database: Database, requested: str) -> tuple[str, str]:
    """Downgrade the tables to an older program; return the revisions before and after.

    Raise `ArchiveRefused` if they are older already.
    """
    revision = revision_for(requested)
    with database.reading() as connection:
        before = revision_by_name(connection, database.shown)
    older = [script.revision for script in scripts().iterate_revisions(before or "base", "base")]
    if before is None or before == revision or revision not in older:
        raise ArchiveRefused(
            f"archive {database.shown} is at {before or 'no revision'}, "
            f"which is not newer than {revision}: there is nothing to take back"
        )
    database.downgrade(revision)
    return before, revision
