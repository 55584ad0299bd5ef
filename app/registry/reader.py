"""Reader of the registry for one process, kept current by `poll`.

Owned by one thread.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from thapcanh.alerts.registry.records import WATCH_AREAS, EntryKind, RegisteredEntry
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.registry.areas_in_force import AreasInForce
from thapcanh.config.credentials import CameraCredentials, CredentialError, CredentialKey
from thapcanh.config.files import replace_file
from thapcanh.config.loading.read import ConfigEntry
from thapcanh.config.problem import ConfigProblem, Weight, explain
from thapcanh.config.registry.entries import (
    REGISTRY,
    SOURCES,
    RegistryEntries,
    Validity,
    registry_entry,
    reveal,
    with_secrets,
    without_validity,
)
from thapcanh.config.secret import resolve_references

log = logging.getLogger(__name__)

STORE_EVERY_S = 30.0  # of a registry that changes all the time, the copy is at most so old
_FORM = "thapcanh.registry.v1"
_NO_VARIABLES: Mapping[str, str] = {}


class RegistrySource(Protocol):
    """Where the registry is stored."""

    def since(self, revision: int) -> tuple[int, list[RegisteredEntry]]:
        """Return the last revision and the changes after this one; raises `AlertsError`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """Reader's settings. `has` tells which cameras concern this process; `copy` is its file."""

    config_path: Path
    copy: Path | None = None
    takes_targets: bool = False
    """True if it delivers: nobody else opens the targets' secrets."""
    has: Callable[[str], bool] = lambda _: True


@dataclass(slots=True, kw_only=True)
class _Held:
    """One entry as read, and until when its camera is watched."""

    row: RegisteredEntry
    entry: ConfigEntry
    validity: Validity


class RegistryReader:
    """Registry as far as it concerns this process."""

    def __init__(
        self, source: RegistrySource, settings: ReaderSettings, environ: Mapping[str, str]
    ) -> None:
        self._source = source
        self._settings = settings
        self._key = CredentialKey(environ)
        self._credentials = CameraCredentials(settings.config_path, environ)
        self._held: dict[str, dict[str, _Held]] = {kind: {} for kind in EntryKind}
        self._areas = AreasInForce(settings.has, settings.config_path.parent)
        self._problems: dict[tuple[str, str], ConfigProblem] = {}
        self._revision = 0
        self._watched: frozenset[str] = frozenset()
        self._settled_at = 0.0
        self._next_change: float | None = None
        self._store_at: float | None = None
        self._was_read = False
        self._shut: set[str] = set()
        self.away: str | None = None

    @property
    def unread(self) -> str | None:
        """Reason why the registry is unknown: no database has answered, and there is no copy."""
        return None if self._was_read else self.away

    @property
    def shut(self) -> frozenset[str]:
        """Cameras that are there, and whose secrets this process could never open."""
        return frozenset(self._shut - self._held[EntryKind.CAMERAS].keys())

    def start(self) -> None:
        """Read everything; from the copy where the database does not answer."""
        self.poll(time.time())
        if self.away is not None and self._settings.copy is not None:
            rows = _read_copy(self._settings.copy)
            self._was_read = bool(rows)
            self._receive(rows)
            self._watch(time.time())

    def poll(self, now: float) -> bool:
        """Read what changed; return whether the site may be another now."""
        try:
            revision, rows = self._source.since(self._revision)
        except AlertsError as error:
            self._note_away(str(error))
            rows = []
        else:
            self._note_away(None)
            self._was_read = True
            self._revision = revision
        concerns = self._receive(rows)
        self._keep(now, changed=bool(rows))
        due = self._next_change is not None and now >= self._next_change
        due = due or now < self._settled_at  # the clock was set back
        return self._watch(now) if concerns or due else False

    def entries(self) -> RegistryEntries:
        """Return the current entries, for `thapcanh.config.load`."""
        lists: dict[str, list[ConfigEntry]] = {
            kind: [held.entry for held in self._held[kind].values()]
            for kind in (EntryKind.AGENCIES, EntryKind.AREAS, EntryKind.TARGETS)
        }
        cameras = self._held[EntryKind.CAMERAS]
        watched = {name: held.entry for name, held in cameras.items() if name in self._watched}
        lists[EntryKind.CAMERAS], of_areas = self._areas.add_to(watched)
        own = [held.entry for held in self._held[EntryKind.RULES].values()]
        lists[EntryKind.RULES] = own + of_areas
        return RegistryEntries(entries=lists, problems=tuple(self._problems.values()))

    def _watch(self, now: float) -> bool:
        """Settle what is watched at this time; True, since something changed."""
        self._settled_at = now
        self._areas.settle(now)
        cameras = self._held[EntryKind.CAMERAS].items()
        self._watched = frozenset(name for name, held in cameras if held.validity.holds(now))
        coming = [held.validity.next_change(now) for _, held in cameras]
        coming.append(self._areas.next_change(now))
        self._next_change = min((at for at in coming if at is not None), default=None)
        return True

    def _receive(self, rows: Iterable[RegisteredEntry]) -> bool:
        """Take rows in; return whether any concerns this process."""
        changed = False
        for row in rows:
            if row.kind == WATCH_AREAS:
                changed = self._apply_area(row) or changed
                continue
            if row.kind not in self._held:
                continue
            if row.kind == EntryKind.CAMERAS and not self._settings.has(row.id):
                continue
            if row.kind == EntryKind.TARGETS and not self._settings.takes_targets:
                continue
            changed = True
            self._problems.pop((row.kind, row.id), None)
            self._shut.discard(row.id)
            if row.document is None:
                self._held[row.kind].pop(row.id, None)
                continue
            self._apply_entry(row, row.document)
        return changed

    def _apply_area(self, row: RegisteredEntry) -> bool:
        """Apply an area; an unreadable one leaves the last one in force and is reported."""
        self._problems.pop((row.kind, row.id), None)
        try:
            return self._areas.take(row)
        except ValidationError as error:
            self._problems[row.kind, row.id] = _problem(row, _stated(error))
            return True

    def _apply_entry(self, row: RegisteredEntry, document: Mapping[str, Any]) -> None:
        """Apply an entry; an unreadable one leaves the last one in force and is reported."""
        try:
            held = self._read(row, document)
        except (CredentialError, LookupError, ValidationError) as error:
            self._problems[row.kind, row.id] = _problem(row, _stated(error))
            if row.kind == EntryKind.CAMERAS and not isinstance(error, ValidationError):
                self._shut.add(row.id)
            return
        if held is None:
            self._held[row.kind].pop(row.id, None)
        else:
            self._held[row.kind][row.id] = held

    def _read(self, row: RegisteredEntry, document: Mapping[str, Any]) -> _Held | None:
        folder = self._settings.config_path.parent
        table, validity = dict(document), Validity()
        if row.kind == EntryKind.CAMERAS:
            camera, facts = without_validity(reveal(document, row.sealed, self._key))
            validity = Validity.model_validate_json(json.dumps(facts), strict=True)
            table = {
                name: self._resolved(value) if name in SOURCES else value
                for name, value in camera.items()
            }
        elif row.kind == EntryKind.TARGETS:
            table = with_secrets(document, row.sealed, self._key)
        elif row.kind == EntryKind.RULES and isinstance(table.get("cameras"), list):
            table["cameras"] = [name for name in table["cameras"] if self._settings.has(name)]
            if not table["cameras"]:
                return None
        return _Held(
            row=row, entry=registry_entry(row.kind, row.id, table, folder), validity=validity
        )

    def _resolved(self, source: Any) -> Any:
        """Return the source with logins resolved; other references are refused."""
        if not isinstance(source, str):
            return source
        return resolve_references(source, _NO_VARIABLES, in_url=True, credentials=self._credentials)

    def _note_away(self, why: str | None) -> None:
        if why is not None and self.away is None:
            log.warning("the registry is away, what was read last stays in force: %s", why)
        elif why is None and self.away is not None:
            log.info("the registry is back")
        self.away = why

    def _keep(self, now: float, *, changed: bool) -> None:
        """Write the copy, soon after a change but not for each."""
        path = self._settings.copy
        if path is None or self.away is not None:
            return
        if changed and self._store_at is None:
            self._store_at = now if not path.exists() else now + STORE_EVERY_S
        if self._store_at is not None and now >= self._store_at:
            self._store_at = None
            held = [item.row for kind in self._held.values() for item in kind.values()]
            _write_copy(path, [asdict(row) for row in (*held, *self._areas.rows())])


def _stated(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{key}: {words}" for key, words in explain(error, {}, Validity))
    return str(error.args[0] if error.args else error)


def _problem(row: RegisteredEntry, message: str) -> ConfigProblem:
    path = f"{row.kind}.{row.id}"
    return ConfigProblem(file=REGISTRY, path=path, message=message, weight=Weight.SET_ASIDE)


def _read_copy(path: Path) -> list[RegisteredEntry]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = content["entries"] if content["form"] == _FORM else []
        found = [RegisteredEntry(**row) for row in rows]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, LookupError, TypeError) as error:
        log.warning("the registry's copy %s cannot be read: %s", path, type(error).__name__)
        return []
    log.warning("the registry is read from its copy %s: %d entries", path, len(found))
    return found


def _write_copy(path: Path, rows: list[dict[str, Any]]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps({"form": _FORM, "entries": rows}))
    except OSError as error:
        log.warning("the registry's copy %s cannot be written: %s", path, error.strerror)
