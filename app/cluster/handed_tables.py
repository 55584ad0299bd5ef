"""What a worker that reads no registry is handed with its share: its own cameras, and no others.

Cameras as the head's configuration or registry has them, with their logins; the rules that hold for
them; their agencies and areas. Of other cameras only for how many days their film is kept, where
that is their own: it may lie on the worker's disk. Made again when the site changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from app.registry.handed import RECORD_DAYS
from config.loading.read import ConfigEntry, RawConfig

Tables = dict[str, list[dict[str, Any]]]
"""Entries as they are written, by their list: `cameras`, `rules`, `agencies`, `areas`.

Beside them `record_days`: of each camera that has its own, `{"camera": …, "days": …}`.
"""


class HandedTables:
    """The tables of one site."""

    def __init__(self, raw: RawConfig) -> None:
        self._cameras = _by_id(raw.entries["cameras"])
        self._owners = {kind: _by_id(raw.entries[kind]) for kind in ("agencies", "areas")}
        self._days = [
            {"camera": camera, "days": table["record_days"]}
            for camera, table in sorted(self._cameras.items())
            if "record_days" in table
        ]
        self._of_all: list[dict[str, Any]] = []
        self._of_camera: Mapping[str, list[dict[str, Any]]] = defaultdict(list)
        for rule in _whole(raw.entries["rules"]):
            named = rule.get("cameras")
            if not isinstance(named, list):
                self._of_all.append(rule)
                continue
            for camera in named:
                self._of_camera[str(camera)].append(rule)

    def of(self, cameras: Iterable[str]) -> Tables:
        """All that a worker of these cameras needs to know; a phone has no table."""
        mine = {one: self._cameras[one] for one in sorted(cameras) if one in self._cameras}
        rules = {id(rule): rule for one in mine for rule in self._of_camera.get(one, ())}
        owners = {
            kind: [known[name] for name in sorted(named) if name in known]
            for kind, key, known in (
                ("agencies", "agency", self._owners["agencies"]),
                ("areas", "area", self._owners["areas"]),
            )
            if (named := {str(table[key]) for table in mine.values() if key in table})
        }
        return {
            **owners,
            "cameras": list(mine.values()),
            RECORD_DAYS: self._days,
            "rules": [*self._of_all, *(_narrowed(rule, mine) for rule in rules.values())],
        }


def _narrowed(rule: dict[str, Any], mine: Mapping[str, Any]) -> dict[str, Any]:
    return {**rule, "cameras": [one for one in rule["cameras"] if one in mine]}


def _by_id(entries: Iterable[ConfigEntry]) -> dict[str, dict[str, Any]]:
    return {str(table["id"]): table for table in _whole(entries) if "id" in table}


def _whole(entries: Iterable[ConfigEntry]) -> list[dict[str, Any]]:
    """Those whose secrets are all there."""
    return [entry.table for entry in entries if entry.is_whole]
