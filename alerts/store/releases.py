"""Which tables each released program knows: the way back to it, by schema or version."""

from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveRefused
from thapcanh.alerts.store.schema_version import known_revision, scripts

RELEASES = {
    "0.1.0": ("0010_evidence_gone", "0028_token_maker"),
    "0.2.0": ("0029_signed_log", "0029_signed_log"),
    "0.3.0": ("0030_sources", "0030_sources"),
}
"""Program version to the schemas of the first and last program that called itself so.

A landing that changes the schema raises the version in `pyproject.toml` and adds its line.
"""


def revision_for(wanted: str) -> str:
    """The revision of a program's version, or of a revision named by its id or its number.

    Raises `ArchiveRefused`, naming what is known, and where a version is the name of several.
    """
    if wanted in RELEASES:
        first, last = RELEASES[wanted]
        if first != last:
            raise ArchiveRefused(
                f"programs with the schemas {first} to {last} call themselves {wanted}: give the "
                "schema that the older program's `thapcanh version` prints"
            )
        return last
    known = [script.revision for script in scripts().walk_revisions()]
    number = wanted.zfill(4) if wanted.isdigit() else wanted
    found = [each for each in known if number in (each, each.partition("_")[0])]
    if not found:
        named = [version for version, (first, last) in RELEASES.items() if first == last]
        choice = [*named, "the schema that the older program's `thapcanh version` prints"]
        raise ArchiveRefused(
            f"{wanted} is no release that this program knows: give "
            f"{' or '.join(choice)} ({', '.join(reversed(known))})"
        )
    return found[0]


def downgrade(database: Database, wanted: str) -> tuple[str, str]:
    """Take the tables back to what an older program knows; return the revision before and after.

    Raises `ArchiveRefused` when they are older than that already.
    """
    revision = revision_for(wanted)
    with database.reading() as connection:
        before = known_revision(connection, database.shown)
    older = [script.revision for script in scripts().iterate_revisions(before or "base", "base")]
    if before is None or before == revision or revision not in older:
        raise ArchiveRefused(
            f"archive {database.shown} is at {before or 'no revision'}, "
            f"which is not newer than {revision}: there is nothing to take back"
        )
    database.downgrade(revision)
    return before, revision
