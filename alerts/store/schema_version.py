"""Schema version of an archive, and whether this program supports it."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from thapcanh.alerts.store.errors import ArchiveTooNew, ArchiveTooOld

VERSION_TABLE = "alembic_version"
MIGRATIONS = Path(__file__).parent / "migrations"
REVISION = sa.select(sa.column("version_num", sa.Text)).select_from(sa.table(VERSION_TABLE))
_FIRST = "0001_initial"
_LAST_UNRELEASED = "0020_device_signals"
_UNRELEASED = {
    "0001_events_and_alerts",
    "0002_people",
    "0003_shifts_and_search",
    "0004_sets_of_roles",
    "0005_drills",
    "0007_api_tokens",
    "0008_shelves",
    "0009_holds",
    "0010_coverage",
    "0011_verdicts_by_place",
    "0012_held_since",
    "0013_lived_days",
    "0014_belief",
    "0015_habits",
    "0016_viewings",
    "0017_incidents",
    "0018_outbox",
    "0019_registry",
}


def migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def scripts() -> ScriptDirectory:
    """Return the known migrations; they are read once."""
    return _scripts_in(MIGRATIONS)


@cache
def _scripts_in(_: Path) -> ScriptDirectory:
    return ScriptDirectory.from_config(migrations())


def newest_revision() -> str:
    return str(scripts().get_current_head())


def revisions_after(before: str | None, revision: str) -> list[str]:
    """Return the migrations that bring the tables to `revision`, in the order that they run."""
    found = scripts().iterate_revisions(revision, before or "base")
    return [script.revision for script in found][::-1]


def revision_of(connection: sa.Connection) -> str | None:
    """Return the revision of the tables, or None without tables."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(REVISION).scalar_one_or_none()
    return found


def revision_by_name(connection: sa.Connection, archive: str) -> str | None:
    """Return the revision by this program's name for it; None without tables.

    Raise `ArchiveTooOld` or `ArchiveTooNew`, with the way out.
    """
    found = revision_of(connection)
    if found == _LAST_UNRELEASED:
        return _FIRST
    if found in _UNRELEASED:
        raise ArchiveTooOld(
            f"archive {archive} has schema {found}, from before the first release, which this "
            "program does not read: let the last program of that time (its `thapcanh version` "
            f"prints schema {_LAST_UNRELEASED}) start or restore it once, or begin an empty archive"
        )
    existing = scripts()
    if found is not None and found not in {each.revision for each in existing.walk_revisions()}:
        raise ArchiveTooNew(
            f"archive {archive} has schema {found}, made by a newer program; this one knows "
            f"{existing.get_current_head()}: run that program, or with it `thapcanh downgrade "
            f"{existing.get_current_head()}`, or restore a backup"
        )
    return found


def check_written_here(connection: sa.Connection, archive: str) -> None:
    """Raise `ArchiveTooNew` if the tables belong to another program that runs beside this one."""
    found = connection.execute(REVISION).scalar_one_or_none()
    if found != newest_revision():
        raise ArchiveTooNew(
            f"archive {archive} was brought to schema {found} by another program; this one knows "
            f"{newest_revision()} and writes no more: start the other program in its place"
        )


def adopt(connection: sa.Connection, archive: str) -> None:
    """Write today's name of the revision into the archive; raises as `revision_by_name` does."""
    existing = revision_by_name(connection, archive)
    if existing is not None and existing != revision_of(connection):
        table = sa.table(VERSION_TABLE, sa.column("version_num"))
        connection.execute(sa.update(table).values(version_num=existing))
