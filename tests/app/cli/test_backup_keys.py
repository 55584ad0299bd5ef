"""The keys that the site made for itself are in its backup, and a restore compares them."""

from pathlib import Path

import pytest

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.seals.log_signing import LogKey
from thapcanh.app.cli.backup import KEYS, run_backup, run_restore
from thapcanh.app.process import exit_codes
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import site_paths_of


def test_every_key_that_the_site_makes_is_in_the_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Found by itself: each path of the site whose name says that it is a key."""
    config = tmp_path / "thapcanh.toml"
    config.write_text('[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n')
    archive = Archive(sqlite_url(tmp_path / "data" / "archive.sqlite"))
    site = load_site(config).site_or_raise()
    paths = site_paths_of(site)
    LogKey(paths.log_key)
    made = {paths.second_factor_key, paths.own_worker_key("worker-0")}
    named = {name for name in dir(type(paths)) if "key" in name}
    known = {"second_factor_key", "log_key", "own_worker_key", "worker_keys_dir"}
    assert named == known, "a new key: is it in the backup?"
    for number, path in enumerate(sorted(made)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"key {number}", encoding="ascii")
    assert run_backup(config, tmp_path / "copy") == exit_codes.OK
    kept = {path for path in (tmp_path / "copy" / KEYS).rglob("*") if path.is_file()}
    assert {one.read_bytes() for one in kept} == {b"key 0", b"key 1", paths.log_key.read_bytes()}
    paths.second_factor_key.write_text("another", encoding="ascii")
    archive.close()
    run_restore(config, tmp_path / "copy")
    assert "second-factor.key differs" in capsys.readouterr().out
