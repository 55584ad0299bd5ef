"""Export of the registry: TOML with everything, CSV with the cameras, without logins."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from thapcanh.alerts.registry.records import EntryKind, EntryQuery, RegisteredEntry
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.registry.import_files import COLUMNS, ImportUnreadable, cell_texts

_PAGE = 1000
_KINDS = (EntryKind.AGENCIES, EntryKind.AREAS, EntryKind.CAMERAS, EntryKind.RULES)


def export_text(repository: RegistryRepository, form: str, scope: DataFilter = EVERYTHING) -> str:
    """Return the registry as TOML, or its cameras as CSV. Raises `ImportUnreadable`."""
    if form == "toml":
        return "".join(_toml(repository, scope))
    if form == "csv":
        return "".join(_csv(repository, scope))
    raise ImportUnreadable("form_not_exported", form=form)


def every_entry(
    repository: RegistryRepository, kind: EntryKind, scope: DataFilter
) -> Iterator[RegisteredEntry]:
    """Yield all visible entries of a kind, ordered by id."""
    after: str | None = None
    while True:
        page = repository.page(EntryQuery(kind=kind, after=after, limit=_PAGE, scope=scope))
        yield from page.items
        if page.next is None:
            return
        after = page.next


def _toml(repository: RegistryRepository, scope: DataFilter) -> Iterator[str]:
    for kind in _KINDS:
        for entry in every_entry(repository, kind, scope):
            yield f"[[{kind}]]\n"
            for key, value in (entry.document or {}).items():
                yield f"{key} = {_toml_value(value)}\n"
            yield "\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{key} = {_toml_value(item)}" for key, item in value.items()) + " }"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f") if isinstance(value, str) else text


def _csv(repository: RegistryRepository, scope: DataFilter) -> Iterator[str]:
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(COLUMNS)
    for entry in every_entry(repository, EntryKind.CAMERAS, scope):
        cells = cell_texts(dict(entry.document or {}))
        writer.writerow([f"'{cell}" if _may_be_formula(cell) else cell for cell in cells])
    yield "\ufeff" + held.getvalue()


def _may_be_formula(cell: str) -> bool:
    """Return True if a spreadsheet would run the cell (OWASP "CSV injection")."""
    if not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False
