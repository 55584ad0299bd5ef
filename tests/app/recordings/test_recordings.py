"""What was filmed is told and shown to those who see the camera, and who saw it is written down."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.web_api.centre import Centre, Desk
from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera, later, many
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.recordings.playlist import playlist
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.recording.timeline import GapReason

RECORDINGS = "/api/v1/recordings"
HERE = DataFilter(areas=frozenset({"hoan-kiem"}))


@pytest.fixture
def recorded(centre: Centre, tmp_path: Path) -> Iterator[RecordedCamera]:
    """Camera cam-1: 26 s, 14 s of gap, 4 s, and then its worker stopped."""
    folder = tmp_path / "recordings"
    camera = RecordedCamera(folder, "cam-1")
    film = many(synthetic_packets(30), 13, 2.0)
    camera.take(film)
    camera.take(later(film[:60], 40.0, is_new_stream=True))
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 44.0)
    assert camera.journal.flush() is None
    site = centre.site()
    centre.site.replace(site.model_copy(update={"recording": RecordingConfig(dir=folder)}))
    yield camera
    camera.journal.close()


def ask(desk: Desk, tail: str = "", camera: str = "cam-1", **query: float) -> httpx.Response:
    words = {"from": BEGAN_S - 10.0, "to": BEGAN_S + 60.0} | query
    return desk.get(f"{RECORDINGS}/{camera}{tail}", params=words)


def test_segments_and_every_gap_with_its_reason(
    desk_of: Callable[..., Desk], recorded: RecordedCamera
) -> None:
    found = ask(desk_of("an", Role.OPERATOR, HERE)).json()
    assert [one["id"] / 1000 - BEGAN_S for one in found["segments"]] == [0.0, 10.0, 20.0, 40.0]
    assert found["segments"][0]["from"] == found["recorded_from"]
    assert [one["reason"] for one in found["gaps"]] == [
        "not_recorded", "camera_offline", "worker_stopped",
    ]  # fmt: skip
    assert found["gaps"][0]["to"] == found["recorded_from"]


def test_the_playlist_plays_and_its_files_come_in_ranges(
    desk_of: Callable[..., Desk], recorded: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    answer = ask(desk, "/playlist.m3u8")
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    lines = answer.text.splitlines()
    assert lines.count("#EXT-X-GAP") == 3
    assert sum(line.startswith("#EXT-X-MAP") for line in lines) == 2
    assert lines[-1] == "#EXT-X-ENDLIST"
    names = [line for line in lines if line.startswith("segments/")]
    played = b""
    for name in names[:3]:  # one run
        answer = desk.get(f"{RECORDINGS}/cam-1/{name}")
        assert answer.headers["cache-control"] == "private, max-age=300"
        media = lines[lines.index(name) - 2].removeprefix("#EXT-X-BYTERANGE:")
        length, begin = (int(part) for part in media.split("@"))
        ranged = desk.get(
            f"{RECORDINGS}/cam-1/{name}",
            headers={"Range": f"bytes={begin}-{begin + length - 1}"},
        )
        assert ranged.status_code == 206
        assert ranged.content == answer.content[begin:]
        played += ranged.content if played else answer.content
    with open_container(io.BytesIO(played)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 390


def test_a_still_shows_the_moment_and_gaps_have_none(
    desk_of: Callable[..., Desk], recorded: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    pictures = [ask(desk, "/still", at=BEGAN_S + at_s).content for at_s in (12.0, 12.0, 15.5)]
    assert pictures[0][:3] == b"\xff\xd8\xff"
    assert pictures[0] == pictures[1] != pictures[2]
    small = ask(desk, "/still", at=BEGAN_S + 12.0, width=100)
    assert len(small.content) < len(pictures[0])
    for at_s in (-5.0, 30.0, 50.0):
        answer = ask(desk, "/still", at=BEGAN_S + at_s)
        assert (answer.status_code, answer.json()["error"]) == (404, "recording_not_found")


def test_who_may_not_see_the_camera_is_told_it_is_not_there(
    desk_of: Callable[..., Desk], recorded: RecordedCamera, centre: Centre
) -> None:
    desk = desk_of("an", Role.OPERATOR, DataFilter(areas=frozenset({"tay-ho"})))
    begin = f"/segments/{round(BEGAN_S * 1000)}.mp4"
    for tail in ("", "/playlist.m3u8", begin, "/still"):
        answer = ask(desk, tail, at=BEGAN_S + 1.0)
        assert (answer.status_code, answer.json()["error"]) == (404, "camera_not_found")
    never = ask(desk, camera="cam-2").json()
    assert never["segments"] == []
    assert [one["reason"] for one in never["gaps"]] == ["not_recorded"]


def test_what_somebody_saw_stands_in_the_viewing_log_once_in_ten_minutes_of_film(
    desk_of: Callable[..., Desk], recorded: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    for at_s in (0.0, 10.0, 20.0):
        begin = round((BEGAN_S + at_s) * 1000)
        assert ask(desk, f"/segments/{begin}.mp4").status_code == 200
    assert ask(desk, "/still", at=BEGAN_S + 12.0).status_code == 200
    leader = desk_of("binh", Role.LEADER)
    (seen,) = leader.get("/api/v1/viewings").json()["items"]
    assert (seen["what"], seen["person"]["username"], seen["camera"]) == (
        "recording",
        "an",
        "cam-1",
    )
    assert seen["object"] == "cam-1 2026-11-25T01:00Z"


@pytest.mark.parametrize("path", ["../../index.sqlite", "/etc/passwd", "cameras/gone.mp4"])
def test_nothing_outside_the_folder_is_sent_whatever_the_index_says(
    desk_of: Callable[..., Desk], recorded: RecordedCamera, path: str
) -> None:
    recorded.index().apply([("UPDATE segments SET path = ?", (path,))])
    desk = desk_of("an", Role.OPERATOR, HERE)
    answer = ask(desk, f"/segments/{round(BEGAN_S * 1000)}.mp4")
    assert (answer.status_code, answer.json()["error"]) == (404, "recording_not_found")
    assert ask(desk, "/still", at=BEGAN_S + 1.0).status_code == 404


def test_wrong_stretches_and_a_broken_index_are_said(
    desk_of: Callable[..., Desk], recorded: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    for words in ({"to": BEGAN_S - 20.0}, {"to": BEGAN_S + 90_000.0}):
        answer = ask(desk, "", "cam-1", **words)
        assert (answer.status_code, answer.json()["error"]) == (422, "recording_stretch")
    recorded.journal.close()
    (recorded.folder / "index.sqlite").write_bytes(b"broken" * 1000)
    answer = ask(desk)
    assert (answer.status_code, answer.json()["error"]) == (503, "recordings_unavailable")


def test_a_stretch_without_any_film_is_an_empty_playlist() -> None:
    assert "#EXTINF" not in playlist([], [], is_transcoded=False)
