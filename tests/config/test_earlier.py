"""After an edit only what is another is judged again, and the answer is that of a first reading."""

from pathlib import Path

import pytest

from thapcanh.app.site.site_file import load_site, load_worker_site
from thapcanh.config.load import Loaded

CAMERAS = "\n".join(
    f'[[cameras]]\nid = "cam-{number}"\nname = "Ngã tư"\nsource = "rtsp://10.0.0.{number}/live"\n'
    for number in range(1, 4)
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "thapcanh.toml", CAMERAS)


def again(path: Path, text: str, before: Loaded) -> Loaded:
    """The site after an edit, which must be as if nothing had been read before."""
    write(path, text)
    found, fresh = load_site(path, {}, before=before.raw), load_site(path, {})
    assert (found.site, found.problems) == (fresh.site, fresh.problems)
    return found


def test_cameras_that_nobody_edited_are_the_same_objects(path: Path) -> None:
    first = load_site(path, {})
    second = again(path, CAMERAS.replace("10.0.0.2", "10.0.0.9"), first)
    before, after = first.site_or_raise().cameras, second.site_or_raise().cameras
    assert after[0] is before[0]
    assert after[1] != before[1]
    assert after[2] is before[2]


def test_a_camera_that_is_put_in_above_moves_the_others_on(path: Path) -> None:
    first = load_site(path, {})
    new = '[[cameras]]\nid = "new"\nname = "Mới"\nsource = "rtsp://10.0.1.1/live"\n'
    second = again(path, f"{new}\n{CAMERAS}", first)
    assert second.site_or_raise().cameras[1] is first.site_or_raise().cameras[0]


def test_a_problem_keeps_naming_its_place(path: Path) -> None:
    wrong = CAMERAS.replace(
        'name = "Ngã tư"\nsource = "rtsp://10.0.0.3', 'source = "rtsp://10.0.0.3'
    )
    first = load_site(write(path, wrong), {})
    assert [one.path for one in first.problems] == ["cameras[2].name"]
    same = again(path, f"{wrong}\n# a word\n", first)
    assert [one.path for one in same.problems] == ["cameras[2].name"]
    new = '[[cameras]]\nid = "new"\nname = "Mới"\nsource = "rtsp://10.0.1.1/live"\n'
    moved = again(path, f"{new}\n{wrong}", same)
    assert [one.path for one in moved.problems] == ["cameras[3].name"]


def test_what_python_takes_for_equal_is_judged_again(path: Path) -> None:
    moving = CAMERAS.replace('source = "rtsp://10.0.0.1', 'ptz = true\nsource = "rtsp://10.0.0.1')
    first = load_site(write(path, moving), {})
    assert first.problems == ()
    second = again(path, moving.replace("ptz = true", "ptz = 1"), first)
    assert [one.path for one in second.problems] == ["cameras[0].ptz"]


def test_a_secret_that_changed_is_another_address(path: Path) -> None:
    text = CAMERAS.replace("rtsp://10.0.0.1", "rtsp://a:${env:WORD}@10.0.0.1")
    first = load_site(write(path, text), {"WORD": "old"})
    second = load_site(path, {"WORD": "new"}, before=first.raw)
    assert second.site_or_raise().cameras[0].source.reveal() == "rtsp://a:new@10.0.0.1/live"
    missing = load_site(path, {}, before=second.raw)
    assert [one.id for one in missing.site_or_raise().cameras] == ["cam-2", "cam-3"]


def test_a_file_that_went_away_is_read_no_more(path: Path) -> None:
    extra = path.parent / "cameras.d" / "ward.toml"
    extra.parent.mkdir()
    write(extra, '[[cameras]]\nid = "ward"\nname = "Phường"\nsource = "rtsp://10.0.2.1/live"\n')
    first = load_worker_site(path, {})
    assert len(first.site_or_raise().cameras) == 4
    extra.unlink()
    second = load_worker_site(path, {}, before=first.raw)
    assert second.site_or_raise() == load_worker_site(path, {}).site_or_raise()
    assert [one.id for one in second.site_or_raise().cameras] == ["cam-1", "cam-2", "cam-3"]
