"""Identity of the disk or share mounted at a folder: an id file on it, remembered locally.

Calls touch the store, may block while it hangs, and raise `OSError`.
"""

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from uuid6 import uuid7

from thapcanh.config.files import create_file, replace_file

STORE_ID_FILE = ".thapcanh-store"
_MAX_ID_BYTES = 64


class StoreWrong(Exception):
    """Error for another store, or none, in the place of the expected one."""


class IdentifiedStore(Protocol):
    """Store with a place for an id."""

    @property
    def shown(self) -> str: ...

    def read_id(self) -> str | None: ...

    def give_id(self, store_id: str) -> None:
        """Write the id, unless another was faster."""
        ...


class StoreFolder:
    """A folder that carries its id in a file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def shown(self) -> str:
        return str(self._root)

    def read_id(self) -> str | None:
        return read_id_file(self._root / STORE_ID_FILE)

    def give_id(self, store_id: str) -> None:
        """Write the id atomically, so that nobody reads half of it."""
        self._root.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another was faster
            create_file(self._root / STORE_ID_FILE, store_id + "\n")


class ExpectedStore:
    """Comparison of a store's id with the remembered one; thread-safe."""

    def __init__(self, store: IdentifiedStore, remembered: Path, *, name: str, part: str) -> None:
        """Create it; without the file `remembered` (on a local disk) the store's id is adopted.

        Messages use `name` for the store and `part` for what is mounted.
        """
        self._store = store
        self._remembered = remembered
        self._name = name
        self._part = part

    @property
    def known(self) -> str | None:
        """Remembered id; None before the store was first seen."""
        return read_id_file(self._remembered)

    def expect(self, store_id: str) -> None:
        """Remember another id: the store was replaced on purpose."""
        self._remembered.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._remembered, store_id + "\n")

    def claim(self) -> str:
        """Return the id for a writer; give one to a new store. Raise `StoreWrong`."""
        return self.confirm() or self._begin()

    def confirm(self) -> str | None:
        """Return the id for a reader; None for an unmarked, unknown store. Raise `StoreWrong`."""
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
    """Return the id in a file, or None. Raise `OSError` if it is unreadable."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_ID_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return text.decode("ascii", errors="replace").strip() or None
