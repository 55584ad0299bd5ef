"""Tables of configuration sent to workers that read no registry.

Ray neither encrypts nor hides its token, so it gets a derived token and the tables are sealed with
a key derived from the cluster's.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from thapcanh.app.cluster.assignment import FleetCamera
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.registry.reader import RegistryReader
from thapcanh.app.registry.registry_share import RECORD_DAYS
from thapcanh.app.registry.site import open_site
from thapcanh.app.site.site_file import load_worker_site
from thapcanh.config.files import replace_file
from thapcanh.config.loading.read import ConfigEntry, RawConfig
from thapcanh.config.site import Site

Tables = dict[str, list[dict[str, Any]]]
"""Entries as they are written, by their list: `cameras`, `rules`, `agencies`, `areas`.

Beside them `record_days`: of each camera that has its own, `{"camera": …, "days": …}`.
"""
_NONCE_BYTES = 12
_TABLES, _RAY = b"thapcanh.handed-tables.v1", b"thapcanh.ray-token.v1"


class ShareTables:
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
        """Return the tables for a worker of these cameras; phones have none."""
        share = {item: self._cameras[item] for item in sorted(cameras) if item in self._cameras}
        rules = {id(rule): rule for item in share for rule in self._of_camera.get(item, ())}
        owners = {
            kind: [configured_ids[name] for name in sorted(named) if name in configured_ids]
            for kind, key, configured_ids in (
                ("agencies", "agency", self._owners["agencies"]),
                ("areas", "area", self._owners["areas"]),
            )
            if (named := {str(table[key]) for table in share.values() if key in table})
        }
        return {
            **owners,
            "cameras": list(share.values()),
            RECORD_DAYS: self._days,
            "rules": [*self._of_all, *(_narrowed(rule, share) for rule in rules.values())],
        }


class TablesRefused(Exception):
    """Tables that are not sealed for this node and epoch by the cluster's token."""


def seal_tables(token: str, node: str, epoch: int, tables: Mapping[str, Tables]) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    text = json.dumps(tables, default=str)  # of TOML's own kinds: dates and times
    return nonce + AESGCM(_derived(token, _TABLES)).encrypt(
        nonce, text.encode(), _bound(node, epoch)
    )


def open_tables(token: str, node: str, epoch: int, sealed: bytes) -> dict[str, Tables]:
    """Return the tables by worker; raises `TablesRefused`."""
    try:
        text = AESGCM(_derived(token, _TABLES)).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(node, epoch)
        )
    except (InvalidTag, ValueError):  # ValueError: too short to be one
        raise TablesRefused(
            f"{node} was handed cameras that are not sealed for it and epoch {epoch} by its "
            "cluster's token: copy the head's token file, and start the node again"
        ) from None
    opened: dict[str, Tables] = json.loads(text)
    return opened


def write_ray_token(token: str, path: Path) -> None:
    """Write what Ray's processes show each other; it does not lead back to the token."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, _derived(token, _RAY).hex() + "\n", private=True)


class FleetCameras:
    """Follows the configuration, or the registry. One thread. Raises `ConfigError` at start."""

    def __init__(self, config_path: Path) -> None:
        self._opened = open_site(config_path, "fleet", None, load_worker_site)
        loaded, registry = self._opened.loaded, self._opened.registry
        self._registry = registry if isinstance(registry, RegistryReader) else None
        self._watch = ConfigWatch(config_path, loaded, registry, load_worker_site)
        self._configured = _of_site(self._watch.site)
        self._tables: ShareTables | None = None
        self._is_registered = self._registry is None or self._registry.unread is None
        self.version = 0

    @property
    def site(self) -> Site:
        return self._watch.site

    @property
    def unread(self) -> str | None:
        """Reason why the cameras are unknown, or None."""
        if self._registry is None:
            return None
        if self._registry.unread is not None:
            return self._registry.unread
        return (
            None if self._is_registered else "what the registry says was not applied, see the log"
        )

    @property
    def shut(self) -> frozenset[str]:
        """Cameras of the registry whose logins cannot be opened on this machine."""
        return frozenset() if self._registry is None else self._registry.shut

    def all(
        self, phones: Callable[[], Sequence[Mapping[str, Any]]]
    ) -> tuple[FleetCamera, ...] | None:
        """Return all cameras, None while unknown; the same object while nothing changes."""
        change = self._watch.poll()
        if self._registry is None or self._registry.unread is None:
            self._is_registered = (
                self._is_registered or change is not None or not self._watch.problems
            )
        if change is not None:
            self._configured = _of_site(self._watch.site)
            self._tables = None
            self.version += 1
        if self.unread is not None:
            return None
        configured_ids = {item.camera_id for item in self._configured}
        sending = tuple(
            FleetCamera(camera_id=str(phone["id"]), area=phone.get("area"))
            for phone in phones()
            if phone["id"] not in configured_ids
        )
        return (*self._configured, *sending) if sending else self._configured

    def tables(self, cameras: Iterable[str]) -> Tables:
        """Return the tables of these cameras; they change with `version`."""
        if self._tables is None:
            self._tables = ShareTables(self._watch.raw or RawConfig())
        return self._tables.of(cameras)


def _narrowed(rule: dict[str, Any], share: Mapping[str, Any]) -> dict[str, Any]:
    return {**rule, "cameras": [item for item in rule["cameras"] if item in share]}


def _by_id(entries: Iterable[ConfigEntry]) -> dict[str, dict[str, Any]]:
    return {str(table["id"]): table for table in _whole(entries) if "id" in table}


def _whole(entries: Iterable[ConfigEntry]) -> list[dict[str, Any]]:
    """Return the tables of entries whose secrets are all readable."""
    return [entry.table for entry in entries if entry.is_whole]


def _derived(token: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(token.encode())


def _bound(node: str, epoch: int) -> bytes:
    return json.dumps([node, epoch]).encode()


def _of_site(site: Site) -> tuple[FleetCamera, ...]:
    heavy = frozenset(site.cluster.heavy)
    return tuple(
        FleetCamera(camera_id=camera.id, area=camera.area, wants_gpu=camera.id in heavy)
        for camera in site.cameras
    )
