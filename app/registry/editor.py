"""Editor of the registry: changes are validated by the configuration's models, all or none."""

from collections.abc import Iterable, Sequence
from typing import Any

from thapcanh.alerts.registry.ownership import may_change
from thapcanh.alerts.registry.records import (
    EntryKind,
    EntryWrite,
    RegisteredEntry,
    RegistryConflict,
)
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.registry.scoped import ScopedRegistry
from thapcanh.app.registry.editing import (
    Editing,
    EntryForbidden,
    EntryJudgement,
    EntryRefused,
    EntryUnregistered,
    ReferenceData,
    Table,
    address_findings,
    area_findings,
    check_unnamed,
    patched,
    shapes_still_named,
)
from thapcanh.config.credentials import CredentialError, CredentialKey
from thapcanh.config.registry.entries import SOURCES, conceal, reveal, with_secrets
from thapcanh.config.registry.entry_check import EntryCheck, EntryFinding, ListedNames, shapes_of
from thapcanh.config.rules import Shape

_ON_THIS_MACHINE = "tls_ca"


class RegistryEditor:
    """Any thread may use it."""

    def __init__(
        self, repository: RegistryRepository, check: EntryCheck, key: CredentialKey
    ) -> None:
        self._rows = repository
        self._check = check
        self._key = key

    def create(self, kind: EntryKind, table: Table, editing: Editing) -> RegisteredEntry:
        """Add an entry. Raises `EntryRefused`, or `RegistryConflict` if its id is taken."""
        name = str(table.get("id", ""))
        there = self._rows.entries(kind, [name]).get(name)
        if there is not None and there.document is not None:
            raise RegistryConflict(kind, name)
        return self._written([self.judge(kind, there, table, editing)], editing)

    def change(
        self, kind: EntryKind, name: str, patch: Table, expected: int | None, editing: Editing
    ) -> RegisteredEntry:
        """Apply the patch's keys; null removes a key. Raises as `create` does."""
        there = self._own(kind, name, editing)
        if expected is not None and there.revision != expected:
            raise RegistryConflict(kind, name)
        table = patched(there.document or {}, patch)
        judgements = self.judge(kind, there, table, editing)
        if judgements.write is None and not judgements.findings:
            return there
        return self._written([judgements], editing)

    def change_many(self, names: Sequence[str], patch: Table, editing: Editing) -> int:
        """Apply a patch to many cameras, all or none; return how many changed."""
        there = self._scoped(editing).entries(EntryKind.CAMERAS, names)
        missing = [name for name in names if name not in there or there[name].document is None]
        if missing:
            raise EntryUnregistered(missing[0])
        reference = self.surroundings()
        judgements = [
            self.judge(
                EntryKind.CAMERAS, item, patched(item.document or {}, patch), editing, reference
            )
            for item in there.values()
        ]
        found = [finding for item in judgements for finding in item.findings]
        if found:
            raise EntryRefused(found)
        return self.write_all(judgements, editing)

    def remove(self, kind: EntryKind, name: str, expected: int | None, editing: Editing) -> int:
        """Take an entry away; its history stays, and can be undone."""
        _check_allowed(kind, editing)
        there = self._own(kind, name, editing)
        if expected is not None and there.revision != expected:
            raise RegistryConflict(kind, name)
        check_unnamed(self._rows, kind, name)
        write = EntryWrite(kind=kind, id=name, expected=there.revision, document=None)
        return self._scoped(editing).write([write], editing.author)

    def undo(self, revision: int, editing: Editing) -> RegisteredEntry:
        """Make an entry what it was before a change, unless it was changed again since."""
        change = self._scoped(editing).change(revision)
        if change is None or change.kind not in set(EntryKind):
            raise EntryUnregistered(str(revision))
        kind = EntryKind(change.kind)
        _check_allowed(kind, editing)
        reference = self.surroundings()
        for document in (change.before, change.after):
            if document is not None and not self._owns(kind, document, editing, reference):
                raise EntryUnregistered(str(revision))
        there = self._rows.entries(kind, [change.id])[change.id]
        if there.revision != revision:
            raise RegistryConflict(kind, change.id)
        write = EntryWrite(
            kind=kind,
            id=change.id,
            expected=revision,
            document=change.before,
            sealed=change.before_sealed,
            undoes=revision,
        )
        if change.before is None:
            check_unnamed(self._rows, kind, change.id)
        else:
            whole = self._whole(kind, change.before, change.before_sealed)
            found = self._findings(kind, whole, change.after, reference)
            if found:
                raise EntryRefused(found)
        head = self._scoped(editing).write([write], editing.author)
        return RegisteredEntry(kind=kind, id=change.id, revision=head, document=change.before)

    def judge(
        self,
        kind: EntryKind,
        there: RegisteredEntry | None,
        table: Table,
        editing: Editing,
        reference: ReferenceData | None = None,
    ) -> EntryJudgement:
        """Return what writing the table in place of an entry would do.

        Of an entry outside the scope nothing else is revealed.
        """
        _check_allowed(kind, editing)
        reference = reference or self.surroundings()
        before = there.document if there else None
        if before is not None and not self._owns(kind, before, editing, reference):
            return EntryJudgement(write=None, findings=(EntryFinding("id", "is taken"),))
        if not self._owns(kind, table, editing, reference):
            return EntryJudgement(
                write=None, findings=(EntryFinding("", "is not of your agency and area"),)
            )
        try:
            shown, sealed, whole = self._concealed(kind, table, there)
        except CredentialError as error:
            return EntryJudgement(
                write=None, findings=(EntryFinding("source", str(error)),), before=there
            )
        found = self._findings(kind, whole, before, reference)
        found += _not_allowed(kind, before, shown, whole, editing)
        if there and before and str(shown.get("id")) != there.id:
            found.append(EntryFinding("id", "cannot be changed: remove the entry and add another"))
        if found:
            return EntryJudgement(write=None, findings=tuple(found), before=there)
        if before == shown and (there is None or there.sealed == sealed):
            return EntryJudgement(write=None, before=there)
        write = EntryWrite(
            kind=kind,
            id=str(shown["id"]),
            expected=there.revision if there else 0,
            document=shown,
            sealed=sealed,
        )
        return EntryJudgement(write=write, before=there)

    def revealed(self, entry: RegisteredEntry) -> Table:
        """Return a table with its full addresses. Raises `CredentialError` without the key."""
        return self._whole(EntryKind(entry.kind), entry.document or {}, entry.sealed)

    def surroundings(self) -> ReferenceData:
        known = ListedNames(
            agencies=frozenset(self._rows.names(EntryKind.AGENCIES)),
            areas=frozenset(self._rows.names(EntryKind.AREAS)),
        )
        documents: dict[str, Table | None] = {}

        def document(name: str) -> Table | None:
            if name not in documents:
                entry = self._rows.entries(EntryKind.CAMERAS, [name]).get(name)
                documents[name] = entry.document if entry else None
            return documents[name]

        def shapes(name: str) -> frozenset[Shape] | None:
            found = document(name)
            return None if found is None else shapes_of(found)

        def cameras(name: str) -> tuple[Table, ...]:
            found = document(name)
            return () if found is None else (found,)

        return ReferenceData(known=known, shapes=shapes, cameras=cameras)

    def owns(
        self, entry: RegisteredEntry | None, editing: Editing, reference: ReferenceData
    ) -> bool:
        """Return True if an entry may be changed; a missing one may be added."""
        document = entry.document if entry else None
        return (
            entry is None
            or document is None
            or self._owns(EntryKind(entry.kind), document, editing, reference)
        )

    def write_all(self, judgements: Iterable[EntryJudgement], editing: Editing) -> int:
        """Write judged entries, all or none; return how many changed."""
        writes = [item.write for item in judgements if item.write is not None]
        self._scoped(editing).write(writes, editing.author)
        return len(writes)

    def _written(self, judgements: Sequence[EntryJudgement], editing: Editing) -> RegisteredEntry:
        found = [finding for item in judgements for finding in item.findings]
        if found:
            raise EntryRefused(found)
        writes = [item.write for item in judgements if item.write is not None]
        head = self._scoped(editing).write(writes, editing.author)
        last = writes[-1]
        return RegisteredEntry(
            kind=last.kind, id=last.id, revision=head, document=last.document, sealed=last.sealed
        )

    def _own(self, kind: EntryKind, name: str, editing: Editing) -> RegisteredEntry:
        there = self._rows.entries(kind, [name]).get(name)
        if there is None or there.document is None:
            raise EntryUnregistered(name)
        if not self.owns(there, editing, self.surroundings()):
            raise EntryUnregistered(name)
        return there

    def _owns(
        self, kind: EntryKind, document: Table, editing: Editing, reference: ReferenceData
    ) -> bool:
        return may_change(editing.scope, kind, document, reference.cameras)

    def _scoped(self, editing: Editing) -> ScopedRegistry:
        return ScopedRegistry(self._rows, editing.scope)

    def _concealed(
        self, kind: EntryKind, table: Table, there: RegisteredEntry | None
    ) -> tuple[dict[str, Any], str | None, Table]:
        known = there.sealed if there else None
        if kind is EntryKind.TARGETS:
            shown, sealed = conceal(table, known, self._key, self._check.secrets_of(table))
            return shown, sealed, with_secrets(shown, sealed, self._key)
        if kind is not EntryKind.CAMERAS:
            return dict(table), None, table
        shown, sealed = conceal(table, known, self._key)
        return shown, sealed, reveal(shown, sealed, self._key)

    def _whole(self, kind: EntryKind, table: Table, sealed: str | None) -> Table:
        if kind is EntryKind.TARGETS:
            return with_secrets(table, sealed, self._key)
        return reveal(table, sealed, self._key) if kind is EntryKind.CAMERAS else table

    def _findings(
        self, kind: EntryKind, whole: Table, before: Table | None, reference: ReferenceData
    ) -> list[EntryFinding]:
        match kind:
            case EntryKind.CAMERAS:
                found = self._check.camera(whole, reference.known)
                return found or shapes_still_named(self._rows, whole, before)
            case EntryKind.RULES:
                return self._check.rule(whole, reference.shapes)
            case EntryKind.TARGETS:
                return self._check.target(whole, reference.known)
            case EntryKind.AGENCIES:
                return self._check.agency(whole)
            case EntryKind.AREAS:
                return self._check.area(whole) or area_findings(
                    self._rows, whole, reference.known.areas
                )


def _check_allowed(kind: EntryKind, editing: Editing) -> None:
    if kind is EntryKind.TARGETS and not editing.tells_others:
        raise EntryForbidden


def _not_allowed(
    kind: EntryKind, before: Table | None, shown: Table, whole: Table, editing: Editing
) -> list[EntryFinding]:
    """Return addresses and files that may not be set over the network."""
    if kind is not EntryKind.CAMERAS:
        return []
    found = []
    for name in SOURCES:
        value = whole.get(name)
        if isinstance(value, str) and (before is None or before.get(name) != shown.get(name)):
            found.extend(address_findings(name, value, editing))
    path = shown.get(_ON_THIS_MACHINE)
    if editing.guard and path and (before is None or before.get(_ON_THIS_MACHINE) != path):
        found.append(
            EntryFinding(_ON_THIS_MACHINE, "is a file: only `thapcanh cameras import` may")
        )
    return found
