"""Where film stays: what is missing is named, and the key is never shown."""

from pathlib import Path

from tests.config.test_evidence_store import WHOLE, loaded
from thapcanh.app.site.site_stores import site_recordings

FILM = WHOLE.replace("evidence", "recording")


def test_the_store_of_recordings_is_opened_as_the_site_says(tmp_path: Path) -> None:
    site = loaded(tmp_path, FILM).site_or_raise()
    assert site.recording.s3 is not None
    assert site.recording.s3.ca == tmp_path / "tls/s3.pem"
    assert "geheim" not in repr(site) + str(site.model_dump())
    site = loaded(tmp_path, FILM.replace('ca = "tls/s3.pem"\n', "")).site_or_raise()
    store = site_recordings(site)
    assert store is not None
    assert store.shown == "https://s3.example:9000/thapcanh/recording/a"
    assert site_recordings(loaded(tmp_path, "[log]\n").site_or_raise()) is None


def test_a_store_without_its_table_is_refused(tmp_path: Path) -> None:
    problems = loaded(tmp_path, '[recording]\nstore = "s3"\n').problems
    assert any('store = "s3" needs the table [recording.s3]' in str(one) for one in problems)
