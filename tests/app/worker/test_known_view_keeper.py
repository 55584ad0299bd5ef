"""What a camera knows of its place outlives its worker: turned meanwhile, it is told as moved."""

import logging
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.worker.camera_lives import ELSEWHERE, HOME, SOURCE, Machine
from tests.patience import PATIENCE_S
from thapcanh.app.worker import reference_view_store
from thapcanh.app.worker.reference_view_store import (
    DAY_S,
    DELETED_AFTER_S,
    EVERY_S,
    ReferenceViewStore,
)
from thapcanh.ingest.camera.picture_health import PictureCondition
from thapcanh.ingest.camera.reference_view_record import from_text


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(folder=tmp_path / "known-views")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the keeper logged since it was asked last."""
    caplog.set_level(logging.INFO, "thapcanh.app.worker.reference_view_store")

    def lines() -> list[str]:
        found = [one.message for one in caplog.records if one.name.endswith("reference_view_store")]
        caplog.clear()
        return found

    return lines


def test_a_camera_that_was_turned_while_its_worker_was_down_is_told_as_moved(
    machine: Machine, said: Callable[[], list[str]]
) -> None:
    assert machine.life(HOME) is PictureCondition.OK
    assert machine.life(ELSEWHERE) is PictureCondition.MOVED
    assert machine.life(ELSEWHERE) is PictureCondition.MOVED, "what is not accepted is not kept"
    assert machine.life(HOME) is PictureCondition.OK
    assert said() == []


def test_a_camera_that_nobody_turned_is_judged_from_its_first_picture(machine: Machine) -> None:
    machine.life(HOME)
    machine.start_worker()
    running = machine.camera(HOME)
    assert len(running.camera.known_views()) == 1, "before a picture came"
    before = running.camera.known_views()[0].views
    running.watch()
    assert running.camera.health().picture is PictureCondition.OK
    assert running.camera.known_views()[0].views > before


def test_the_file_is_private_and_holds_no_login(machine: Machine) -> None:
    machine.life(HOME)
    content = machine.file().read_text(encoding="utf-8")
    assert "10.0.0.5/1" in content
    assert not any(word in content for word in ("viewer", "s3cret", "t0ken"))
    assert stat.S_IMODE(machine.file().stat().st_mode) == 0o600
    assert [path.name for path in machine.folder.iterdir()] == ["gate.json"]


def test_another_password_is_no_other_source(machine: Machine) -> None:
    machine.life(HOME)
    changed = SOURCE.replace("s3cret", "n3w").replace("t0ken", "other")
    assert machine.life(ELSEWHERE, source=changed) is PictureCondition.MOVED


@pytest.mark.parametrize(
    "source", [SOURCE.replace("/1?", "/2?"), SOURCE.replace("10.0.0.5", "10.0.0.6")]
)
def test_another_source_is_learned_anew(
    machine: Machine, said: Callable[[], list[str]], source: str
) -> None:
    machine.life(HOME)
    assert machine.life(ELSEWHERE, source=source) is PictureCondition.OK
    (line,) = said()
    assert "another source" in line
    assert machine.life(HOME, source=source) is PictureCondition.MOVED
    assert said() == []


def _broken(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _foreign(path: Path) -> None:
    path.write_text('{"version": 7, "views": {}}', encoding="utf-8")


def _endless(path: Path) -> None:
    path.write_bytes(b" " * 1_000_000)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("spoil", [_broken, _foreign, _endless, _pipe])
def test_what_cannot_be_read_is_forgotten_with_one_line(
    machine: Machine, said: Callable[[], list[str]], spoil: Callable[[Path], None]
) -> None:
    machine.life(HOME)
    spoil(machine.file())
    assert machine.life(ELSEWHERE) is PictureCondition.OK
    (line,) = said()
    assert line.startswith("camera gate: its view is learned anew: ")
    assert machine.life(HOME) is PictureCondition.MOVED, "what was learned is kept again"
    assert said() == []


def test_what_no_worker_had_for_two_weeks_is_forgotten(
    machine: Machine, said: Callable[[], list[str]]
) -> None:
    machine.life(HOME)
    machine.now += DELETED_AFTER_S - 60
    assert machine.life(ELSEWHERE) is PictureCondition.MOVED, "and a worker had it again"
    machine.now += DELETED_AFTER_S + 60
    assert machine.life(ELSEWHERE) is PictureCondition.OK
    (line,) = said()
    assert "old" in line


def test_a_clock_that_was_set_back_forgets_nothing(machine: Machine) -> None:
    machine.life(HOME)
    machine.now -= 100 * DAY_S
    assert machine.life(ELSEWHERE) is PictureCondition.MOVED


def test_a_view_is_kept_when_it_is_learned_then_every_ten_minutes_where_it_changed(
    machine: Machine,
) -> None:
    running = machine.camera(HOME)
    machine.keeper.poll()
    assert not machine.file().exists()
    running.watch()
    machine.keeper.poll()
    first = machine.file().read_bytes()
    again = machine.camera(HOME)  # reopened: what its file says is gone on with
    again.watch()
    machine.keeper.poll()
    assert machine.file().read_bytes() == first
    machine.now += EVERY_S
    machine.keeper.poll()
    changed = machine.file().read_bytes()
    assert from_text(changed).views[0].views > from_text(first).views[0].views
    machine.now += EVERY_S
    machine.keeper.poll()
    assert machine.file().read_bytes() == changed, "nothing was seen since"
    machine.now += DAY_S
    machine.keeper.poll()
    assert from_text(machine.file().read_bytes()).written_at == machine.now, "it is still watched"


def test_many_cameras_are_written_in_several_ticks(tmp_path: Path) -> None:
    ticks = iter(range(10_000))
    keeper = ReferenceViewStore(tmp_path, lambda: 0.0, lambda: next(ticks) * 0.11)
    machine = Machine(folder=tmp_path)
    machine.keeper = keeper
    for number in range(4):
        machine.camera(HOME, camera_id=f"gate-{number}").watch()
    keeper.poll()
    assert len(list(tmp_path.iterdir())) == 1, "a slow disk has its tick's time"
    for _ in range(3):
        keeper.poll()
    assert len(list(tmp_path.iterdir())) == 4


def test_a_disk_that_fails_is_told_of_once_and_nothing_stops(
    machine: Machine, said: Callable[[], list[str]]
) -> None:
    running = [machine.camera(HOME, camera_id=name) for name in ("gate", "yard")]
    machine.folder.write_text("no folder", encoding="utf-8")
    for one in running:
        one.watch()
    for _ in range(3):
        machine.keeper.poll()
        machine.now += EVERY_S
    (line,) = said()
    assert line.startswith("known views of cameras are not kept: ")
    machine.folder.unlink()
    machine.keeper.poll()
    assert machine.file("gate").exists()
    assert machine.file("yard").exists()
    assert said() == ["known views of cameras are kept again"]


def test_a_disk_that_hangs_holds_up_neither_a_start_nor_a_tick(
    machine: Machine, said: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go, asked = threading.Event(), list[Path]()

    def hang(path: Path, *_: object, **__: object) -> bytes:
        asked.append(path)
        if not let_go.wait(PATIENCE_S):
            raise AssertionError("nobody let it go")
        raise FileNotFoundError(path)

    machine.life(HOME)
    monkeypatch.setattr(reference_view_store, "read_regular", hang)
    machine.keeper = ReferenceViewStore(
        machine.folder, lambda: machine.now, lambda: machine.now, disk_s=0.1
    )
    running = [machine.camera(HOME, camera_id=name) for name in ("gate", "yard")]
    for one in running:
        one.watch()
    machine.keeper.poll()
    machine.keeper.forget(["porch"])
    machine.keeper.leave([one.camera for one in running])
    assert asked == [machine.file()], "one thread waits, and nobody asks beside it"
    assert "does not answer" in said()[0]
    let_go.set()


def test_of_a_camera_that_people_turn_nothing_is_kept(machine: Machine) -> None:
    assert machine.life(HOME, ptz=True) is PictureCondition.OK
    assert not machine.folder.exists()


def test_the_files_of_removed_cameras_go_at_once_those_of_forgotten_ones_in_time(
    machine: Machine,
) -> None:
    machine.life(HOME)
    machine.keeper.forget(["gate", "yard"])
    assert not machine.file().exists()
    machine.life(HOME)
    machine.now = machine.file().stat().st_mtime + DELETED_AFTER_S - 1
    machine.start_worker()
    machine.keeper.poll()
    assert machine.file().exists()
    machine.now += DAY_S
    machine.keeper.poll()
    assert not machine.file().exists()
