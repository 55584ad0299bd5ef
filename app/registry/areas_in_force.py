"""Temporary watch areas of one process, and what they add to cameras and rules.

They never remove a camera: a missing camera or zone only drops the area's own rules.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from thapcanh.alerts.registry.records import RegisteredEntry
from thapcanh.config.loading.read import ConfigEntry
from thapcanh.config.registry.entries import registry_entry
from thapcanh.config.registry.entry_check import shapes_of
from thapcanh.config.registry.watch_area import WatchArea
from thapcanh.config.rules import Shape


class AreasInForce:
    """Watch areas of one process, owned by one thread."""

    def __init__(self, has: Callable[[str], bool], folder: Path) -> None:
        """Create it; `has` tells which cameras concern this process."""
        self._has = has
        self._folder = folder
        self._held: dict[str, tuple[RegisteredEntry, WatchArea]] = {}
        self._running: tuple[WatchArea, ...] = ()

    def take(self, row: RegisteredEntry) -> bool:
        """Apply a row; return True if it concerns this process. Raises `ValidationError`."""
        was_held = row.id in self._held
        if row.document is None:
            self._held.pop(row.id, None)
            return was_held
        area = WatchArea.model_validate_json(json.dumps(row.document), strict=True)
        if not any(map(self._has, area.cameras)):
            self._held.pop(row.id, None)
            return was_held
        self._held[row.id] = (row, area)
        return True

    def rows(self) -> list[RegisteredEntry]:
        """Return the rows for the copy on disk."""
        return [row for row, _ in self._held.values()]

    def settle(self, now: float) -> None:
        """Find out which are in force at this time."""
        areas = (area for _, area in self._held.values())
        self._running = tuple(area for area in areas if area.is_in_force(now))

    def next_change(self, now: float) -> float | None:
        """Return when an area next starts or ends, or None."""
        coming = (area.next_change(now) for _, area in self._held.values())
        return min((at for at in coming if at is not None), default=None)

    def add_to(
        self, cameras: Mapping[str, ConfigEntry]
    ) -> tuple[list[ConfigEntry], list[ConfigEntry]]:
        if not self._running:
            return list(cameras.values()), []
        whole = dict(cameras)
        rules: list[ConfigEntry] = []
        for area in self._running:
            present = [name for name in area.cameras if name in whole]
            whole |= {name: _with_area(whole[name], area) for name in present}
            drawn = {name: shapes_of(whole[name].table) for name in present}
            for table in area.rule_tables(present):
                table["cameras"] = _that_have(table, drawn)
                if table["cameras"]:
                    rules.append(registry_entry("rules", table["id"], table, self._folder))
        return list(whole.values()), rules


def _with_area(camera: ConfigEntry, area: WatchArea) -> ConfigEntry:
    added: dict[str, Any] = {}
    if zones := area.zones_of(camera.table["id"]):
        added["zones"] = [*camera.table.get("zones", ()), *zones]
    if area.record and camera.table.get("record") is None:
        added["record"] = True
    return replace(camera, table={**camera.table, **added}, memo={}) if added else camera


def _that_have(table: Mapping[str, Any], drawn: Mapping[str, frozenset[Shape]]) -> list[str]:
    """Return the rule's cameras on which its zone or line is still drawn."""
    shapes = {(key, str(table[key])) for key in ("zone", "line") if table.get(key) is not None}
    cameras: Iterable[str] = table["cameras"]
    return [name for name in cameras if shapes <= set(drawn[name])]
