"""How Ray is started: in a folder of ours alone, without our secrets, and again after a crash."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from thapcanh.app.cluster.engine import (
    EngineSettings,
    become_ray,
    end_leftovers,
    ray_arguments,
    ray_environment,
    temp_dir,
)


class _Became(Exception):
    """What this process would have become."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineSettings:
    def become(program: str, arguments: list[str], environment: dict[str, str]) -> None:
        raise _Became(program)

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return EngineSettings(
        head="10.0.0.1:6380",
        address="10.0.0.7",
        token_file=tmp_path / "token",
        cluster_dir=tmp_path / "data" / "run" / "cluster",
        node="ba-dinh-1",
    )


def test_ray_begins_again_in_the_folder_that_it_opened_to_everybody(
    settings: EngineSettings,
) -> None:
    """It refused the second start, and the node gave up with its workers."""
    for _ in range(2):
        with pytest.raises(_Became):
            become_ray(settings)
        folder = temp_dir(settings.cluster_dir)
        assert folder.parent.stat().st_mode & 0o077 == 0
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)


def test_a_folder_that_others_may_write_is_not_used(settings: EngineSettings) -> None:
    folder = temp_dir(settings.cluster_dir).parent
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(PermissionError, match="remove it"):
        become_ray(settings)
    folder.rmdir()
    folder.symlink_to("/tmp")
    with pytest.raises(PermissionError, match="remove it"):
        become_ray(settings)


def test_ray_is_told_no_secret_and_is_silent(settings: EngineSettings) -> None:
    mine = {"PATH": "/bin", "ARCHIVE_PASSWORD": "hush", "THAPCANH_ADMIN_PASSWORD": "hush"}
    told = ray_environment(settings, mine)
    assert "hush" not in told.values()
    assert told["RAY_AUTH_MODE"] == "token"
    assert told["RAY_USAGE_STATS_ENABLED"] == "0"
    head = EngineSettings(
        head=settings.head,
        address="10.0.0.1",
        token_file=settings.token_file,
        cluster_dir=settings.cluster_dir,
    )
    assert "--include-dashboard=false" in ray_arguments(head)
    assert "--disable-usage-stats" in ray_arguments(settings)
    assert f"--address={settings.head}" in ray_arguments(settings)


def test_only_what_bears_our_mark_is_ended(tmp_path: Path) -> None:
    sleeping = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]
    left, other = (
        subprocess.Popen(sleeping, env={**os.environ, "THAPCANH_RAY": name}, stdout=subprocess.PIPE)
        for name in (str(tmp_path), f"{tmp_path}-other")
    )
    try:
        for process in (left, other):
            assert process.stdout is not None
            process.stdout.readline()
        assert end_leftovers(str(tmp_path)) == 1
        assert left.wait(PATIENCE_S) < 0
        assert other.poll() is None
    finally:
        for process in (left, other):
            process.kill()
            process.communicate()
