"""Names of files from outside: whatever is asked for, only a file of the folder itself comes back.

The map's folder, the screens' folder and the evidence folder; beside each lies a file, and in each
a link to it, that none of them may give.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi.responses import FileResponse
from hypothesis import strategies as st

from tests.fuzz.runs import Run, is_clear
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.store.errors import EvidenceOutside
from thapcanh.app.centre.web.front_end import router as front_end
from thapcanh.app.map.site_map import map_file
from thapcanh.app.web_api.errors import ApiError

PARTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["..", ".", "", "/", "\\", "\x00", "%2e%2e", "…", "inside.png", "7", "beside.png", "root",
         "link.png", "x" * 300, "assets", "~", "\u202e", "inside.png/", "//", "..\\", "\ud800"]
    ),
)  # fmt: skip
NAMES = st.lists(PARTS, max_size=6).map("/".join)


class _Folder:
    """A folder with a file in it, a file beside it, and a link to that."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        (self.root / "7" / "7").mkdir(parents=True)
        (folder / "beside.png").write_bytes(b"beside")
        for place in (self.root, self.root / "7", self.root / "7" / "7"):
            (place / "inside.png").write_bytes(b"inside")
            (place / "link.png").symlink_to(folder / "beside.png")
        self.store = FolderStore(self.root)
        self.page: Callable[[str], Any] = front_end(self.root).routes[0].endpoint  # type: ignore[attr-defined]

    def check(self, name: str) -> None:
        self._is_inside(map_file(self.root, name))
        try:
            self._is_inside(self.store.path(name))
        except EvidenceOutside as error:
            is_clear(error)
        try:
            served = self.page(name)
        except ApiError as refused:
            is_clear(refused)
        else:
            assert served.status_code in (200, 503)
            if isinstance(served, FileResponse):
                self._is_inside(Path(served.path))

    def _is_inside(self, path: Path | None) -> None:
        assert path is None or path.resolve().is_relative_to(self.root.resolve())


def fuzz(run: Run) -> int:
    """Ask for each; see the module."""
    return run.tried(NAMES, _Folder(run.folder).check)
