"""A small archive of this program's schema, as a fixture for all that come after it.

`python -m tests.alerts.store.small_archive` writes `archives/<revision>.sqlite.gz`: officers,
alerts in each state, a call and its incident. Run it once with each new schema, and keep the file
for ever: `test_old_archives.py` fails while the newest schema has none.
"""

import gzip
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from tests.app.web_api.centre import Centre, Desk, serving
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.roles import Role
from thapcanh.alerts.store.schema_version import newest_revision

ARCHIVES = Path(__file__).with_name("archives")


def main() -> None:
    """Write the file of the newest schema, over one that is there."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "archive.sqlite"
        fill(made)
        with closing(sqlite3.connect(made)) as written:
            written.execute("PRAGMA journal_mode = DELETE")
            written.execute("VACUUM")
        ARCHIVES.mkdir(exist_ok=True)
        packed = gzip.compress(made.read_bytes(), mtime=0)
        (ARCHIVES / f"{newest_revision()}.sqlite.gz").write_bytes(packed)


def fill(path: Path) -> None:
    """Let officers work for a moment on a new archive."""
    archive = Archive(sqlite_url(path))
    centre = Centre(archive=archive, folder=path.parent)
    centre.add_user("an", Role.OPERATOR)
    centre.add_user("binh", Role.LEADER)
    new, taken, confirmed, rejected, closed = (centre.raise_alert() for _ in range(5))
    with serving(centre) as served, Desk(served.address) as officer:
        officer.log_in("an")
        for alert in (taken, confirmed, rejected, closed):
            officer.act(alert, "acknowledge").raise_for_status()
        for alert in (confirmed, closed):
            officer.act(alert, "confirm", 2).raise_for_status()
        officer.act(rejected, "reject", 2, reason="steam").raise_for_status()
        officer.act(closed, "close", 3).raise_for_status()
        officer.act(new, "note", note="Khói ở tầng 3").raise_for_status()
        called = {"kind": "fire", "line": "114", "place": {"text": "12 Hàng Bài"}, "words": "cháy"}
        officer.post("/api/v1/calls", json=called).raise_for_status()
    archive.close()


if __name__ == "__main__":
    main()
