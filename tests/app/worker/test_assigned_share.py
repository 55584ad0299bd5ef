"""A share that is handed over: followed at once, kept when its giver is away."""

from pathlib import Path

import pytest

from thapcanh.app.worker import camera_share
from thapcanh.app.worker.camera_share import AssignedShare, read_share, write_share


def test_a_share_is_followed_as_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "ba-dinh-0.json"
    assert write_share(path, 1, ["gate", "yard"])
    share = AssignedShare(path)
    assert share.worker_id == "ba-dinh-0"
    assert share.has("gate")
    assert not share.poll()
    assert write_share(path, 2, ["yard", "roof"])
    assert share.poll()
    assert [share.has(camera) for camera in ("gate", "yard", "roof")] == [False, True, True]


def test_a_worker_without_a_share_watches_nothing_until_it_is_given_one(tmp_path: Path) -> None:
    share = AssignedShare(tmp_path / "new-0.json")
    assert not share.has("gate")
    assert not share.poll()
    write_share(tmp_path / "new-0.json", 7, ["gate"])
    assert share.poll()
    assert share.has("gate")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"form": "thapcanh.share.v1", "epoch": 9}'])
def test_a_share_that_cannot_be_read_leaves_the_last_one_in_force(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "node-0.json"
    write_share(path, 1, ["gate"])
    share = AssignedShare(path)
    path.write_text(text, encoding="utf-8")
    assert not share.poll()
    assert share.has("gate")
    path.unlink()
    assert not share.poll()
    assert share.has("gate")


def test_a_share_that_could_not_be_read_for_a_moment_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "node-0.json"
    write_share(path, 1, ["gate"])
    share = AssignedShare(path)
    write_share(path, 2, ["gate", "lake"])
    with monkeypatch.context() as failing:

        def refuse(_: Path) -> None:
            raise OSError("too many open files")

        failing.setattr(camera_share, "read_share", refuse)
        assert not share.poll()
    assert share.poll()
    assert share.has("lake")


def test_an_older_plan_never_follows_a_newer_one(tmp_path: Path) -> None:
    path = tmp_path / "node-0.json"
    write_share(path, 5, ["gate"])
    assert not write_share(path, 4, ["roof"])
    assert read_share(path).cameras == {"gate"}
    share = AssignedShare(path)
    path.unlink()
    write_share(path, 4, ["roof"])
    assert not share.poll()
    assert share.has("gate")


@pytest.mark.parametrize("name", ["../evil", "A", ".hidden", "x" * 70])
def test_a_name_that_no_worker_may_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a worker's name"):
        AssignedShare(tmp_path / f"{Path(name).name if '/' not in name else '!'}.json")
