"""Repository of the registry."""

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from thapcanh.alerts.registry.camera_owners import RemovedCamera, note_owners
from thapcanh.alerts.registry.ownership import cameras_named, cameras_of, check_writes
from thapcanh.alerts.registry.recording_rights import Owner
from thapcanh.alerts.registry.records import (
    Author,
    Document,
    EntryKind,
    EntryPage,
    EntryQuery,
    EntryWrite,
    RegisteredEntry,
    RegistryChange,
    RegistryConflict,
)
from thapcanh.alerts.registry.registry_tables import (
    change_of,
    change_of_row,
    change_row,
    entry_of,
    entry_row,
    registry_change,
    registry_entry,
)
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter

CHANGED = "registry_changed"
_CHUNK = 500
_LISTED = 20  # entries that the log names one by one


class RegistryRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def head(self) -> int:
        """Return the revision of the last change; 0 before the first."""
        with self._db.reading() as connection:
            return _head(connection)

    def since(self, revision: int) -> tuple[int, list[RegisteredEntry]]:
        """Return the last revision, and entries changed after `revision`."""
        query = sa.select(*_ENTRY).where(registry_entry.c.revision > revision)
        with self._db.reading() as connection:
            head = _head(connection)
            if head <= revision:
                return head, []
            return head, [entry_of(row) for row in connection.execute(query)]

    def page(self, requested: EntryQuery, *, count: bool = False) -> EntryPage:
        """Return matching entries in scope, ordered by id."""
        found = _where(requested)
        fitting = sa.select(registry_entry.c.id).where(*found).order_by(registry_entry.c.id)
        if requested.after is not None:
            fitting = fitting.where(registry_entry.c.id > requested.after)
        with self._db.reading() as connection:
            ids = connection.execute(fitting.limit(requested.limit + 1)).scalars().all()
            rows = _entries(connection, requested.kind, ids[: requested.limit])
            total = None
            if count:
                number = sa.select(sa.func.count()).select_from(registry_entry).where(*found)
                total = int(connection.execute(number).scalar_one())
        items = tuple(rows[name] for name in ids[: requested.limit])
        following = items[-1].id if len(ids) > requested.limit else None
        return EntryPage(items=items, next=following, total=total)

    def entries(self, kind: str, ids: Sequence[str]) -> dict[str, RegisteredEntry]:
        """Return these entries, also removed ones, which have no document."""
        with self._db.reading() as connection:
            return _entries(connection, kind, ids)

    def removed_cameras(self, name: str | None = None) -> list[RemovedCamera]:
        """Return removed or disabled cameras, the last first; or the one of this name."""
        is_removed = registry_entry.c.document.is_(None) | registry_entry.c.enabled.is_(False)
        query = (
            sa.select(registry_change)
            .join(registry_entry, registry_entry.c.revision == registry_change.c.revision)
            .where(
                registry_entry.c.kind == EntryKind.CAMERAS,
                is_removed if name is None else registry_entry.c.id == name,
            )
            .order_by(registry_entry.c.revision.desc())
        )
        with self._db.reading() as connection:
            changes = [change_of_row(row) for row in connection.execute(query)]
        return [
            RemovedCamera(document={**existing, "id": one.id}, at=one.at, present=_owner(one.after))
            for one in changes
            if (existing := one.after or one.before) is not None
        ]

    def names(self, kind: str) -> set[str]:
        query = sa.select(registry_entry.c.id).where(
            registry_entry.c.kind == kind, registry_entry.c.document.is_not(None)
        )
        with self._db.reading() as connection:
            return set(connection.execute(query).scalars())

    def write(self, writes: Sequence[EntryWrite], author: Author, scope: DataFilter) -> int:
        """Apply all changes, or none; return the last revision.

        Raise `RegistryConflict` if an entry changed since it was read, and `EntryNotOwned` if one
        is or would be out of scope.
        """
        with self._db.writing() as connection:
            before = _all_entries(connection, writes)
            for write in writes:
                there = before.get((write.kind, write.id))
                if (there.revision if there else 0) != write.expected:
                    raise RegistryConflict(write.kind, write.id)
            _check_owned(connection, writes, before, scope)
            first = _head(connection) + 1
            changes = [
                change_of(write, before.get((write.kind, write.id)), number, author)
                for number, write in enumerate(writes, first)
            ]
            if changes:
                connection.execute(sa.insert(registry_change), [change_row(one) for one in changes])
                _store(connection, writes, first)
                note_owners(connection, _owners(changes), author.at)
                add_log(connection, _log_entry(changes, author))
            return first + len(writes) - 1

    def history(
        self, kind: str, name: str | None, *, before: int | None = None, limit: int = 100
    ) -> list[RegistryChange]:
        """Return the newest changes of an entry, or of all of a kind, before a revision."""
        query = sa.select(registry_change).where(registry_change.c.kind == kind)
        if name is not None:
            query = query.where(registry_change.c.id == name)
        if before is not None:
            query = query.where(registry_change.c.revision < before)
        query = query.order_by(registry_change.c.revision.desc()).limit(limit)
        with self._db.reading() as connection:
            return [change_of_row(row) for row in connection.execute(query)]

    def change(self, revision: int) -> RegistryChange | None:
        query = sa.select(registry_change).where(registry_change.c.revision == revision)
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else change_of_row(row)


_ENTRY = tuple(registry_entry.c[name] for name in ("kind", "id", "revision", "document", "sealed"))


def _head(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.max(registry_change.c.revision))).scalar() or 0)


def _where(requested: EntryQuery) -> list[sa.ColumnElement[bool]]:
    rows = registry_entry.c
    found: list[sa.ColumnElement[bool]] = [rows.kind == requested.kind, rows.search.is_not(None)]
    for column, value in ((rows.area, requested.area), (rows.agency, requested.agency)):
        if value is not None:
            found.append(column == value)
    if requested.enabled is not None:
        found.append(rows.enabled == requested.enabled)
    if requested.camera is not None:
        found.append(_may_apply(requested.camera))
    words = sorted(plain(requested.text).split(), key=len, reverse=True)  # the rarest likely first
    found.extend(rows.search.contains(word, autoescape=True) for word in words)
    if requested.among is not None:
        found.append(rows.id.in_(sorted(requested.among)))
    found.extend(owned_by(registry_entry, requested.scope))
    return found


def _may_apply(camera: str) -> sa.ColumnElement[bool]:
    """Return the condition for rules that apply to a camera, also "every camera"."""
    document = registry_entry.c.document
    return sa.or_(
        document.contains(json.dumps(camera, ensure_ascii=False), autoescape=True),
        document.contains('"cameras":"*"', autoescape=True),
        sa.not_(document.contains('"cameras":', autoescape=True)),
    )


def _all_entries(
    connection: sa.Connection, writes: Sequence[EntryWrite]
) -> dict[tuple[str, str], RegisteredEntry]:
    found: dict[tuple[str, str], RegisteredEntry] = {}
    for kind in {write.kind for write in writes}:
        ids = [write.id for write in writes if write.kind == kind]
        found |= {(kind, name): one for name, one in _entries(connection, kind, ids).items()}
    return found


def _check_owned(
    connection: sa.Connection,
    writes: Sequence[EntryWrite],
    before: Mapping[tuple[str, str], RegisteredEntry],
    scope: DataFilter,
) -> None:
    if scope == EVERYTHING:
        return
    tables = [(one.kind, one.document) for one in writes]
    tables += [(one.kind, one.document) for one in before.values()]
    named = {name for kind, document in tables for name in cameras_named(kind, document)}
    there = _entries(connection, EntryKind.CAMERAS, sorted(named))
    check_writes(scope, writes, before, cameras_of(writes, there))


def _entries(
    connection: sa.Connection, kind: str, ids: Sequence[str]
) -> dict[str, RegisteredEntry]:
    found: dict[str, RegisteredEntry] = {}
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(*_ENTRY).where(
            registry_entry.c.kind == kind, registry_entry.c.id.in_(ids[start : start + _CHUNK])
        )
        found |= {row.id: entry_of(row) for row in connection.execute(query)}
    return found


def _store(connection: sa.Connection, writes: Sequence[EntryWrite], first: int) -> None:
    """Replace rows; of several writes of one entry the last stays."""
    rows = {(one.kind, one.id): entry_row(one, number) for number, one in enumerate(writes, first)}
    for kind in {one.kind for one in writes}:
        ids = [name for of_kind, name in rows if of_kind == kind]
        for start in range(0, len(ids), _CHUNK):
            connection.execute(
                sa.delete(registry_entry).where(
                    registry_entry.c.kind == kind,
                    registry_entry.c.id.in_(ids[start : start + _CHUNK]),
                )
            )
    connection.execute(sa.insert(registry_entry), list(rows.values()))


def _owners(
    changes: Sequence[RegistryChange],
) -> dict[str, tuple[Owner | None, Owner | None]]:
    """Return the old and new owner of each changed camera."""
    cameras = [one for one in changes if one.kind == EntryKind.CAMERAS]
    return {one.id: (_owner(one.before), _owner(one.after)) for one in cameras}


def _owner(document: Document | None) -> Owner | None:
    return None if document is None else (document.get("agency"), document.get("area"))


def _log_entry(changes: Sequence[RegistryChange], author: Author) -> AuditEntry:
    first, last = changes[0], changes[-1]
    names = [f"{one.kind}/{one.id}" for one in changes[:_LISTED]]
    return AuditEntry(
        at=author.at,
        actor=author.username,
        role=author.role,
        action=CHANGED,
        object_id=f"{first.kind}/{first.id}" if len(changes) == 1 else "registry",
        details={
            "origin": author.origin,
            "revisions": [first.revision, last.revision],
            "entries": names,
        },
    )
