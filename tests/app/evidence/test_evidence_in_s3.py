"""Evidence in S3-compatible storage: shown, packed and proven as from a folder, by us alone."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.alerts.evidence.s3_server import KEY_ID, SECRET, S3Server
from tests.app.web_api.centre import Centre, Desk, serving
from tests.app.web_api.exported import fetched
from tests.made_archives import archive_at
from thapcanh.alerts.evidence.cases.case_folder import verify_case
from thapcanh.alerts.evidence.consistency import verify_everything
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.roles import DataFilter, Role

FILM = bytes(range(256)) * 4000
CLIP = "2027/cam-1/e1/clip.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A centre whose evidence is in a bucket, and a desk of it."""

    server: S3Server
    bucket: str
    centre: Centre
    desk: Desk
    address: str

    @property
    def store(self) -> S3Store:
        return S3Store(self.server.settings(self.bucket))

    def overwrite(self, content: bytes) -> None:
        self.server.client.put_object(Bucket=self.bucket, Key=f"site/a/{CLIP}", Body=content)


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server.started() as started:
        yield started


@pytest.fixture
def place(server: S3Server, tmp_path: Path) -> Iterator[Place]:
    bucket = server.new_bucket()
    archive = archive_at(tmp_path / "archive.sqlite")
    store = S3Store(server.settings(bucket))
    centre = Centre(archive=archive, folder=tmp_path, store=store)
    centre.add_user("an", Role.LEADER)
    with serving(centre) as served, Desk(served.address) as desk:
        yield Place(
            server=server,
            bucket=bucket,
            centre=centre,
            desk=desk.log_in("an"),
            address=served.address,
        )
    archive.close()


def film_of(place: Place, folder: Path) -> tuple[str, str]:
    """An alert with a film in the bucket: its id, and the film's address."""
    source = folder / "film"
    source.write_bytes(FILM)
    digest = hashlib.sha256(FILM).hexdigest()
    ref = EvidenceRef(kind=EvidenceKind.CLIP, path=CLIP, sha256=digest, bytes=len(FILM))
    place.store.put(source, ref)
    alert = place.centre.raise_alert(evidence=(ref,))
    return alert, str(place.desk.get("/api/v1/alerts").json()["items"][0]["clip"])


def test_a_film_is_streamed_whole_and_in_ranges_through_the_rights_check(
    place: Place, tmp_path: Path
) -> None:
    _, film = film_of(place, tmp_path)
    whole = place.desk.get(film)
    assert (whole.status_code, whole.content) == (200, FILM)
    assert "location" not in whole.headers
    told = str(whole.headers) + place.desk.get("/api/v1/alerts").text
    for private in (place.server.endpoint, place.bucket, KEY_ID, SECRET):
        assert private not in told
    for asked, first, last in (
        ("bytes=0-99", 0, 99),
        ("bytes=600000-", 600_000, len(FILM) - 1),
        ("bytes=-7", len(FILM) - 7, len(FILM) - 1),
    ):
        part = place.desk.get(film, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, FILM[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(FILM)}"
    assert place.desk.get(film, headers={"Range": "bytes=9999999-"}).status_code == 416
    stale = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert place.desk.get(film, headers=stale).status_code == 200
    place.centre.add_user("khac", Role.AGENCY, scope=DataFilter(agencies=frozenset({"csgt"})))
    with Desk(place.address) as other:
        assert other.get(film).status_code == 401
        assert other.log_in("khac").get(film).status_code == 404


def test_what_is_changed_gone_or_out_of_reach_is_said_as_such(place: Place, tmp_path: Path) -> None:
    alert, film = film_of(place, tmp_path)
    place.overwrite(FILM[:-1] + b"x")
    assert place.desk.get(film).json()["error"] == "evidence_changed"
    (found,) = verify_everything(place.centre.archive.database, place.store).disagreements
    assert str(found).endswith("the file was changed")
    place.store.delete(CLIP)
    assert place.desk.get(film).json()["error"] == "evidence_gone"
    (found,) = verify_everything(place.centre.archive.database, place.store).disagreements
    assert str(found).endswith("the file is missing")
    place.server.client.delete_bucket(Bucket=place.bucket)
    for answer in (
        place.desk.get(film),
        fetched(place.desk, what="case", alert=alert, unblurred=True),
    ):
        assert (answer.status_code, answer.json()["error"]) == (503, "evidence_store_silent")
        assert place.bucket not in answer.text


def test_a_case_is_packed_and_proven_and_what_was_altered_is_named(
    place: Place, tmp_path: Path
) -> None:
    alert, _ = film_of(place, tmp_path)
    folder = _unzipped(place.desk, alert, tmp_path / "whole")
    assert verify_case(folder).ok
    assert (folder / "clip.mp4").read_bytes() == FILM
    place.overwrite(b"another film")
    folder = _unzipped(place.desk, alert, tmp_path / "altered")
    assert [(one.name, one.fault) for one in verify_case(folder).faults] == [
        ("clip.mp4", "changed")
    ]


def _unzipped(desk: Desk, alert: str, target: Path) -> Path:
    answer = fetched(desk, unblurred=True, what="case", alert=alert)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as case:
        case.extractall(target)
    (folder,) = target.iterdir()
    return folder
