"""What a program says of itself, and the way back to the release before, with that one's data."""

import io
import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from alerts.lifecycle.archive import Archive
from alerts.queue.fake_events import FIRST_AT, fake_message
from alerts.store.database import sqlite_url
from alerts.store.releases import RELEASES
from alerts.store.schema_version import newest_revision
from app.cli import version
from app.cli.main import main
from detection.detectors.model_card import shipped_cards
from tests.alerts.toy_migration import TOY, add_toy_migration


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "thapcanh.toml"
    path.write_text('[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n')
    return path


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table's rows, and the tables themselves."""
    with closing(sqlite3.connect(path)) as database:
        made = (
            "SELECT type, name, sql FROM sqlite_master"
            " WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"  # SQLite's own stay once made
        )
        tables = database.execute(made).fetchall()
        return {
            "": [(kind, name, re.sub(r'[\s"]+', "", text or "")) for kind, name, text in tables],
            **{
                name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)  # noqa: S608
                for kind, name, _ in tables
                if kind == "table"
            },
        }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The archive of the site, with an alert in it."""
    path = tmp_path / "data" / "archive.sqlite"
    archive = Archive(sqlite_url(path))
    archive.take_in(fake_message(1), queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    archive.close()
    return path


def test_the_data_of_a_release_goes_forward_and_back(
    config: Path,
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = content(path)
    released = add_toy_migration(tmp_path, monkeypatch)
    monkeypatch.setitem(RELEASES, "0.1.0", released)
    archive = Archive(sqlite_url(path))
    assert len(archive.alerts().items) == 1
    assert archive.verify_chain().ok
    archive.close()
    assert "toy" in content(path)
    assert main(["downgrade", "--yes", "-c", str(config), "0.1.0"]) == 0
    assert f"{TOY} -> {released}" in capsys.readouterr().out
    after = content(path)
    grown = {"", "action_log", "ledger"}  # each migration is written into the log
    rows = {name: found for name, found in after.items() if name not in grown}
    assert rows == {name: found for name, found in before.items() if name not in grown}
    assert all(entry in after["action_log"] for entry in before["action_log"])
    assert {each[:2] for each in after[""]} == {each[:2] for each in before[""]}


@pytest.mark.parametrize("wanted", ["{newest}", "{number}"])
def test_an_older_program_is_named_by_its_schema_too(
    wanted: str, config: Path, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = add_toy_migration(tmp_path, monkeypatch)
    Archive(sqlite_url(path)).close()
    number = str(int(newest.partition("_")[0]))
    named = wanted.format(newest=newest, number=number)
    assert main(["downgrade", "--yes", "-c", str(config), named]) == 0
    assert "toy" not in content(path)


@pytest.mark.parametrize("wanted", ["9.9", "head", "base", "0013_lived_days"])
def test_a_release_that_nobody_knows_is_refused_in_one_line(
    wanted: str, config: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["downgrade", "--yes", "-c", str(config), wanted]) == 1
    said = capsys.readouterr().err
    assert f"{wanted} is no release" in said
    assert newest_revision() in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("answer", ["", "no\n", "y\n"])
def test_the_archive_goes_back_only_when_it_is_meant(
    answer: str,
    config: Path,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    older = newest_revision()
    add_toy_migration(path.parent, monkeypatch)
    Archive(sqlite_url(path)).close()
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert main(["downgrade", "-c", str(config), older]) == 1
    told = capsys.readouterr()
    assert f"goes back to {older}" in told.out
    assert "nothing was changed" in told.err
    assert "toy" in content(path)
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert main(["downgrade", "-c", str(config), older]) == 0
    assert "toy" not in content(path)


def test_what_is_older_already_is_left_alone(
    config: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(path)
    assert main(["downgrade", "--yes", "-c", str(config), newest_revision()]) == 1
    assert "nothing to take back" in capsys.readouterr().err
    assert content(path) == before


def test_a_program_says_its_commit_its_schema_and_its_weights(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / "build.json"
    built.write_text(json.dumps({"commit": "0123abc"}), encoding="utf-8")
    monkeypatch.setattr(version, "BUILD_FILE", built)
    assert main(["version"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("thapcanh ")
    assert said[1:3] == ["commit 0123abc", f"schema {newest_revision()}"]
    assert said[3:] == [f"weights {card.name} {card.sha256}" for card in shipped_cards()]


def test_the_commit_of_a_source_tree_is_gits(tmp_path: Path) -> None:
    assert version.described(tmp_path) == "unknown"
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    assert re.fullmatch(r"[0-9a-f]{40}", version.described(tmp_path))
