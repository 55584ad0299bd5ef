"""A temporary watch area in a process that follows the registry: it begins and ends by the time."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.app.registry.test_registry_reader import Registry, camera
from thapcanh.alerts.registry.records import WATCH_AREAS
from thapcanh.app.registry.reader import RegistryReader
from thapcanh.app.site.site_file import load_site
from thapcanh.config.site import Site

BEGINS, ENDS = 1_800_000_000.0, 1_800_086_400.0
AREA = "watch-0123456789ab"
YARD = {"id": "yard", "name": "Sân", "polygon": [[0, 0], [1, 0], [1, 1]]}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path)
    registry.put("cameras", "a", **camera("a"))
    registry.put("cameras", "b", **camera("b"))
    yield registry
    registry.archive.close()


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def put_area(registry: Registry, **facts: Any) -> None:
    table = {
        "name": "Pháo hoa Tết",
        "purpose": "an toàn cháy nổ",
        "legal_basis": "Kế hoạch 12/KH",
        "cameras": ["a"],
        "zones": [{**YARD, "camera": "a"}],
        "rules": [{"kind": "intrusion", "zone": "yard"}],
        "starts_at": iso(BEGINS),
        "ends_at": iso(ENDS),
        "state": "approved",
        "proposed_by": "an",
        "proposed_at": iso(BEGINS - 60),
    }
    registry.put(WATCH_AREAS, AREA, **{**table, **facts})


def site_of(registry: Registry, reader: RegistryReader) -> Site:
    return load_site(registry.config, registry=reader.entries()).site_or_raise()


def rules_of(registry: Registry, reader: RegistryReader) -> list[str]:
    return [rule.id for rule in site_of(registry, reader).rules if rule.id.startswith("watch-")]


def test_its_rules_and_zones_are_there_between_its_times(registry: Registry) -> None:
    put_area(registry)
    reader = registry.reader()
    reader._watch(BEGINS - 1)
    assert rules_of(registry, reader) == []
    assert reader.poll(BEGINS)
    site = site_of(registry, reader)
    assert rules_of(registry, reader) == [f"{AREA}.1"]
    watched = site.camera("a") or pytest.fail("no camera")
    assert [zone.id for zone in watched.zones] == [f"{AREA}.yard"]
    assert next(rule.id for rule in site.rules_of(watched)) == f"{AREA}.1"
    assert {"fire", "smoke"} <= {rule.id for rule in site.rules}  # the site's own go on
    assert not reader.poll(ENDS - 1)
    assert reader.poll(ENDS)
    assert rules_of(registry, reader) == []
    assert all(one.zones == () for one in site_of(registry, reader).cameras)


def test_it_ends_without_database_and_after_a_restart_from_the_copy(registry: Registry) -> None:
    put_area(registry)
    reader = registry.reader()
    reader.poll(BEGINS)  # writes the copy
    registry.is_away = True
    assert reader.poll(BEGINS + 1) is False
    restarted = registry.reader()
    restarted._watch(BEGINS + 1)
    assert rules_of(registry, restarted) == [f"{AREA}.1"]
    for one in (reader, restarted):
        assert one.poll(ENDS)
        assert rules_of(registry, one) == []


def test_a_clock_that_is_set_back_or_ahead_is_followed(registry: Registry) -> None:
    put_area(registry)
    reader = registry.reader()
    reader._watch(BEGINS + 10)
    assert reader.poll(ENDS + 1e8)
    assert rules_of(registry, reader) == []
    assert reader.poll(BEGINS + 20)  # set back into its time
    assert rules_of(registry, reader) == [f"{AREA}.1"]
    assert reader.poll(5.0)
    assert rules_of(registry, reader) == []


@pytest.mark.parametrize("state", ["proposed", "refused"])
def test_what_nobody_approved_watches_nothing(registry: Registry, state: str) -> None:
    put_area(registry, state=state)
    reader = registry.reader()
    reader._watch(BEGINS + 1)
    assert rules_of(registry, reader) == []


def test_only_its_cameras_get_another_scene(registry: Registry) -> None:
    watch = registry.watch(registry.reader())
    now = time.time()
    put_area(registry, starts_at=iso(now - 3600), ends_at=iso(now + 3600))
    _, begun = watch.poll() or pytest.fail("no change")
    assert begun.rescened == {"a"}
    assert not begun.reopened | begun.added | begun.removed
    put_area(registry, starts_at=iso(now - 3600), ends_at=iso(now - 1))
    _, ended = watch.poll() or pytest.fail("no change")
    assert ended.rescened == {"a"}
    assert not ended.reopened | ended.added | ended.removed


def test_one_that_cannot_be_read_is_told_and_the_rest_goes_on(registry: Registry) -> None:
    watch = registry.watch(registry.reader())
    put_area(registry, ends_at=iso(BEGINS + 400 * 86_400))
    watch.poll()
    assert "366 days" in str(watch.problems[0])
    assert [one.id for one in watch.site.cameras] == ["a", "b"]


def test_a_camera_or_zone_that_is_gone_leaves_the_rest_watched(registry: Registry) -> None:
    put_area(
        registry,
        cameras=["a", "b", "gone"],
        zones=[{**YARD, "camera": "a"}],
        rules=[
            {"kind": "intrusion", "zone": "yard", "cameras": ["a"]},
            {"kind": "intrusion", "zone": "own", "cameras": ["b"]},
            {"kind": "crowd"},
        ],
    )
    reader = registry.reader()
    reader._watch(BEGINS)
    loaded = load_site(registry.config, registry=reader.entries())
    rules = {rule.id: rule.cameras for rule in loaded.site_or_raise().rules}
    assert rules[f"{AREA}.1"] == ("a",)
    assert f"{AREA}.2" not in rules
    assert rules[f"{AREA}.3"] == ("a", "b")
    assert [one.id for one in loaded.site_or_raise().cameras] == ["a", "b"]
    assert loaded.problems == ()


def test_a_worker_reads_the_areas_of_its_cameras_alone(registry: Registry) -> None:
    put_area(registry)
    other = registry.reader(has="b")
    other._watch(BEGINS)
    assert rules_of(registry, other) == []
    assert [one.id for one in site_of(registry, other).cameras] == ["b"]


def test_cameras_are_recorded_while_it_runs_unless_they_say_no(registry: Registry) -> None:
    registry.put("cameras", "b", **camera("b", record=False))
    put_area(registry, cameras=["a", "b"], record=True)
    reader = registry.reader()
    reader._watch(BEGINS)
    assert [one.record for one in site_of(registry, reader).cameras] == [True, False]
    reader.poll(ENDS)
    assert [one.record for one in site_of(registry, reader).cameras] == [None, False]
