"""No door of recordings gives out film in which a camera's privacy masks are not painted."""

import io
import json
import zipfile
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.app.recordings.test_recording_export import export
from tests.app.recordings.test_recordings import HERE, RECORDINGS, ask, recorded
from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import EXPORTS, ended, ordered
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera
from thapcanh.alerts.store.roles import Role
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.recording.boxes import from_zero

__all__ = ["recorded"]
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.fixture
def masked(centre: Centre, recorded: RecordedCamera) -> RecordedCamera:
    """The same recording; since then the whole picture of cam-1 was masked."""
    mask(centre)
    return recorded


def mask(centre: Centre) -> None:
    """The whole picture of cam-1, from now on."""
    site = centre.site()
    cameras = tuple(
        one.model_copy(update={"privacy_masks": (WHOLE,)}) if one.id == "cam-1" else one
        for one in site.cameras
    )
    centre.site.replace(site.model_copy(update={"cameras": cameras}))


def brightest(film: bytes) -> tuple[int, int]:
    """How many pictures, and the brightest pixel of all of them."""
    with open_container(io.BytesIO(film)) as container:
        pictures = [one.to_ndarray(format="gray") for one in container.decode(video=0)]
    return len(pictures), max(int(one.max()) for one in pictures)


def dark(film: bytes) -> int:
    """How many pictures, in each of which nothing is lighter than the mark that is burnt in."""
    with open_container(io.BytesIO(film)) as container:
        pictures = [one.to_ndarray(format="gray") for one in container.decode(video=0)]
    heights = {one.shape[0] for one in pictures}
    above_foot = max(one[: min(heights) * 3 // 4].max() for one in pictures)
    assert above_foot < 90
    return len(pictures)


def test_segments_are_masked_however_they_are_asked_for(
    desk_of: Callable[..., Desk], masked: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    path = f"{RECORDINGS}/cam-1/segments/{round(BEGAN_S * 1000)}.mp4"
    for query in ("", "?form=whole"):
        answer = desk.get(path + query, headers={"Range": "bytes=0-"})
        assert brightest(answer.content) == (150, 0)
        assert answer.headers["cache-control"] == "private, no-cache"
    init, media = (desk.get(f"{path}?form={form}").content for form in ("init", "media"))
    assert from_zero(init, media) == answer.content
    assert desk.get(f"{path}?form=raw").status_code == 422


def test_the_playlist_names_masked_films_that_continue_each_other(
    desk_of: Callable[..., Desk], masked: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    lines = ask(desk, "/playlist.m3u8", h264=False).text.splitlines()
    assert not [line for line in lines if "BYTERANGE" in line]
    names = [line for line in lines if line.startswith("segments/")]
    assert names
    assert all(name.endswith("?form=media") for name in names)
    (head, _) = [line.split(chr(34))[1] for line in lines if line.startswith("#EXT-X-MAP")]
    film = b"".join(desk.get(f"{RECORDINGS}/cam-1/{name}").content for name in [head, *names[:3]])
    assert brightest(film) == (390, 0)
    with open_container(io.BytesIO(film)) as container:
        times = [float(one.pts * one.time_base) for one in container.demux(video=0) if one.pts]
    assert np.diff(times).max() < 0.1
    codecs = {one["codec"] for one in ask(desk).json()["segments"]}
    assert codecs == {"avc1.42c01f"}


def test_stills_and_exports_are_masked(
    desk_of: Callable[..., Desk], masked: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    still = ask(desk, "/still", at=BEGAN_S + 12.0)
    picture = cv2.imdecode(np.frombuffer(still.content, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert picture.max() <= 2
    leader = desk_of("chi-huy", Role.LEADER, HERE)
    with zipfile.ZipFile(io.BytesIO(export(leader, unblurred=True).content)) as taken:
        files = {name.partition("/")[2]: taken.read(name) for name in taken.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert [dark(film) for film in files.values()] == [390, 60]
    assert {one["is_the_cameras_own"] for one in manifest["files"]} == {False}


@pytest.mark.usefixtures("recorded")
def test_what_was_ordered_before_a_mask_was_drawn_does_not_leave_without_it(
    desk_of: Callable[..., Desk], centre: Centre
) -> None:
    leader = desk_of("chi-huy", Role.LEADER, HERE)
    wanted = {"what": "recording", "camera": "cam-1", "from": BEGAN_S, "to": BEGAN_S + 30.0}
    order = ended(leader, ordered(leader, unblurred=True, **wanted))
    mask(centre)
    refused = leader.get(f"{EXPORTS}/{order['id']}/file")
    assert (refused.status_code, refused.json()["error"]) == (409, "export_masks_changed")


def test_film_that_cannot_be_decoded_is_refused_not_sent_as_it_is(
    desk_of: Callable[..., Desk], masked: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    (first, *_) = masked.index().segments("cam-1", 0.0, 1e11)
    path = masked.folder / first.path
    path.write_bytes(path.read_bytes()[:200])
    answer = desk.get(f"{RECORDINGS}/cam-1/segments/{round(BEGAN_S * 1000)}.mp4")
    assert (answer.status_code, answer.json()["error"]) == (503, "recordings_unavailable")


def test_without_masks_h264_is_made_only_where_it_is_asked_for(
    desk_of: Callable[..., Desk], recorded: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    assert "form=media" in ask(desk, "/playlist.m3u8", h264=True).text
    path = f"{RECORDINGS}/cam-1/segments/{round(BEGAN_S * 1000)}.mp4"
    (as_recorded, made) = (desk.get(path + query).content for query in ("", "?form=whole"))
    assert as_recorded != made
    assert brightest(made)[0] == brightest(as_recorded)[0] == 150
