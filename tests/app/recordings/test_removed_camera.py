"""Film that is kept of a camera which is removed or disabled can be played by those who may."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tests.app.recordings.test_masked_recordings import brightest
from tests.app.recordings.test_recordings import recorded
from tests.app.web_api.centre import Centre, Desk
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera
from thapcanh.alerts.registry.records import Author, EntryKind, EntryWrite
from thapcanh.alerts.registry.registry_tables import camera_owner
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.registry.owner_tasks import OwnerTask
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import RegistryConfig

__all__ = ["recorded"]

RECORDINGS = f"{PREFIX}/recordings/cam-1"
WHOLE = {"from": BEGAN_S - 10.0, "to": BEGAN_S + 60.0}
OWNER = DataFilter(agencies=frozenset({"pc07"}))
OTHER = DataFilter(agencies=frozenset({"csgt"}))
WHOLE_PICTURE = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]]


def _removed(centre: Centre, **facts: Any) -> RegistryRepository:
    """The registry had cam-1; the site in force has it no more."""
    registry = RegistryRepository(centre.archive.database)
    document = {"id": "cam-1", "name": "Cổng", "agency": "pc07", **facts}
    _write(registry, 0, document)
    site = centre.site()
    cameras = tuple(one for one in site.cameras if one.id != "cam-1")
    changes = {"cameras": cameras, "registry": RegistryConfig(source="database")}
    centre.site.replace(site.model_copy(update=changes))
    return registry


def _write(
    registry: RegistryRepository,
    expected: int,
    document: dict[str, Any] | None,
    name: str = "cam-1",
) -> None:
    author = Author(username="chi", role="admin", at=BEGAN_S + 3600.0 + expected)
    write = EntryWrite(kind=EntryKind.CAMERAS, id=name, expected=expected, document=document)
    registry.write([write], author, EVERYTHING)


@pytest.mark.parametrize("is_removed", [True, False])
def test_who_owned_a_camera_plays_its_film_after_it_is_gone_and_nobody_else(
    centre: Centre, recorded: RecordedCamera, desk_of: Callable[..., Desk], is_removed: bool
) -> None:
    registry = _removed(centre)
    if is_removed:
        _write(registry, registry.head(), None)
    for desk in (desk_of("an", Role.OPERATOR, OWNER), desk_of("ad", Role.ADMIN, EVERYTHING)):
        found = desk.get(RECORDINGS, params=WHOLE)
        assert found.status_code == 200, found.text
        assert len(found.json()["segments"]) == 4
        assert desk.get(f"{RECORDINGS}/segments/{round(BEGAN_S * 1000)}.mp4").status_code == 200
        assert desk.get(f"{RECORDINGS}/still", params={"at": BEGAN_S + 5.0}).status_code == 200
    other = desk_of("ba", Role.OPERATOR, OTHER).get(RECORDINGS, params=WHOLE)
    assert (other.status_code, other.json()["error"]) == (404, "camera_not_found")


def test_what_was_masked_stays_masked_after_its_camera_is_gone(
    centre: Centre, recorded: RecordedCamera, desk_of: Callable[..., Desk]
) -> None:
    registry = _removed(centre, privacy_masks=WHOLE_PICTURE)
    _write(registry, registry.head(), None)
    desk = desk_of("an", Role.OPERATOR, OWNER)
    film = desk.get(f"{RECORDINGS}/segments/{round(BEGAN_S * 1000)}.mp4")
    assert film.headers["cache-control"] == "private, no-cache", "made anew, and masked"
    assert brightest(film.content) == (150, 0)


def test_a_camera_that_never_was_is_not_found(
    centre: Centre, recorded: RecordedCamera, desk_of: Callable[..., Desk]
) -> None:
    _removed(centre)
    desk = desk_of("an", Role.OPERATOR, OWNER)
    assert desk.get(f"{PREFIX}/recordings/cam-99", params=WHOLE).status_code == 404


def _listed(desk: Desk) -> list[dict[str, Any]]:
    answer = desk.get(f"{PREFIX}/recordings")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@pytest.mark.parametrize("is_removed", [True, False])
def test_removed_cameras_whose_film_is_kept_are_listed_to_who_owned_them(
    centre: Centre, recorded: RecordedCamera, desk_of: Callable[..., Desk], is_removed: bool
) -> None:
    """It could be played by who knew the camera's id, and was listed nowhere."""
    registry = _removed(centre, enabled=False)
    if is_removed:
        _write(registry, registry.head(), None)
    owner, admin = desk_of("an", Role.OPERATOR, OWNER), desk_of("ad", Role.ADMIN, EVERYTHING)
    (found,) = _listed(owner)
    assert (found["id"], found["name"], found["agency"]) == ("cam-1", "Cổng", "pc07")
    begins, ends = (datetime.fromisoformat(found[key]).timestamp() for key in ("from", "to"))
    assert BEGAN_S - 1 <= begins < ends <= BEGAN_S + 60
    assert _listed(admin) == [found]
    assert _listed(desk_of("ba", Role.OPERATOR, OTHER)) == []


def test_removed_cameras_of_others_hide_none_of_ones_own(
    centre: Centre,
    recorded: RecordedCamera,
    desk_of: Callable[..., Desk],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last to go were chosen first, then whose film it is and whether any is kept."""
    monkeypatch.setattr("thapcanh.app.recordings.recording_routes._MOST_REMOVED", 1)
    registry = _removed(centre, enabled=False)
    for name in ("cam-7", "cam-8", "cam-9"):
        theirs = {"id": name, "name": name, "agency": "csgt", "enabled": False}
        _write(registry, 0, theirs, name)
    for desk in (desk_of("an", Role.OPERATOR, OWNER), desk_of("ad", Role.ADMIN, EVERYTHING)):
        answer = desk.get(f"{PREFIX}/recordings").json()
        assert [one["id"] for one in answer["items"]] == ["cam-1"]
        assert answer["more"] is False


def test_a_camera_that_is_watched_again_is_no_removed_one(
    centre: Centre, recorded: RecordedCamera, desk_of: Callable[..., Desk]
) -> None:
    registry = _removed(centre)
    _write(registry, registry.head(), None)
    assert _listed(desk_of("an", Role.OPERATOR, OWNER))
    back = CameraConfig(id="cam-1", name="Cổng", source=SecretUrl("a.mp4"), agency="pc07")
    site = centre.site()
    centre.site.replace(site.model_copy(update={"cameras": (*site.cameras, back)}))
    assert _listed(desk_of("an", Role.OPERATOR, OWNER)) == []


def test_film_of_a_camera_that_left_the_files_is_played_with_its_masks(
    centre: Centre, recorded: RecordedCamera, desk_of: Callable[..., Desk]
) -> None:
    """Nobody knew what was to be masked of a camera that stood in the files no more."""
    site = centre.site()
    others = tuple(one for one in site.cameras if one.id != "cam-1")
    own = CameraConfig(
        id="cam-1",
        name="Cổng",
        source=SecretUrl("rtsp://u:hush@10.0.0.1/a"),
        agency="pc07",
        privacy_masks=(tuple((x, y) for x, y in WHOLE_PICTURE[0]),),
    )
    rounds = OwnerTask(centre.archive.database, centre.site, lambda: BEGAN_S + 3600.0)
    centre.site.replace(site.model_copy(update={"cameras": (*others, own)}))
    rounds.round()
    centre.site.replace(site.model_copy(update={"cameras": others}))
    rounds.round()
    desk = desk_of("an", Role.OPERATOR, OWNER)
    (found,) = _listed(desk)
    assert found["name"] == "Cổng"
    assert desk.get(RECORDINGS, params=WHOLE).status_code == 200
    film = desk.get(f"{RECORDINGS}/segments/{round(BEGAN_S * 1000)}.mp4")
    assert brightest(film.content) == (150, 0)
    other = desk_of("ba", Role.OPERATOR, OTHER)
    assert _listed(other) == []
    assert other.get(RECORDINGS, params=WHOLE).status_code == 404
    with centre.archive.database.reading() as connection:
        rows = connection.execute(sa.select(camera_owner.c.document)).scalars().all()
    assert not any("hush" in (row or "") for row in rows)
