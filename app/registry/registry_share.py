"""A worker's site where the Fleet hands its cameras over: no database, no other cameras' logins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from thapcanh.config.registry.entries import RegistryEntries, registry_entry

RECORD_DAYS = "record_days"
"""The list that is no entry: whose film is kept for how many days, of all cameras."""


class RegistryShare(Protocol):
    """A share that comes with what its cameras are; the same object until it is another."""

    @property
    def tables(self) -> Mapping[str, Sequence[dict[str, Any]]]:
        """Entries as they are written, by their list."""
        ...


class AssignedRegistry:
    """Registry from a worker's share, for `ConfigWatch`."""

    def __init__(self, share: RegistryShare, folder: Path) -> None:
        """Relative paths in an entry are below `folder`."""
        self._share = share
        self._folder = folder
        self._acquired = share.tables

    def poll(self, _: float) -> bool:
        """Return whether the share brought other entries."""
        before, self._acquired = self._acquired, self._share.tables
        return self._acquired is not before

    def entries(self) -> RegistryEntries:
        """Return the current entries, for `thapcanh.config.load`."""
        return RegistryEntries(
            entries={
                kind: [
                    registry_entry(kind, str(table.get("id", "?")), table, self._folder)
                    for table in tables
                ]
                for kind, tables in self._acquired.items()
                if kind != RECORD_DAYS
            }
        )
