"""Last configuration in force, stored so that a restart survives broken files.

It contains secrets as the site's own files do, and is readable by its owner only.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from thapcanh.config.files import replace_file
from thapcanh.config.loading.files import StoredFiles
from thapcanh.config.loading.read import RawConfig
from thapcanh.config.site import SiteFacts

_FORM = "thapcanh.last-good.v1"
_DATA_DIR = re.compile(rb"""^\s*(?:site\s*\.\s*)?data_dir\s*=\s*["']([^"'\r\n]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastGood:
    """Files of a configuration, and when they were put in force (UTC unix seconds)."""

    files: StoredFiles
    kept_at: float


def keep(place: Path, config_path: Path, contents: Mapping[Path, bytes]) -> None:
    """Write down what is in force now, unless it is there already. Raises `OSError`."""
    before = last_good(place, config_path)
    if before is not None and before.files.contents == contents:
        return
    folder = config_path.parent
    retained = {
        "form": _FORM,
        "config": str(config_path.resolve()),
        "kept_at": time.time(),
        "files": {
            str(path.relative_to(folder)): content.decode("utf-8", "surrogateescape")
            for path, content in contents.items()
        },
    }
    place.parent.mkdir(parents=True, exist_ok=True)
    replace_file(place, json.dumps(retained), private=True)


def last_good(place: Path, config_path: Path) -> LastGood | None:
    """Return the stored copy of this configuration, or None if there is no readable one."""
    try:
        retained = json.loads(place.read_text(encoding="ascii"))
        if retained["form"] != _FORM or retained["config"] != str(config_path.resolve()):
            return None
        contents = {
            config_path.parent / str(name): str(text).encode("utf-8", "surrogateescape")
            for name, text in retained["files"].items()
        }
        return LastGood(files=StoredFiles(contents), kept_at=float(retained["kept_at"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def data_dir_of(path: Path, raw: RawConfig | None, content: bytes) -> Path:
    """Return the data folder of a configuration that cannot start; `content` is its main file."""
    site = raw.tables.get("site") if raw is not None else None
    named = site.get("data_dir") if isinstance(site, dict) else None
    if not isinstance(named, str):
        found = _DATA_DIR.search(content)
        named = found[1].decode("utf-8", "replace") if found else None
    default: Path = SiteFacts.model_fields["data_dir"].default
    return path.parent.resolve() / (named or default)
