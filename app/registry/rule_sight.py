"""Which rules somebody sees whose sight ends at an agency or area.

A rule has no owner but its cameras': one for every camera is seen by all, another by who sees one
of its cameras, and then without the names of the others.
"""

from collections.abc import Sequence
from dataclasses import replace

from alerts.lifecycle.roles import EVERYTHING, DataFilter
from alerts.registry.records import EntryKind, RegisteredEntry
from alerts.registry.repository import RegistryRepository
from config.rules import EVERY_CAMERA


def seen_rules(
    repository: RegistryRepository, rules: Sequence[RegisteredEntry], scope: DataFilter
) -> list[RegisteredEntry]:
    """The rules of these that are seen, each with the cameras that are seen."""
    if scope == EVERYTHING:
        return list(rules)
    named = sorted({camera for rule in rules for camera in _cameras(rule)})
    owners = repository.entries(EntryKind.CAMERAS, named)
    seen = {
        name
        for name, entry in owners.items()
        if entry.document and scope.sees(entry.document.get("agency"), entry.document.get("area"))
    }
    cut = [_cut(rule, seen) for rule in rules]
    return [rule for rule in cut if rule is not None]


def _cut(rule: RegisteredEntry, seen: set[str]) -> RegisteredEntry | None:
    cameras = _cameras(rule)
    if not cameras:
        return rule
    own = [name for name in cameras if name in seen]
    if not own:
        return None
    return replace(rule, document={**(rule.document or {}), "cameras": own})


def _cameras(rule: RegisteredEntry) -> list[str]:
    """The cameras that a rule names; none where it is for every camera."""
    named = (rule.document or {}).get("cameras", EVERY_CAMERA)
    return [] if named == EVERY_CAMERA else list(named)
