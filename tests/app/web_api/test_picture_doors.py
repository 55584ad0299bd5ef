"""Every endpoint that gives out pictures of a camera, and the test that proves privacy masks there.

An endpoint that is new among them is named here, by whoever has looked at what it hands out.
"""

from pathlib import Path

from tests.app.web_api.endpoints import ENDPOINTS
from thapcanh.app.web_api.access.token_scopes import TokenScope

TESTS = Path(__file__).parents[2]
_EVIDENCE = "alerts/evidence/test_masked_evidence.py::test_what_is_sealed_is_masked"
_LIVE = "app/live/test_masked_live.py::test_no_packet_of_a_masked_camera_passes_through"
_PICTURES = "app/live/test_masked_live.py::test_stills_and_pictures_in_a_row_are_of_masked_packets"
_FILM = "app/recordings/test_masked_recordings.py::"
DOORS = {
    "POST /api/v1/cameras/{camera_id}/whep": _LIVE,
    "GET /api/v1/cameras/{camera_id}/mjpeg": _PICTURES,
    "GET /api/v1/cameras/{camera_id}/still.jpg": _PICTURES,
    "GET /api/v1/recordings/{camera_id}/playlist.m3u8": (
        _FILM + "test_the_playlist_names_masked_films_that_continue_each_other"
    ),
    "GET /api/v1/recordings/{camera_id}/segments/{begin_ms}.mp4": (
        _FILM + "test_segments_are_masked_however_they_are_asked_for"
    ),
    "GET /api/v1/recordings/{camera_id}/still": _FILM + "test_stills_and_exports_are_masked",
    "GET /api/v1/sightings": (
        "app/sightings/test_search.py::test_what_a_privacy_mask_covers_now_is_not_found"
    ),
    "GET /api/v1/evidence/{evidence_id}": _EVIDENCE,
    "GET /api/v1/incidents/{incident_id}/links/pictures/{picture_id}": (
        "app/links/test_small_pictures.py::test_what_goes_to_another_site_is_masked_and_small"
    ),
    "GET /api/v1/exports/{export_id}/file": _FILM + "test_stills_and_exports_are_masked",
}
NO_PICTURES = ("DELETE", "/history/", "/report/", "/situation/", "/statistics/",
               "POST /api/v1/exports", "GET /api/v1/exports/{export_id}",
               "/facilities/{facility_id}/documents/", "/caller-items/",
               "/message-media/", "/crew-reports/")  # fmt: skip
"""Of endpoints that need the right to pictures or exports: tables, texts, and files of people."""


def test_each_door_is_known_and_each_has_its_proof() -> None:
    needs = (TokenScope.PICTURES, TokenScope.EXPORT)
    given = {
        f"{method} {path}" for (method, path), access in ENDPOINTS.items() if access.token in needs
    }
    unknown = {
        door for door in given - DOORS.keys() if not any(part in door for part in NO_PICTURES)
    }
    assert unknown == set(), "does it show a camera? prove its privacy masks, and name it here"
    assert DOORS.keys() <= given
    for proof in DOORS.values():
        path, _, name = proof.partition("::")
        assert f"def {name}(" in (TESTS / path).read_text(encoding="utf-8"), proof
