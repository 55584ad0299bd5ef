"""Evidence goes from a folder into S3: whole, by its seals, again after a failure, usable last."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.alerts.evidence.s3_server import KEY_ID, SECRET, S3Server
from tests.alerts.evidence.test_holds import closed_case
from tests.made_archives import archive_at
from thapcanh.alerts.evidence.consistency import EXTRA, verify_everything
from thapcanh.alerts.evidence.store_monitor import StoreIdentity
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.errors import EvidenceStoreWrong
from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.app.supervisor.supervisor import hold_data_dir
from thapcanh.ingest.store_identity import STORE_ID_FILE

Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server.started() as started:
        yield started


class Site:
    """A site whose configuration names a bucket, and whose evidence lies in a folder."""

    def __init__(self, folder: Path, server: S3Server) -> None:
        self.server, self.bucket = server, server.new_bucket()
        self.data, self.folder = folder / "data", folder / "evidence"
        self.config = folder / "thapcanh.toml"
        self.name_bucket(self.bucket)
        self.local = FolderStore(self.folder)
        self.remembered = folder / "centre.store-id"
        StoreIdentity(self.local, self.remembered).check()
        with closing(archive_at(self.data / "archive.sqlite")) as archive:
            cases = [closed_case(archive, self.local, seq) for seq in (1, 2, 3)]
            self.paths = [archive.evidence_of(one)[0].path for one in cases]
        (self.folder / "2027" / "late.mp4").write_bytes(b"its event waits in a spool")
        (self.folder / "2027" / ".late.part").write_bytes(b"half")

    def name_bucket(self, bucket: str) -> None:
        self.config.write_text(
            f'[site]\ndata_dir = "{self.data}"\n[evidence]\nstore = "s3"\n[evidence.s3]\n'
            f'endpoint = "{self.server.endpoint}"\nbucket = "{bucket}"\nprefix = "site/a"\n'
            f'key_id = "{KEY_ID}"\nsecret = "{SECRET}"\n',
            encoding="utf-8",
        )

    @property
    def store(self) -> S3Store:
        return S3Store(self.server.settings(self.bucket))

    def copy(self) -> int:
        return main(["evidence", "copy", str(self.folder), "-c", str(self.config)])

    def identity(self) -> str:
        return StoreIdentity(self.store, self.remembered).check().store_id


@pytest.fixture
def site(tmp_path: Path, server: S3Server) -> Site:
    return Site(tmp_path, server)


def test_all_goes_there_and_the_store_is_the_same_one(site: Site, capsys: Out) -> None:
    before = sorted(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
    assert site.copy() == exit_codes.OK
    assert "4 files copied" in capsys.readouterr().out
    wanted = {*site.paths, "2027/late.mp4", STORE_ID_FILE}
    assert site.server.keys(site.bucket) == {f"site/a/{one}" for one in wanted}
    assert site.identity() == site.local.read_id()
    assert before == sorted(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
    with closing(Archive(sqlite_url(site.data / "archive.sqlite"))) as archive:
        found = verify_everything(archive.database, site.store)
    (late,) = found.disagreements  # its event waits in a spool
    assert (late.what, late.how) == ("evidence 2027/late.mp4", EXTRA)
    assert found.files == len(site.paths)
    assert site.copy() == exit_codes.OK
    assert "0 files copied (0.0 MB) and read back, 4 were there" in capsys.readouterr().out


def test_beside_a_living_site_it_is_not_the_last_copy(site: Site, capsys: Out) -> None:
    with hold_data_dir(site.data / "run"):
        assert site.copy() == exit_codes.FAILED
    assert "stop the site, and run this again" in capsys.readouterr().out
    with pytest.raises(EvidenceStoreWrong):  # what starts on it now refuses it
        site.identity()
    assert site.copy() == exit_codes.OK
    assert site.identity() == site.local.read_id()


def test_a_store_that_is_away_is_said_and_the_copy_goes_on_later(site: Site, capsys: Out) -> None:
    site.name_bucket("not-there")
    assert site.copy() == exit_codes.FAILED
    assert "there is no such bucket; nothing is lost" in capsys.readouterr().err
    site.name_bucket(site.bucket)
    assert site.copy() == exit_codes.OK


def test_what_is_missing_or_changed_is_named_and_not_copied(site: Site, capsys: Out) -> None:
    missing, changed, _ = site.paths
    site.local.path(missing).unlink()
    site.local.path(changed).write_bytes(b"another")
    assert site.copy() == exit_codes.FAILED
    said = capsys.readouterr().out
    assert f"! evidence {missing}: missing" in said
    assert f"! evidence {changed}: changed" in said
    assert f"site/a/{changed}" not in site.server.keys(site.bucket)


def test_another_sites_store_is_left_alone(site: Site, capsys: Out) -> None:
    site.store.give_id("another")
    assert site.copy() == exit_codes.FAILED
    assert "holds another evidence store" in capsys.readouterr().err
    assert site.server.keys(site.bucket) == {f"site/a/{STORE_ID_FILE}"}


def test_a_folder_as_target_is_left_to_other_means(site: Site, capsys: Out) -> None:
    site.config.write_text(f'[site]\ndata_dir = "{site.data}"\n', encoding="utf-8")
    assert site.copy() == exit_codes.UNUSABLE
    assert "rsync" in capsys.readouterr().err
