"""Film that is kept of a camera which is removed or disabled can be played by those who may."""

from collections.abc import Callable
from typing import Any

import pytest

from alerts.registry.records import Author, EntryKind, EntryWrite
from alerts.registry.repository import RegistryRepository
from alerts.store.roles import EVERYTHING, DataFilter, Role
from app.web_api.prefix import PREFIX
from config.site import RegistryConfig
from tests.app.recordings.test_masked_recordings import brightest
from tests.app.recordings.test_recordings import recorded
from tests.app.web_api.centre import Centre, Desk
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera

__all__ = ["recorded"]

RECORDINGS = f"{PREFIX}/recordings/cam-1"
WHOLE = {"from": BEGAN_S - 10.0, "to": BEGAN_S + 60.0}
OWNER = DataFilter(agencies=frozenset({"pc07"}))
OTHER = DataFilter(agencies=frozenset({"csgt"}))
WHOLE_PICTURE = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]]


def _gone(centre: Centre, **facts: Any) -> RegistryRepository:
    """The registry had cam-1; the site in force has it no more."""
    registry = RegistryRepository(centre.archive.database)
    document = {"id": "cam-1", "name": "Cổng", "agency": "pc07", **facts}
    _write(registry, 0, document)
    site = centre.site()
    cameras = tuple(one for one in site.cameras if one.id != "cam-1")
    changes = {"cameras": cameras, "registry": RegistryConfig(source="database")}
    centre.site.replace(site.model_copy(update=changes))
    return registry


def _write(registry: RegistryRepository, expected: int, document: dict[str, Any] | None) -> None:
    author = Author(username="chi", role="admin", at=BEGAN_S + 3600.0 + expected)
    write = EntryWrite(kind=EntryKind.CAMERAS, id="cam-1", expected=expected, document=document)
    registry.write([write], author, EVERYTHING)


@pytest.mark.parametrize("is_removed", [True, False])
def test_who_owned_a_camera_plays_its_film_after_it_is_gone_and_nobody_else(
    centre: Centre, recorded: RecordedCamera, desk_of: Callable[..., Desk], is_removed: bool
) -> None:
    registry = _gone(centre)
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
    registry = _gone(centre, privacy_masks=WHOLE_PICTURE)
    _write(registry, registry.head(), None)
    desk = desk_of("an", Role.OPERATOR, OWNER)
    film = desk.get(f"{RECORDINGS}/segments/{round(BEGAN_S * 1000)}.mp4")
    assert film.headers["cache-control"] == "private, no-cache", "made anew, and masked"
    assert brightest(film.content) == (150, 0)


def test_a_camera_that_never_was_is_not_found(
    centre: Centre, recorded: RecordedCamera, desk_of: Callable[..., Desk]
) -> None:
    _gone(centre)
    desk = desk_of("an", Role.OPERATOR, OWNER)
    assert desk.get(f"{PREFIX}/recordings/cam-99", params=WHOLE).status_code == 404
