"""What an earlier reading found, so that after an edit only what is another is judged again.

A city's 40,000 cameras are edited one at a time, in every process that follows the files.
"""

from dataclasses import replace

from config.loading.read import LISTS, ConfigEntry, RawConfig


def take_over(raw: RawConfig, before: RawConfig) -> None:
    """Give each entry of `raw` what was judged of the same entry `before`."""
    for name in LISTS:
        if not raw.entries[name]:
            continue
        known = {_key(entry): entry for entry in before.entries[name]}
        raw.entries[name] = [_judged(entry, known.get(_key(entry))) for entry in raw.entries[name]]


def _key(entry: ConfigEntry) -> tuple[str, str]:
    """By its id: an entry that is put in above moves all others on."""
    return entry.file, str(entry.table.get("id"))


def _judged(entry: ConfigEntry, before: ConfigEntry | None) -> ConfigEntry:
    """A problem names the entry's place, so what has one is taken over in the same place alone."""
    if before is None or not before.memo or not _is_same(before, entry):
        return entry
    if before.path != entry.path and before.memo["problems"]:
        return entry
    return replace(entry, memo=before.memo)


def _is_same(one: ConfigEntry, other: ConfigEntry) -> bool:
    """Written the same: `true` equals 1 in Python, and is something else in a configuration."""
    try:
        return one.is_whole == other.is_whole and repr(one.table) == repr(other.table)
    except RecursionError:
        return False
