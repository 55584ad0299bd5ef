"""Former owners of cameras: put down with each change of hands, whoever makes it."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.evidence.consistency import verify_everything
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.registry.camera_owners import CameraOwners
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.registry_tables import registry_change
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING

GATE = {"id": "gate", "name": "Cổng", "source": "rtsp://h/x"}


class Registry:
    """One camera's entry, written anew at a time."""

    def __init__(self, archive: Archive) -> None:
        self.rows = RegistryRepository(archive.database)
        self.owners = CameraOwners(archive.database)

    def write(self, at: float, document: Mapping[str, Any] | None) -> None:
        there = self.rows.entries("cameras", ["gate"]).get("gate")
        write = EntryWrite(
            kind="cameras",
            id="gate",
            expected=there.revision if there else 0,
            document=document,
        )
        author = Author(username="dung", role="technician", at=at)
        self.rows.write([write], author, EVERYTHING)

    def former(self) -> list[tuple[str | None, str | None, float]]:
        found = self.owners.former(["gate", "nothing"])
        assert "nothing" not in found
        return [(one.agency, one.area, one.until) for one in found.get("gate", ())]


def test_each_change_of_hands_is_put_down_and_no_other(archive: Archive) -> None:
    registry = Registry(archive)
    registry.write(10.0, GATE | {"agency": "pc07"})
    registry.write(20.0, GATE | {"agency": "pc07", "name": "Cổng sau"})
    assert registry.former() == []
    registry.write(30.0, GATE | {"agency": "csgt"})
    registry.write(40.0, GATE | {"agency": "csgt", "area": "ba-dinh"})
    assert registry.former() == [("pc07", None, 30.0), ("csgt", None, 40.0)]


def test_who_takes_the_id_of_a_removed_camera_does_not_get_its_film(archive: Archive) -> None:
    registry = Registry(archive)
    registry.write(10.0, GATE | {"agency": "pc07"})
    registry.write(20.0, None)
    registry.write(30.0, GATE | {"agency": "csgt"})
    assert registry.former() == [("pc07", None, 20.0)]


def test_a_clock_that_was_put_back_swaps_no_owners(archive: Archive) -> None:
    registry = Registry(archive)
    registry.write(10.0, GATE | {"agency": "pc07"})
    registry.write(100.0, GATE | {"agency": "csgt"})
    registry.write(50.0, GATE | {"agency": "pc07"})
    assert registry.former() == [("pc07", None, 100.0), ("csgt", None, 100.001)]


def test_a_site_that_leaves_its_files_for_the_registry_keeps_its_owners(archive: Archive) -> None:
    registry = Registry(archive)
    assert registry.owners.follow_files({"gate": {"agency": "pc07"}, "lake": {}}, 5.0) == 0
    assert registry.owners.follow_files({"gate": {"agency": "pc07"}}, 8.0) == 1
    assert registry.former() == []
    registry.write(10.0, GATE | {"agency": "csgt"})
    assert registry.former() == [("pc07", None, 10.0)]


def test_former_owners_are_sealed(archive: Archive, tmp_path: Any) -> None:
    registry = Registry(archive)
    registry.owners.follow_files({"gate": {"agency": "pc07"}}, 5.0)
    registry.owners.follow_files({"gate": {"agency": "csgt"}}, 8.0)
    registry.write(10.0, GATE | {"agency": "csgt"})
    registry.write(20.0, GATE | {"agency": "pc07"})
    store = FolderStore(tmp_path / "evidence")
    assert not verify_everything(archive.database, store).disagreements
    with archive.database.writing() as connection:
        connection.execute(sa.text("UPDATE camera_owner SET agency = 'csgt'"))
    wrong = verify_everything(archive.database, store).disagreements
    assert [one.what.partition(":")[0] for one in wrong] == ["camera_owner"]


def test_an_archive_of_before_learns_former_owners_from_its_changes(archive: Archive) -> None:
    changes: list[tuple[str, dict[str, Any] | None, dict[str, Any] | None]] = [
        ("gate", None, GATE | {"agency": "pc07"}),
        ("gate", GATE | {"agency": "pc07"}, GATE | {"agency": "pc07", "name": "Cổng sau"}),
        ("gate", GATE | {"agency": "pc07"}, GATE | {"agency": "csgt"}),
        ("gate", GATE | {"agency": "csgt"}, None),
    ]
    archive.database.downgrade("0010_evidence_gone")
    rows = [
        {
            "revision": number, "at": number * 10.0, "actor": "dung", "role": "technician",
            "origin": "form", "kind": "cameras", "id": name,
            "before": before and json.dumps(before), "after": after and json.dumps(after),
        }
        for number, (name, before, after) in enumerate(changes, 1)
    ]  # fmt: skip
    with archive.database.altering() as connection:
        connection.execute(sa.insert(registry_change), rows)
    archive.database.upgrade()
    assert Registry(archive).former() == [("pc07", None, 30.0), ("csgt", None, 40.0)]
