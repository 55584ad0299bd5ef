"""A site made by `thapcanh init` starts from another folder, with its film and its login."""

import io
import re
import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.end_to_end.running_site import CAMERA_LOGIN, Desk, eventually, start_configured
from tests.running_simulator import running_simulator
from thapcanh.app.cli.main import main
from thapcanh.app.process.free_port import free_port

pytestmark = pytest.mark.end_to_end


def test_a_moved_site_starts_and_watches_all_its_cameras(
    tmp_path: Path, clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, port = tmp_path / "new", free_port()
    folder.mkdir()
    shutil.copy2(clips["fire"], folder / "fire.mp4")
    config = folder / "thapcanh.toml"
    with running_simulator([f"gate={clips['fire']}"], user=CAMERA_LOGIN) as cameras:
        address = cameras.url("gate").replace("rtsp://", f"rtsp://{CAMERA_LOGIN}@")
        for command, source in (("init",), "fire.mp4"), (("cameras", "add"), address):
            monkeypatch.chdir(folder)
            monkeypatch.setattr("sys.stdin", io.StringIO(f"{source}\n\n\n"))
            assert main([*command, "-c", str(config)]) == 0
        written = re.sub(r"port = \d+", f"port = {port}", config.read_text(encoding="utf-8"))
        config.write_text(written, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        moved = folder.rename(tmp_path / "elsewhere")
        with start_configured(moved, port) as site, site.desk() as desk:
            for camera in ("cam-1", "cam-2"):
                eventually(partial(_is_online, desk, camera), 60.0, f"{camera} is online")


def _is_online(desk: Desk, camera: str) -> bool:
    return bool(desk.camera(camera)["state"] == "online")
