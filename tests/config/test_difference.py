"""Hot reload: the smallest difference, camera by camera."""

import re
from typing import Any

import pytest

from tests.source_trees import ROOT, modules_of
from thapcanh.config.camera import CameraConfig, ZoneConfig
from thapcanh.config.difference import (
    PARTING_SECTIONS,
    RESTART_SECTIONS,
    Difference,
    difference,
    in_force,
)
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import CentreConfig, Site
from thapcanh.detection.rules.fire import FireRule

ZONE = ZoneConfig(id="gate", name="gate", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))


def camera(
    camera_id: str, source: str = "rtsp://h/a", zones: tuple[ZoneConfig, ...] = ()
) -> CameraConfig:
    return CameraConfig(id=camera_id, name=camera_id, source=SecretUrl(source), zones=zones)


def test_only_what_changed_is_touched() -> None:
    old = Site(cameras=(camera("same"), camera("gone"), camera("moved"), camera("zoned")))
    new = Site(
        cameras=(
            camera("same"),
            camera("moved", "rtsp://h/b"),
            camera("zoned", zones=(ZONE,)),
            camera("new"),
        )
    )
    found = difference(old, new)
    assert found.added == {"new"}
    assert found.removed == {"gone"}
    assert found.reopened == {"moved"}
    assert found.rescened == {"zoned"}
    assert found.needs_restart == ()


def test_a_changed_password_reopens_the_camera() -> None:
    old = Site(cameras=(camera("a", "rtsp://u:one@h/a"),))
    new = Site(cameras=(camera("a", "rtsp://u:two@h/a"),))
    assert difference(old, new).reopened == {"a"}


def test_a_camera_that_may_turn_from_now_on_is_reopened() -> None:
    old = Site(cameras=(camera("a"),))
    new = Site(cameras=(camera("a").model_copy(update={"ptz": True}),))
    assert difference(old, new).reopened == {"a"}


def test_a_mark_on_its_label_leaves_a_camera_alone() -> None:
    old = Site(cameras=(camera("a"),))
    new = Site(cameras=(camera("a").model_copy(update={"conformity": "ICT 0123"}),))
    found = difference(old, new)
    assert found.reopened | found.rescened | found.moved == frozenset()


def test_a_rule_change_rescenes_only_its_cameras() -> None:
    cameras = (camera("a"), camera("b"))
    old = Site(cameras=cameras, rules=(FireRule(id="fire", cameras=("a",)),))
    new = Site(cameras=cameras, rules=(FireRule(id="fire", cameras=("a",), version=2),))
    assert difference(old, new).rescened == {"a"}


def test_nothing_changed_touches_nothing_and_a_port_needs_a_restart() -> None:
    site = Site(cameras=(camera("a"),))
    none: frozenset[str] = frozenset()
    assert difference(site, site) == Difference(
        added=none, removed=none, reopened=none, rescened=none, moved=none, needs_restart=()
    )
    changed = site.model_copy(update={"centre": CentreConfig(port=81)})
    assert difference(site, changed).needs_restart == ("centre",)


@pytest.mark.parametrize(
    "facts", [{"name": "Khác"}, {"agency": "pc08"}, {"area": "b"}, {"lat": 21.0, "lon": 105.8}]
)
def test_another_name_agency_or_place_is_a_move(facts: dict[str, Any]) -> None:
    before = camera("a")
    changed = difference(
        Site(cameras=(before, camera("b"))),
        Site(cameras=(before.model_copy(update=facts), camera("b"))),
    )
    assert changed.moved == {"a"}
    assert not changed.reopened


FOLLOWED = {
    "agencies", "areas", "cameras", "cap_feeds", "cot_receivers", "decode", "devices", "drills",
    "exchanges", "ldap", "log_heads", "map", "metrics", "networks", "oidc", "ptz", "receivers",
    "retention", "rules", "run_cards", "siem", "targets",
}  # fmt: skip
_AT_START = re.compile(r"\b(?:_?site|begun)\.(\w+)")


def test_every_section_is_followed_or_stays_as_it_was_until_a_restart() -> None:
    """A new section is decided on here; the site that is told is the one in force."""
    assert set(Site.model_fields) == FOLLOWED | set(RESTART_SECTIONS)
    assert set(RESTART_SECTIONS) >= PARTING_SECTIONS
    old, new = (_all_sections(word) for word in ("old", "new"))
    told = in_force(old, new)
    assert {name for name in Site.model_fields if getattr(told, name) == "new"} == FOLLOWED


def _all_sections(word: str) -> Site:
    facts: dict[str, Any] = dict.fromkeys(Site.model_fields, word)
    return Site.model_construct(**facts)


def test_nothing_that_is_made_at_a_start_reads_a_section_that_is_followed() -> None:
    """What keeps a value of the start tells another than it works by, once that changes."""
    made_at_start = [*modules_of("app/centre"), ROOT / "app/phones/phone_tasks.py"]
    read = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in made_at_start
        for name in _AT_START.findall(path.read_text("utf-8"))
        if name in FOLLOWED
    }
    of_each_message = {("app/centre/intake.py", "rules"), ("app/centre/intake.py", "areas")}
    assert read == of_each_message
