"""What tells a centre from others: its host, and a few letters that its data folder keeps."""

import secrets
from contextlib import suppress
from pathlib import Path

from alerts.archive.coordination.session import centre_name
from app.site_paths import site_paths_of
from config.site import Site

_ID_FILE = "centre-id"
_ID_LETTERS = frozenset("0123456789abcdef")


def name_of(site: Site) -> str:
    """The same after a restart on the same data folder."""
    return centre_name(_folder_id(site_paths_of(site).data_dir))


def _folder_id(folder: Path) -> str:
    """A few letters that are made once; empty where they cannot be kept."""
    path = folder / _ID_FILE
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with suppress(FileExistsError), path.open("x", encoding="ascii") as file:
                file.write(secrets.token_hex(3))
        found = path.read_text(encoding="ascii", errors="replace").strip()
        if found and _ID_LETTERS.issuperset(found):
            return found[:12]
    return ""
