"""Which tables each released program knows: the way back to it, by its version."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from alerts.archive.database import Database
from alerts.archive.transfer import revision_of
from alerts.errors import ArchiveRefused

RELEASES = {"0.1.0": "0013_lived_days"}
"""Program version to the newest revision that it knows. A release adds its line."""


def newest_revision() -> str:
    """The tables that this program makes."""
    return str(_scripts().get_current_head())


def revision_for(wanted: str) -> str:
    """The revision of a program's version, or of a revision named by its id or its number.

    Raises `ArchiveRefused`, naming what is known.
    """
    known = [script.revision for script in _scripts().walk_revisions()]
    if wanted in RELEASES:
        return RELEASES[wanted]
    number = wanted.zfill(4) if wanted.isdigit() else wanted
    found = [each for each in known if number in (each, each.partition("_")[0])]
    if not found:
        raise ArchiveRefused(
            f"{wanted} is no release that this program knows: give one of {', '.join(RELEASES)}, "
            "or the schema that the older program's `thapcanh version` prints"
        )
    return found[0]


def downgrade(database: Database, wanted: str) -> tuple[str, str]:
    """Take the tables back to what an older program knows; return the revision before and after.

    Raises `ArchiveRefused` when they are older than that already.
    """
    revision = revision_for(wanted)
    with database.reading() as connection:
        before = revision_of(connection)
    older = [script.revision for script in _scripts().iterate_revisions(before or "base", "base")]
    if before is None or revision not in older:
        raise ArchiveRefused(
            f"archive {database.shown} is at {before or 'no revision'}, "
            f"which is not newer than {revision}: there is nothing to take back"
        )
    database.downgrade(revision)
    return before, revision


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config)
