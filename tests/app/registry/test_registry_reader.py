"""A process follows the registry: the smallest difference, and the last good site without it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made_archives import archive_at
from tests.patience import PATIENCE_S
from thapcanh.alerts.registry.records import Author, EntryWrite, RegisteredEntry
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.registry.reader import ReaderSettings, RegistryReader
from thapcanh.app.registry.site import RegistryFollower
from thapcanh.app.site.site_file import load_site
from thapcanh.config.credentials import KEY_VARIABLE, CredentialKey, new_key
from thapcanh.config.registry.entries import conceal

AUTHOR = Author(username="an", role="technician", at=1.0)


class Registry:
    """A registry on SQLite that can be away."""

    def __init__(self, folder: Path) -> None:
        self.archive = archive_at(folder / "archive.sqlite")
        self.rows = RegistryRepository(self.archive.database)
        self.key = new_key()
        self.config = folder / "thapcanh.toml"
        self.config.write_text('[registry]\nsource = "database"\n')
        self.copy = folder / "copy.json"
        self.is_away = False

    def since(self, revision: int) -> tuple[int, list[RegisteredEntry]]:
        if self.is_away:
            raise ArchiveUnreachable("archive: away")
        return self.rows.since(revision)

    def put(self, kind: str, entry_id: str, /, **table: object) -> None:
        before = self.rows.entries(kind, [entry_id]).get(entry_id)
        key = CredentialKey({KEY_VARIABLE: self.key})
        shown, sealed = conceal({"id": entry_id, **table}, None, key)
        write = EntryWrite(
            kind=kind,
            id=entry_id,
            expected=before.revision if before else 0,
            document=shown if table else None,
            sealed=sealed,
        )
        self.rows.write([write], AUTHOR, EVERYTHING)

    def reader(self, has: str = "", key: str | None = None) -> RegistryReader:
        settings = ReaderSettings(
            config_path=self.config, copy=self.copy, has=lambda name: name.startswith(has)
        )
        reader = RegistryReader(self, settings, {KEY_VARIABLE: key or self.key})
        reader.start()
        return reader

    def watch(self, reader: RegistryReader) -> ConfigWatch:
        return ConfigWatch(self.config, load_site(self.config, registry=reader.entries()), reader)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path)
    yield registry
    registry.archive.close()


def camera(name: str, **facts: object) -> dict[str, object]:
    return {"name": name, "source": f"rtsp://admin:hush@10.0.0.1/{name}", **facts}


def test_each_change_touches_only_its_camera(registry: Registry) -> None:
    registry.put("cameras", "a", **camera("a"))
    watch = registry.watch(registry.reader())
    assert watch.site.cameras[0].source.reveal() == "rtsp://admin:hush@10.0.0.1/a"
    assert watch.poll() is None
    registry.put("cameras", "b", **camera("b"))
    _, added = watch.poll() or pytest.fail("no change")
    assert added.added == {"b"}
    assert not added.rescened | added.reopened
    zones = [{"id": "z", "name": "Z", "polygon": [[0, 0], [1, 0], [1, 1]]}]
    registry.put("cameras", "a", **camera("a", zones=zones))
    _, drawn = watch.poll() or pytest.fail("no change")
    assert drawn.rescened == {"a"}
    assert not drawn.reopened
    registry.put("cameras", "a", **camera("a", enabled=False))
    _, switched = watch.poll() or pytest.fail("no change")
    assert switched.removed == {"a"}
    registry.put("cameras", "b")
    _, taken = watch.poll() or pytest.fail("no change")
    assert taken.removed == {"b"}


def test_a_first_rule_ends_no_default_rule_unless_it_takes_its_place(registry: Registry) -> None:
    registry.put("cameras", "a1", **camera("a1"))
    registry.put("rules", "kitchen", kind="fire", cameras=["a1"])
    watch = registry.watch(registry.reader())
    assert {one.id for one in watch.site.rules} == {"kitchen", "fire", "smoke"}
    registry.put("rules", "all-smoke", kind="smoke")
    registry.put("rules", "fire", kind="fire", min_confidence=0.4)
    watch.poll() or pytest.fail("no change")
    assert {one.id for one in watch.site.rules} == {"kitchen", "fire", "all-smoke"}


def test_a_worker_reads_its_own_share_and_the_rules_for_it(registry: Registry) -> None:
    registry.put("cameras", "a1", **camera("a1"))
    registry.put("cameras", "b1", **camera("b1"))
    registry.put("rules", "ra", kind="fire", cameras=["a1", "b1"])
    registry.put("rules", "rb", kind="fire", cameras=["b1"])
    watch = registry.watch(registry.reader(has="a"))
    assert [one.id for one in watch.site.cameras] == ["a1"]
    assert [(one.id, one.cameras) for one in watch.site.rules][:1] == [("ra", ("a1",))]
    assert {one.id for one in watch.site.rules} == {"ra", "fire", "smoke"}
    assert watch.problems == ()
    registry.put("cameras", "b2", **camera("b2"))
    assert watch.poll() is None


def test_a_camera_is_watched_from_its_day_until_its_last(registry: Registry) -> None:
    registry.put(
        "cameras", "a",
        **camera("a", valid_from="2026-11-01T00:00:00+07:00", valid_to="2026-12-01T00:00:00+07:00"),
    )  # fmt: skip
    reader = registry.reader()
    begins, ends = 1_793_466_000.0, 1_796_058_000.0
    for now, changed, there in (
        (begins - 1, True, 0), (begins, True, 1), (begins + 5, False, 1), (ends, True, 0),
    ):  # fmt: skip
        if now == begins - 1:
            reader._watch(now)
        else:
            assert reader.poll(now) is changed
        assert len(reader.entries().entries["cameras"]) == there


def test_the_last_good_site_stays_while_the_database_is_away(registry: Registry) -> None:
    registry.put("cameras", "a", **camera("a"))
    watch = registry.watch(registry.reader())
    registry.is_away = True
    assert watch.poll() is None
    assert [one.id for one in watch.site.cameras] == ["a"]
    started = registry.watch(registry.reader())
    assert [one.id for one in started.site.cameras] == ["a"]
    assert "hush" not in registry.copy.read_text()
    registry.is_away = False
    registry.put("cameras", "b", **camera("b"))
    assert started.poll() is not None
    assert {one.id for one in started.site.cameras} == {"a", "b"}


def test_a_login_under_another_key_sets_one_camera_aside(registry: Registry) -> None:
    registry.put("cameras", "a", **camera("a"))
    registry.put("cameras", "b", name="b", source="rtsp://10.0.0.1/b")
    watch = registry.watch(registry.reader(key=new_key()))
    assert [one.id for one in watch.site.cameras] == ["b"]
    assert "not made with this key" in str(watch.problems[0])
    registry.put("cameras", "c", name="c", source="rtsp://10.0.0.1/c")
    assert watch.poll() is not None


def test_cameras_of_files_that_nobody_watches_are_told(registry: Registry) -> None:
    registry.config.write_text(
        '[registry]\nsource = "database"\n[[cameras]]\nid = "x"\nname = "X"\nsource = "rtsp://h/x"\n'
    )
    watch = registry.watch(registry.reader())
    assert "`thapcanh cameras import" in str(watch.problems[0])


def test_the_follower_hands_over_what_its_thread_read(registry: Registry) -> None:
    follower = RegistryFollower(registry, every_s=0.01)
    try:
        assert follower.since(0) == (0, [])
        registry.put("cameras", "a", name="a", source="rtsp://10.0.0.1/a")
        registry.put("cameras", "a", name="b", source="rtsp://10.0.0.1/a")
        deadline = time.monotonic() + PATIENCE_S
        found: list[RegisteredEntry] = []
        while not found or found[-1].revision < 2:
            assert time.monotonic() < deadline
            found += follower.since(0)[1]
            time.sleep(0.005)
        registry.is_away = True
        while time.monotonic() < deadline:
            try:
                follower.since(0)
            except ArchiveUnreachable:
                break
            time.sleep(0.005)
        else:
            pytest.fail("an outage is not told")
    finally:
        follower.close()
