"""The log's signed end: made, sent into a folder elsewhere, and held against the log."""

import json
from pathlib import Path

import pytest

from alerts.archive import Archive
from alerts.archive.repositories.evidence.cases import seal_at
from alerts.evidence.log_head import LogHead, LogHeadError, new_key, read, signed
from app.centre.log_heads import LogHeadSender
from config.site import LogHeads, Site
from tests.alerts.desk import NOW, take


def _site(folder: Path) -> Site:
    heads = LogHeads(drop=folder, key_file=folder / "head.key")
    return Site(log_heads=heads)


def test_the_end_is_sent_signed_and_is_the_logs(sqlite_archive: Archive, tmp_path: Path) -> None:
    public = new_key(tmp_path / "head.key")
    take(sqlite_archive, 1)
    LogHeadSender(lambda: _site(tmp_path), sqlite_archive.database, lambda: NOW).round()
    (path,) = tmp_path.glob("log-head-*.json")
    head = read(path, public)
    assert seal_at(sqlite_archive.database, head.seq) == head.hash
    assert (head.at, head.seq) == (NOW, 1)
    said = json.loads(path.read_text("utf-8"))
    for forged in ({**said, "hash": "0" * 64}, {**said, "sig": ""}, {**said, "seq": 2}):
        path.write_text(json.dumps(forged), "utf-8")
        with pytest.raises(LogHeadError, match="not signed by the key"):
            read(path, public)
    path.write_text("{}", "utf-8")
    with pytest.raises(LogHeadError, match="is not a statement"):
        read(path, None)


def test_what_cannot_be_sent_stops_nothing(
    sqlite_archive: Archive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sender = LogHeadSender(lambda: _site(tmp_path / "gone"), sqlite_archive.database, lambda: NOW)
    sender.round()
    assert "the log's end is not sent" in caplog.text
    LogHeadSender(Site, sqlite_archive.database, lambda: NOW).round()  # nothing is asked for
    with pytest.raises(LogHeadError, match="cannot be used"):
        signed(LogHead(site="s", at=1.0, seq=1, hash="h"), tmp_path / "none")
