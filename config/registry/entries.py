"""Entries of a registry: cameras, rules, agencies, areas and targets from a database."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, model_validator

from thapcanh.config.credentials import CredentialError, CredentialKey
from thapcanh.config.frozen import Frozen
from thapcanh.config.loading.read import ConfigEntry, RawConfig
from thapcanh.config.problem import ConfigProblem, Weight
from thapcanh.config.secret import MASK, mask_url

REGISTRY = "registry"
"""Stands in a problem where the name of a file would."""
SOURCES = ("source", "main_source")
REFERENCE = re.compile(r"\$\{(env|file|credential):")
REGISTERED = ("agencies", "areas", "cameras", "rules")
"""The lists that a registry holds in place of the files."""
ADDED = ("targets",)
"""The lists that it adds to: nobody whom the files name is told no more for it."""
VALIDITY = ("enabled", "valid_from", "valid_to")
_USER = re.compile(rf"(?<=//)[^/@]*:{re.escape(MASK)}@")


class Validity(Frozen):
    """Period in which a registered camera is watched."""

    enabled: bool = True
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None

    @model_validator(mode="after")
    def _checked(self) -> "Validity":
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise ValueError("valid_from must be before valid_to")
        return self

    def holds(self, now: float) -> bool:
        """Return whether the camera is watched at `now` (UTC unix seconds)."""
        started = self.valid_from is None or self.valid_from.timestamp() <= now
        ended = self.valid_to is not None and self.valid_to.timestamp() <= now
        return self.enabled and started and not ended

    def next_change(self, now: float) -> float | None:
        timestamps = [at.timestamp() for at in (self.valid_from, self.valid_to) if at is not None]
        coming = [at for at in timestamps if at > now]
        return min(coming) if coming and self.enabled else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntries:
    """Content of a registry by list; `problems` are of unreadable entries."""

    entries: Mapping[str, Sequence[ConfigEntry]]
    problems: Sequence[ConfigProblem] = ()

    def replace_in(self, raw: RawConfig) -> None:
        """Replace the lists of the files, and report if that leaves no camera."""
        dropped = len(raw.entries["cameras"])
        raw.problems = [one for one in raw.problems if not one.path.startswith(REGISTERED)]
        for name in REGISTERED:
            raw.entries[name] = list(self.entries.get(name, ()))
        for name in ADDED:
            raw.entries[name].extend(self.entries.get(name, ()))
        raw.problems.extend(self.problems)
        if dropped and not raw.entries["cameras"]:
            raw.problems.append(
                ConfigProblem(
                    file=REGISTRY,
                    path="cameras",
                    message=f"is empty, and the {dropped} of the files are not watched: "
                    '`thapcanh cameras import thapcanh.toml`, or [registry] source = "files"',
                    weight=Weight.SET_ASIDE,
                )
            )


def registry_entry(kind: str, name: str, table: dict[str, Any], folder: Path) -> ConfigEntry:
    """Return a registry's entry for `config.load`; relative paths in it are below `folder`."""
    path = f"{kind}.{name}"
    return ConfigEntry(file=REGISTRY, folder=folder, path=path, table=table, is_whole=True)


def masked_source(url: str) -> str:
    """Return an address without login and secrets; a credential reference stays."""
    return url if REFERENCE.search(url) else _USER.sub(f"{MASK}@", mask_url(url))


CAMERA_SECRETS: Mapping[str, Callable[[str], str]] = dict.fromkeys(SOURCES, masked_source)
"""Which keys of a camera are encrypted, and how each is shown."""


def conceal(
    table: Mapping[str, Any],
    sealed: str | None,
    key: CredentialKey,
    secrets: Mapping[str, Callable[[str], str]] = CAMERA_SECRETS,
) -> tuple[dict[str, Any], str | None]:
    """Return the table with masked secrets, and the token that holds the whole ones.

    `sealed` is the token in force: a masked address keeps the login from it. Raise
    `CredentialError` if that login is missing or there is no key.
    """
    shown, whole = dict(table), {}
    existing = opened_sources(table, sealed, key)
    for name, masked in secrets.items():
        value = table.get(name)
        if not isinstance(value, str):
            continue
        if MASK in value:
            if name not in existing or masked(existing[name]) != value:
                raise CredentialError(f"{name}: the address is another; write its login again")
            whole[name] = existing[name]
        elif masked(value) != value:
            whole[name] = value
            shown[name] = masked(value)
    if not whole or whole == existing:
        return shown, sealed if whole else None
    return shown, key.closed(json.dumps({"id": table.get("id"), **whole}))


def reveal(table: Mapping[str, Any], sealed: str | None, key: CredentialKey) -> dict[str, Any]:
    """Return the table with whole addresses. Raise `CredentialError` without the right key."""
    existing = opened_sources(table, sealed, key)
    whole = dict(table)
    for name in SOURCES:
        value = table.get(name)
        if isinstance(value, str) and MASK in value:
            if name not in existing or masked_source(existing[name]) != value:
                raise CredentialError(f"{name}: its login is not that of this address")
            whole[name] = existing[name]
    return whole


def with_secrets(
    table: Mapping[str, Any], sealed: str | None, key: CredentialKey
) -> dict[str, Any]:
    """Return a target's table with its secrets. Raise `CredentialError` without the right key."""
    existing = opened_sources(table, sealed, key)
    return {**table, **{name: value for name, value in existing.items() if name in table}}


def opened_sources(
    table: Mapping[str, Any], sealed: str | None, key: CredentialKey
) -> dict[str, str]:
    """Return the whole addresses in the token; a token of another camera gives none."""
    if sealed is None:
        return {}
    found: dict[str, str] = json.loads(key.opened(sealed, f"the login of {table.get('id')!r}"))
    return found if found.pop("id", None) == table.get("id") else {}


def without_validity(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    camera = {key: value for key, value in table.items() if key not in VALIDITY}
    return camera, {key: table[key] for key in VALIDITY if key in table}
