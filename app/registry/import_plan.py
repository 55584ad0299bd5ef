"""Plan of an import: added and changed entries, and every error with its line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thapcanh.alerts.registry.records import EntryKind, RegisteredEntry
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.app.registry.editing import Editing, EntryJudgement, ReferenceData, Table
from thapcanh.app.registry.editor import RegistryEditor
from thapcanh.app.registry.import_files import ImportRow, LineProblem
from thapcanh.config.registry.entries import SOURCES
from thapcanh.config.registry.entry_check import ListedNames, shapes_of

Resolve = Callable[[str], str]
"""Puts secrets into an address; raises `LookupError` naming what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """One changed entry: its differing keys, addresses without logins."""

    line: int
    kind: str
    id: str
    name: str
    is_new: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """Plan of an import. `judged` is what is written without problems."""

    changes: tuple[PlannedChange, ...]
    unchanged: int
    problems: tuple[LineProblem, ...]
    judged: tuple[EntryJudgement, ...]

    @property
    def created(self) -> int:
        return sum(change.is_new for change in self.changes)

    @property
    def changed(self) -> int:
        return len(self.changes) - self.created


def plan_import(
    rows: Sequence[ImportRow],
    editor: RegistryEditor,
    repository: RegistryRepository,
    editing: Editing,
    resolve: Resolve | None = None,
) -> ImportPlan:
    """Compare the rows with the registry; nothing is written."""
    there = _there(rows, repository)
    reference = _with_file(editor.surroundings(), rows)
    problems: list[LineProblem] = []
    changes: list[PlannedChange] = []
    judged: list[EntryJudgement] = []
    first_lines: dict[tuple[str, str], int] = {}
    for row in rows:
        name = str(row.table.get("id", ""))
        problems.extend(row.problems)
        earlier = first_lines.setdefault((row.kind, name), row.line)
        if earlier != row.line:
            problems.append(
                LineProblem.of(row.line, "id", "id_twice", id=repr(name[:64]), other=earlier)
            )
            continue
        entry = there.get((row.kind, name))
        if not editor.owns(entry, editing, reference):
            problems.append(LineProblem.of(row.line, "id", "id_taken", id=repr(name[:64])))
            continue
        try:
            table = _resolved(_merged(row, entry), resolve)
        except LookupError as error:
            words = str(error.args[0])
            problems.append(LineProblem(line=row.line, path="source", message=words))
            continue
        item = editor.judge(row.kind, entry, table, editing, reference)
        problems.extend(
            LineProblem(line=row.line, path=finding.path, message=finding.message)
            for finding in item.findings
            if finding.path not in {problem.path for problem in row.problems}
        )
        judged.append(item)
        if item.write is not None:
            changes.append(_planned(row, entry, item.write.document or {}))
    unchanged = sum(item.write is None and not item.findings for item in judged)
    problems.sort(key=lambda problem: problem.line)
    return ImportPlan(
        changes=tuple(changes),
        unchanged=unchanged,
        problems=tuple(problems),
        judged=tuple(judged),
    )


def _there(
    rows: Sequence[ImportRow], repository: RegistryRepository
) -> dict[tuple[str, str], RegisteredEntry]:
    found: dict[tuple[str, str], RegisteredEntry] = {}
    for kind in {row.kind for row in rows}:
        names = [str(row.table.get("id", "")) for row in rows if row.kind == kind]
        entries = repository.entries(kind, list(dict.fromkeys(names)))
        found |= {(kind, name): entry for name, entry in entries.items()}
    return found


def _merged(row: ImportRow, entry: RegisteredEntry | None) -> dict[str, Any]:
    """Return the row, with the present values of columns that its file lacks."""
    if row.columns is None or entry is None or entry.document is None:
        return row.table
    remaining = {key: value for key, value in entry.document.items() if key not in row.columns}
    return remaining | row.table


def _resolved(table: dict[str, Any], resolve: Resolve | None) -> dict[str, Any]:
    if resolve is None:
        return table
    return {
        key: resolve(value) if key in SOURCES and isinstance(value, str) else value
        for key, value in table.items()
    }


def _with_file(reference: ReferenceData, rows: Sequence[ImportRow]) -> ReferenceData:
    """Return the reference data with the file's own entries."""
    names: dict[str, set[str]] = {kind: set() for kind in EntryKind}
    cameras: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = str(row.table.get("id", ""))
        names[row.kind].add(name)
        if row.kind is EntryKind.CAMERAS and not row.problems:
            cameras[name] = row.table
    known = ListedNames(
        agencies=reference.known.agencies | names[EntryKind.AGENCIES],
        areas=reference.known.areas | names[EntryKind.AREAS],
    )

    def shapes(name: str) -> Any:
        try:
            return shapes_of(cameras[name]) if name in cameras else reference.shapes(name)
        except (LookupError, TypeError, AttributeError):
            return frozenset()

    def tables(name: str) -> tuple[Table, ...]:
        own = (cameras[name],) if name in cameras else ()
        return (*reference.cameras(name), *own)

    return ReferenceData(known=known, shapes=shapes, cameras=tables)


def _planned(
    row: ImportRow, entry: RegisteredEntry | None, after: Mapping[str, Any]
) -> PlannedChange:
    before = (entry.document if entry else None) or {}
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return PlannedChange(
        line=row.line,
        kind=row.kind,
        id=str(after.get("id")),
        name=str(after.get("name", after.get("id"))),
        is_new=entry is None or entry.document is None,
        before={key: before[key] for key in keys if key in before},
        after={key: after[key] for key in keys if key in after},
    )
