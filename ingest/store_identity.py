"""Which disk or share is mounted where files are kept: an id in a file on it, and remembered here.

A folder whose disk is not mounted, or that has another disk in its place, is so refused instead of
filled. Evidence and recordings are known by it. Asking touches the store, and may block for as long
as that hangs. Raises `OSError` as a disk does.
"""

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from uuid6 import uuid7

from thapcanh.config.files import create_file, replace_file

STORE_ID_FILE = ".thapcanh-store"
_MAX_ID_BYTES = 64


class StoreWrong(Exception):
    """Another store, or none, is where the known one should be."""


class IdentifiedStore(Protocol):
    """What has a place for an id."""

    @property
    def shown(self) -> str:
        """Its place in words."""
        ...

    def read_id(self) -> str | None:
        """The id; None where it has none."""
        ...

    def give_id(self, store_id: str) -> None:
        """Give it an id, unless another was faster."""
        ...


class StoreFolder:
    """A folder that carries its id in a file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def shown(self) -> str:
        """The folder."""
        return str(self._root)

    def read_id(self) -> str | None:
        """The id in the folder's file."""
        return read_id_file(self._root / STORE_ID_FILE)

    def give_id(self, store_id: str) -> None:
        """Written under another name first, so that nobody reads half of it."""
        self._root.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another was faster
            create_file(self._root / STORE_ID_FILE, store_id + "\n")


class KnownStore:
    """Compares the id in a store with the one that is remembered. Any thread may use it."""

    def __init__(self, store: IdentifiedStore, remembered: Path, *, name: str, part: str) -> None:
        """`remembered` is a file on a local disk; without it the store's own id is adopted.

        `name` is the store's and `part` what is mounted for it, in messages.
        """
        self._store = store
        self._remembered = remembered
        self._name = name
        self._part = part

    @property
    def known(self) -> str | None:
        """The remembered id; None before the store was first seen."""
        return read_id_file(self._remembered)

    def expect(self, store_id: str) -> None:
        """Remember another id: the store was replaced on purpose."""
        self._remembered.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._remembered, store_id + "\n")

    def claim(self) -> str:
        """For who writes: return the id, and give one to a store that begins.

        Raises `StoreWrong` where it is not the known store.
        """
        return self.confirm() or self._begin()

    def confirm(self) -> str | None:
        """For who reads: return the id, None of a store that has none and was never known.

        Raises `StoreWrong` where it is not the known store.
        """
        known, found = self.known, self._store.read_id()
        if known is None and found is not None:
            self.expect(found)
        elif found != known:
            raise StoreWrong(self._refusal(known, found))
        return found

    def _refusal(self, known: str | None, found: str | None) -> str:
        what = f"is not {self._name} (no {STORE_ID_FILE} in it): mount its {self._part}"
        if found is not None:
            another = self._name.replace("the", "another", 1)
            what = f"holds {another} ({found} instead of {known}): mount the right {self._part}"
        return f"{self._store.shown} {what}; if replaced on purpose, remove {self._remembered}"

    def _begin(self) -> str:
        self._store.give_id(str(uuid7()))
        found = self.confirm()
        if found is None:
            raise OSError(f"{STORE_ID_FILE} cannot be read back")
        return found


def read_id_file(path: Path) -> str | None:
    """The id in a file; None where there is none. Raises `OSError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_ID_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return text.decode("ascii", errors="replace").strip() or None
