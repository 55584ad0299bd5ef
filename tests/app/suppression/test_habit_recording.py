"""`thapcanh cameras learn` teaches a camera by a recording, and prints what becomes usual."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.alerts.conftest import QueueServer, queue_server
from tests.made_archives import archive_at
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.app.cli.main import main
from thapcanh.detection.confirmation.habit_record import from_text

__all__ = ["queue_server"]  # a fixture of the alerts' tests
STARTED = "2026-12-02T08:00"


@pytest.fixture
def config(tmp_path: Path, queue_server: QueueServer, model_cache: Path) -> Path:
    """A site with one camera, which keeps its exported model with the other tests'."""
    path = tmp_path / "thapcanh.toml"
    path.write_text(
        f'[site]\ndata_dir = "data"\ncache_dir = "{model_cache}"\n'
        f'[queue]\nurl = "{queue_server.url}"\n'
        '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://127.0.0.1/live"\n'
        '[[rules]]\nid = "fire"\nkind = "fire"\n[[rules]]\nid = "smoke"\nkind = "smoke"\n',
        encoding="utf-8",
    )
    (tmp_path / "data").mkdir()
    archive_at(tmp_path / "data" / "archive.sqlite").close()
    return path


def _recorded(queue_server: QueueServer) -> dict[str, str]:
    with closing(EventQueue(queue_server.url)) as queue:
        return queue.habits.recorded(["gate"])


def test_a_recording_is_learned_by_place_and_hour_and_logged(
    config: Path, queue_server: QueueServer, made_clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(made_clips / "fire.mp4")
    learn = ["cameras", "learn", "gate", clip, "-c", str(config), "--at", STARTED]
    assert main([*learn, "--dry-run"]) == 0
    text = capsys.readouterr().out
    assert "fire at " in text
    assert "counts for less" in text
    assert _recorded(queue_server) == {}
    assert main(learn) == 0
    assert capsys.readouterr().out == text
    habits = from_text(_recorded(queue_server)["gate"])
    assert habits.counts[:, 8].sum() == habits.counts.sum() > 0
    with closing(archive_at(config.parent / "data" / "archive.sqlite")) as archive:
        (line,) = archive.log_of("gate")
    assert line.action == "habits_learned"
    assert line.details["recording"] == "fire.mp4"
    assert "fire at " in str(line.details["places"])


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["gate"], "name the camera and a recording"),
        (["roof", "x.mp4"], "no camera 'roof'"),
        (["gate", "missing.mp4"], "missing.mp4"),
    ],
)
def test_what_cannot_be_learned_is_named(
    config: Path, capsys: pytest.CaptureFixture[str], options: list[str], why: str
) -> None:
    assert main(["cameras", "learn", *options, "-c", str(config)]) != 0
    assert why in capsys.readouterr().err
