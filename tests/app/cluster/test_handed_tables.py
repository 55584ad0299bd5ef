"""What a worker is handed: its own cameras with what holds for them, and nothing of the others."""

import json
from pathlib import Path

import pytest

from thapcanh.app.cluster.share_tables import ShareTables
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.registry.site import open_site
from thapcanh.app.site.site_file import load_site, load_worker_site
from thapcanh.app.site.site_stores import limits_of
from thapcanh.app.worker.camera_share import AssignedShare, write_share
from thapcanh.config.site import Site

SITE = """
[[areas]]
id = "tay-ho"
name = "Tây Hồ"
[[areas]]
id = "ba-dinh"
name = "Ba Đình"
[[agencies]]
id = "evn"
name = "EVN"
[[cameras]]
id = "gate"
name = "Cổng"
source = "rtsp://a:gate-s3cret@10.0.0.1/1"
area = "tay-ho"
agency = "evn"
[[cameras]]
id = "roof"
name = "Mái"
source = "rtsp://a:roof-s3cret@10.0.0.2/1"
area = "ba-dinh"
record_days = 30
[[rules]]
id = "burning"
kind = "fire"
cameras = ["gate", "roof"]
[[rules]]
id = "roof-alone"
kind = "fire"
cameras = ["roof"]
"""
NODE = '[registry]\nsource = "fleet"\n'


@pytest.fixture
def tables(tmp_path: Path) -> ShareTables:
    head = tmp_path / "head.toml"
    head.write_text(SITE, encoding="utf-8")
    loaded = load_worker_site(head)
    assert loaded.raw is not None
    return ShareTables(loaded.raw)


def test_a_worker_is_handed_its_own_and_what_holds_for_it(tables: ShareTables) -> None:
    mine = tables.of({"gate", "a-phone"})
    assert [one["id"] for one in mine["cameras"]] == ["gate"]
    assert [(one["id"], one["cameras"]) for one in mine["rules"]] == [("burning", ["gate"])]
    assert [one["id"] for one in mine["areas"]] == ["tay-ho"]
    assert [one["id"] for one in mine["agencies"]] == ["evn"]
    assert mine.pop("record_days") == [{"camera": "roof", "days": 30}]  # all that is told of it
    assert "roof" not in json.dumps(mine)
    assert tables.of(())["cameras"] == []


def test_a_worker_follows_what_it_is_handed(tables: ShareTables, tmp_path: Path) -> None:
    config, path = tmp_path / "node.toml", tmp_path / "a-0.json"
    config.write_text(NODE, encoding="utf-8")
    share = AssignedShare(path)
    opened = open_site(config, "a-0", None, load_worker_site, share)
    watch = ConfigWatch(config, opened.loaded, opened.registry, load_worker_site)
    assert _watched(watch.site) == {}
    write_share(path, 1, ["gate"], tables.of({"gate"}))
    assert path.stat().st_mode & 0o077 == 0
    assert share.poll()
    assert watch.poll() is not None
    assert _watched(watch.site) == {"gate": ["burning"]}
    write_share(path, 2, ["gate"], tables.of({"gate"}))  # another epoch, nothing else
    assert not share.poll()
    assert watch.poll() is None
    write_share(path, 3, ["roof"], tables.of({"roof"}))
    assert share.poll()
    found = watch.poll()
    assert found is not None
    assert (set(found[1].added), set(found[1].removed)) == ({"roof"}, {"gate"})
    assert _watched(watch.site) == {"roof": ["burning", "roof-alone"]}


def test_a_centre_is_handed_no_cameras_and_says_so(tmp_path: Path) -> None:
    config = tmp_path / "thapcanh.toml"
    config.write_text(NODE, encoding="utf-8")
    opened = open_site(config, "centre", load=load_site)
    assert opened.loaded.site is None
    (problem,) = opened.loaded.problems
    assert 'must be "files" or "database"' in str(problem)


def _watched(site: Site) -> dict[str, list[str]]:
    ours = {"burning", "roof-alone"}
    return {
        one.id: [rule.id for rule in site.rules_of(one) if rule.id in ours] for one in site.cameras
    }


def test_the_film_of_others_on_its_disk_is_kept_as_long_as_they_say(
    tables: ShareTables, tmp_path: Path
) -> None:
    path = tmp_path / "node-1.json"
    write_share(path, epoch=1, cameras={"gate"}, tables=tables.of({"gate"}))
    share = AssignedShare(path)
    assert share.record_days == {"roof": 30}
    node = tmp_path / "node.toml"
    node.write_text(NODE, encoding="utf-8")
    opened = open_site(node, "w", None, load_worker_site, share)
    assert opened.loaded.site is not None
    assert [one.id for one in opened.loaded.site.cameras] == ["gate"]
    assert limits_of(opened.loaded.site, share.record_days).days_of == {"roof": 30}


def test_days_that_are_none_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "node-1.json"
    listed = [{"camera": "a", "days": True}, {"camera": "b", "days": -1}, {"days": 3}, "c", 7]
    write_share(path, epoch=1, cameras=set(), tables={"record_days": listed})  # type: ignore[dict-item]
    assert AssignedShare(path).record_days == {}
