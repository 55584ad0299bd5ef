"""Pictures and films: whole and in ranges, kept private, and never a byte from elsewhere."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.app.web_api.centre import Centre, Desk, serving
from tests.app.web_api.exported import ordered
from tests.patience import PATIENCE_S, patient
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.store import StoredFile
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.process.bounded_reader import BoundedReader, NoAnswer

FILM = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def standing_film(standing_desk: Desk, standing_centre: Centre) -> str:
    """The same, for tests that only look."""
    evidence = (standing_centre.file("e1/clip.mp4", FILM, EvidenceKind.CLIP),)
    standing_centre.raise_alert(evidence=evidence)
    return str(standing_desk.get("/api/v1/alerts").json()["items"][0]["clip"])


@pytest.fixture
def film(desk: Desk, centre: Centre) -> str:
    """The address of an alert's film."""
    centre.raise_alert(evidence=(centre.file("e1/clip.mp4", FILM, EvidenceKind.CLIP),))
    return str(desk.get("/api/v1/alerts").json()["items"][0]["clip"])


def test_a_film_is_served_whole(standing_desk: Desk, standing_film: str) -> None:
    answer = standing_desk.get(standing_film)
    assert answer.status_code == 200
    assert answer.content == FILM
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == 'inline; filename="clip.mp4"'


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, len(FILM)),
        ("bytes=-50", len(FILM) - 50, len(FILM)),
    ],
)
def test_a_film_is_served_in_ranges(
    standing_desk: Desk, standing_film: str, asked: str, start: int, end: int
) -> None:
    answer = standing_desk.get(standing_film, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == FILM[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(FILM)}"


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=5-2", "bytes=a-b", "lines=1-2", "bytes"])
def test_a_range_that_makes_no_sense_is_no_fault_of_ours(
    standing_desk: Desk, standing_film: str, asked: str
) -> None:
    assert standing_desk.get(standing_film, headers={"Range": asked}).status_code in (200, 400, 416)


def test_a_manifest_is_asked_for_anew(desk: Desk, centre: Centre) -> None:
    evidence = (centre.file("e1/manifest.json", b"{}", EvidenceKind.MANIFEST),)
    alert_id = centre.raise_alert(evidence=evidence)
    url = desk.get(f"/api/v1/alerts/{alert_id}").json()["evidence"][0]["url"]
    answer = desk.get(url)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-cache"


def test_a_missing_file_says_so(desk: Desk, film: str, centre: Centre) -> None:
    (centre.evidence_root / "e1/clip.mp4").unlink()
    gone = desk.get(film)
    assert (gone.status_code, gone.json()["error"]) == (410, "evidence_gone")
    never = desk.get("/api/v1/evidence/nothing")
    assert (never.status_code, never.json()["error"]) == (404, "evidence_not_found")


def test_evidence_obeys_the_alerts_scope(
    desk: Desk, film: str, desk_of: Callable[..., Desk]
) -> None:
    elsewhere = desk_of("ward", Role.VIEWER, DataFilter(areas=frozenset({"tay-ho"})))
    here = desk_of("here", Role.VIEWER, DataFilter(areas=frozenset({"hoan-kiem"})))
    assert elsewhere.get(film).status_code == 404
    assert here.get(film).status_code == 200
    elsewhere.cookies.clear()
    assert elsewhere.get(film).status_code == 401


@pytest.mark.parametrize(
    "path", ["../secret.txt", "e1/../../secret.txt", "/etc/hostname", "link/secret.txt", "e1", ""]
)
def test_a_record_that_leads_out_of_the_folder_gives_nothing(
    desk: Desk, centre: Centre, path: str
) -> None:
    outside = centre.folder / "secret.txt"
    outside.write_text("topsecret")
    (centre.evidence_root / "e1").mkdir(parents=True)
    (centre.evidence_root / "link").symlink_to(centre.folder)
    ref = EvidenceRef(kind=EvidenceKind.CLIP, path=path, sha256="a" * 64, bytes=9)
    alert_id = centre.raise_alert(evidence=(ref,))
    url = desk.get(f"/api/v1/alerts/{alert_id}").json()["evidence"][0]["url"]
    answer = desk.get(url)
    assert answer.status_code == 410
    assert "topsecret" not in answer.text
    assert str(centre.folder) not in answer.text


@pytest.mark.parametrize(
    "evidence_id",
    ["../../archive.sqlite", "%2e%2e%2f%2e%2e%2farchive.sqlite", "..%5c..", "%00", "e1%2Fclip.mp4"],
)
def test_an_id_is_not_a_path(standing_desk: Desk, standing_film: str, evidence_id: str) -> None:
    answer = standing_desk.get(f"/api/v1/evidence/{evidence_id}")
    assert answer.status_code == 404
    assert b"SQLite" not in answer.content


def test_the_root_may_be_a_link(desk: Desk, centre: Centre, tmp_path: Path) -> None:
    """Sites mount a large disk and point the data folder there."""
    centre.raise_alert(evidence=(centre.file("e1/clip.mp4", FILM, EvidenceKind.CLIP),))
    centre.evidence_root.rename(tmp_path / "disk")
    centre.evidence_root.symlink_to(tmp_path / "disk")
    film = desk.get("/api/v1/alerts").json()["items"][0]["clip"]
    assert desk.get(film).content == FILM


def test_a_store_that_is_silent_is_said_at_once(desk: Desk, film: str, centre: Centre) -> None:
    centre.store_error = "the evidence store does not answer"
    asked = desk.get(film)
    assert (asked.status_code, asked.json()["error"]) == (503, "evidence_store_silent")
    alert_id = desk.get("/api/v1/alerts").json()["items"][0]["id"]
    assert ordered(desk, what="case", alert=alert_id).status_code == 503
    centre.store_error = None
    assert desk.get(film).status_code == 200


class HangingReads(FolderStore):
    """A share that answers what it has, and hangs while a film is read to a player."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.hangs = False
        self.thawed = threading.Event()
        self.asked = threading.Semaphore(0)

    def read(self, relative: str, found: StoredFile, *, first: int = 0) -> Iterator[bytes]:
        if self.hangs:
            self.asked.release()
            self.thawed.wait(PATIENCE_S)
        yield from super().read(relative, found, first=first)


def test_players_of_a_store_that_hangs_hold_up_no_other_request(
    centre: Centre, tmp_path: Path
) -> None:
    """More players than the server has threads for requests, of one officer."""
    store = HangingReads(tmp_path / "evidence")
    centre.store = store
    centre.add_user("an", Role.OPERATOR)
    centre.raise_alert(evidence=(centre.file("e1/clip.mp4", FILM, EvidenceKind.CLIP),))
    with serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("an")
        film = desk.get("/api/v1/alerts").json()["items"][0]["clip"]
        assert desk.get(film).content == FILM  # its seal is known from here on
        store.hangs = True
        with ThreadPoolExecutor(40) as players:
            played = [players.submit(desk.get, film, timeout=120.0) for _ in range(40)]
            for _ in range(16):
                assert store.asked.acquire(timeout=patient(10.0))
            assert desk.get("/api/v1/alerts", timeout=patient(10.0)).status_code == 200
            store.thawed.set()
            assert [one.result().content == FILM for one in played] == [True] * 40


def test_a_share_that_hangs_holds_up_nobody_else() -> None:
    thawed = threading.Event()
    reader = BoundedReader(at_once=2, within_s=0.02)
    for _ in range(4):
        with pytest.raises(NoAnswer):
            reader.ask(lambda: thawed.wait(PATIENCE_S))
    waiting = [one for one in threading.enumerate() if one.name == "evidence-reader"]
    assert len(waiting) == 2
    thawed.set()
    for thread in waiting:
        thread.join()
    assert reader.ask(lambda: "again") == "again"
