"""What a program says of itself, and the way back to the release before, with that one's data."""

import io
import json
import re
import sqlite3
import subprocess
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from tests.alerts.toy_migration import TOY, add_toy_migration
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.releases import RELEASES
from thapcanh.alerts.store.schema_version import newest_revision, scripts
from thapcanh.app.cli import version
from thapcanh.app.cli.main import main
from thapcanh.detection.detectors.model_card import shipped_cards

ROOT = Path(__file__).parents[3]
NAMES_THE_VERSION = {
    "pyproject.toml": r'^version = "(.*)"$',
    "app/web/package.json": r'^  "version": "(.*)"',
    "deploy/compose.yaml": r"THAPCANH_VERSION:-([0-9.]+)",
    "deploy/kubernetes/thapcanh/Chart.yaml": r'ersion: "?([0-9.]+)',
    "docs/servers.md": r"(?:thapcanh[-:]|THAPCANH_VERSION=)([0-9]+\.[0-9]+\.[0-9]+)",
    "docs/city.md": r"(?:thapcanh-|version )([0-9]+\.[0-9]+\.[0-9]+)\b",
}


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
    monkeypatch.setitem(RELEASES, "0.2.0", (released, released))
    archive = Archive(sqlite_url(path))
    assert len(archive.alerts().items) == 1
    assert archive.verify_chain().ok
    archive.close()
    assert "toy" in content(path)
    assert main(["downgrade", "--yes", "-c", str(config), "0.2.0"]) == 0
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


def test_a_version_that_several_schemas_share_is_refused_and_names_them(
    config: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0.1.0 is the name of programs with schemas 0010 to 0028: it went back to one of them."""
    before = content(path)
    assert main(["downgrade", "--yes", "-c", str(config), "0.1.0"]) == 1
    refusal = capsys.readouterr().err
    assert "0010_evidence_gone to 0028_token_maker" in refusal
    assert "thapcanh version" in refusal
    assert refusal.count("\n") == 1
    assert content(path) == before


def test_a_landing_that_changes_the_schema_has_a_version_of_its_own() -> None:
    """Both programs called themselves 0.1.0."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    version = project["project"]["version"]
    first, last = RELEASES[version]
    way_out = "raise the version in pyproject.toml, and give it a line in alerts/store/releases.py"
    assert first == last == newest_revision(), f"the schema is not that of {version}: {way_out}"
    assert list(RELEASES)[-1] == version
    schemas = [last for _, last in RELEASES.values()]
    order = [script.revision for script in scripts().walk_revisions()][::-1]
    assert schemas == sorted(schemas, key=order.index)


def test_every_file_that_names_the_version_names_the_same() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    found = {
        path: set(re.findall(pattern, (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE))
        for path, pattern in NAMES_THE_VERSION.items()
    }
    assert found == {path: {version} for path in NAMES_THE_VERSION}
    git = [
        "git",
        "-C",
        str(ROOT),
        "grep",
        "-lE",
        r"thapcanh[-:][0-9]+\.[0-9]+\.[0-9]+|THAPCANH_VERSION",
    ]
    listed = subprocess.run(
        [*git, "--", "deploy", "docs", "Makefile"], capture_output=True, text=True, check=True
    )
    assert set(listed.stdout.split()) <= set(NAMES_THE_VERSION), "it names the version too"


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
