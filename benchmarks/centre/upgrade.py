"""`python -m benchmarks.centre.upgrade`: the upgrade of a large archive of the oldest schema.

The small archive of that schema is multiplied in SQL: each alert with its events and changes, each
incident with its steps, under keys of their own. Its rows were not sealed by programs of that time,
so the upgrade seals every one of them. Prints seconds, processor seconds, and the room it took.
"""

import argparse
import gzip
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.upgrade.progress import UpgradeProgress, UpgradeState

OLDEST = Path("tests/alerts/store/archives/0010_evidence_gone.sqlite.gz")
TABLES = (
    "alert", "event", "episode_event", "alert_change",
    "incident", "incident_member", "incident_step", "incident_change",
)  # fmt: skip
_APART = 1_000_000  # between the numbers of one copy and of the next
_SHOWN_EVERY_S = 5.0


def main() -> None:
    """Make the archive, bring it up to date, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, help="where there is room: 10 KB an alert")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "archive.sqlite"
        path.write_bytes(gzip.decompress(OLDEST.read_bytes()))
        count = multiply(path, options.alerts)
        before, began, used = path.stat().st_size, time.monotonic(), time.process_time()
        with closing(Database(sqlite_url(path))) as database:
            database.upgrade(progress=UpgradeProgress(_shown()))
        took_s, used_s = time.monotonic() - began, time.process_time() - used
        after = path.stat().st_size
    print(  # noqa: T201 this is a command
        f"{count} alerts: {took_s:.0f} s, {used_s:.0f} s of processor; "
        f"{before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after"
    )


def multiply(path: Path, alerts: int) -> int:
    """Copy the rows until there are so many alerts, or a few more; return how many."""
    with closing(sqlite3.connect(path, isolation_level=None)) as archive:
        archive.execute("BEGIN")
        (there,) = archive.execute("SELECT count(*) FROM alert").fetchone()
        for table in TABLES:
            archive.execute(_statement(archive, table, -(-alerts // there)))
        archive.execute("COMMIT")
        (count,) = archive.execute("SELECT count(*) FROM alert").fetchone()
    return int(count)


def _statement(archive: sqlite3.Connection, table: str, copies: int) -> str:
    columns = archive.execute(f"PRAGMA table_info({table})").fetchall()
    keys = {name for _, name, _, _, _, is_key in columns if is_key}
    for _, name, is_unique, *_ in archive.execute(f"PRAGMA index_list({table})").fetchall():
        if is_unique:
            keys |= {row[2] for row in archive.execute(f"PRAGMA index_info({name})")}
    keys |= {row[3] for row in archive.execute(f"PRAGMA foreign_key_list({table})")}
    values = [_copied(name, kind, is_key=name in keys) for _, name, kind, *_ in columns]
    return (
        f"WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {copies - 1})"  # noqa: S608 E501
        f" INSERT OR IGNORE INTO {table} SELECT {', '.join(values)} FROM {table}, copy"
    )


def _copied(name: str, kind: str, *, is_key: bool) -> str:
    if not is_key or name in ("kind", "action", "step"):
        return f'"{name}"'
    return f'"{name}" + n * {_APART}' if "INT" in kind.upper() else f"\"{name}\" || '-' || n"


def _shown() -> Callable[[UpgradeState], None]:
    shown_at = time.monotonic()

    def show(state: UpgradeState) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= _SHOWN_EVERY_S:
            shown_at = time.monotonic()
            sys.stderr.write(f"{state.done} of {state.total} parts, {state.part} {state.rows}\n")

    return show


if __name__ == "__main__":
    main()
