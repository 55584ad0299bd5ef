"""Registry within one scope, for everyone who acts for a person; thread-safe."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from thapcanh.alerts.registry.ownership import cameras_named, visible_entry, with_all_above
from thapcanh.alerts.registry.records import (
    Author,
    EntryKind,
    EntryPage,
    EntryQuery,
    EntryWrite,
    RegisteredEntry,
    RegistryChange,
)
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter

_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryChangePage:
    """Changes in scope; `next` requests earlier ones, None if there are none."""

    items: tuple[RegistryChange, ...]
    next: int | None


class ScopedRegistry:
    """Registry as a scope sees it."""

    def __init__(self, rows: RegistryRepository, scope: DataFilter) -> None:
        self._rows = rows
        self._scope = scope

    def page(self, query: EntryQuery, *, count: bool = False) -> EntryPage:
        """Return matching entries in scope, by id; a page of rules may have fewer than `limit`."""
        if query.kind == EntryKind.RULES:
            page = self._rows.page(query, count=count and self._scope == EVERYTHING)
            return replace(page, items=tuple(self.seen(page.items)))
        return self._rows.page(self._narrowed(query), count=count)

    def entry(self, kind: str, name: str) -> RegisteredEntry | None:
        found = self.entries(kind, [name]).get(name)
        return None if found is None or found.document is None else found

    def entries(self, kind: str, names: Sequence[str]) -> dict[str, RegisteredEntry]:
        """Return those of these entries in scope, also removed ones without document."""
        found = self._rows.entries(kind, list(dict.fromkeys(names)))
        return {one.id: one for one in self.seen(found.values())}

    def seen(self, entries: Iterable[RegisteredEntry]) -> list[RegisteredEntry]:
        """Return those in scope, each without cameras out of scope."""
        found = list(entries)
        if self._scope == EVERYTHING:
            return found
        named = {name for one in found for name in cameras_named(one.kind, one.document)}
        cameras = self.entries(EntryKind.CAMERAS, sorted(named)) if named else {}
        seen = {name for name, one in cameras.items() if one.document is not None}
        areas = self._areas() if any(one.kind == EntryKind.AREAS for one in found) else frozenset()
        cut = (visible_entry(self._scope, one, seen, areas) for one in found)
        return [one for one in cut if one is not None]

    def history(
        self, kind: str, name: str, *, before: int | None = None, limit: int = 100
    ) -> RegistryChangePage:
        """Return the newest changes of an entry that was in scope before and after each."""
        changes = self._rows.history(kind, name, before=before, limit=limit)
        whole = len(changes) == limit
        return RegistryChangePage(
            items=tuple(one for one in changes if self._sees(one)),
            next=changes[-1].revision if whole else None,
        )

    def change(self, revision: int) -> RegistryChange | None:
        """Return a change of an entry in scope before and after it, or None."""
        found = self._rows.change(revision)
        return found if found is not None and self._sees(found) else None

    def write(self, writes: Sequence[EntryWrite], author: Author) -> int:
        """Make all of the changes, or none: see `RegistryRepository.write`."""
        return self._rows.write(writes, author, self._scope)

    def _sees(self, change: RegistryChange) -> bool:
        """Return whether the entry was wholly in scope before and after."""
        tables = [one for one in (change.before, change.after) if one is not None]
        then = [
            RegisteredEntry(kind=change.kind, id=change.id, revision=0, document=one)
            for one in tables
        ]
        return self.seen(then) == then

    def _narrowed(self, query: EntryQuery) -> EntryQuery:
        if query.kind == EntryKind.AGENCIES:
            return replace(query, among=self._scope.agencies)
        if query.kind == EntryKind.TARGETS and self._scope != EVERYTHING:
            return replace(query, among=frozenset())
        if query.kind == EntryKind.AREAS:
            among = None if self._scope.areas is None else self._areas()
            return replace(query, among=among)
        return replace(query, scope=self._scope)

    def _areas(self) -> frozenset[str]:
        if self._scope.areas is None:
            return frozenset(self._rows.names(EntryKind.AREAS))
        rows = self._rows.page(EntryQuery(kind=EntryKind.AREAS, limit=_ALL)).items
        parents = {row.id: (row.document or {}).get("parent") for row in rows}
        return with_all_above(self._scope.areas, parents)
