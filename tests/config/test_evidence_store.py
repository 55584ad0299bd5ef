"""Where evidence is kept: what is missing or wrong is named, and the key is never shown."""

from pathlib import Path

import pytest

from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_stores import site_evidence
from thapcanh.config.load import Loaded

WHOLE = """
[evidence]
store = "s3"

[evidence.s3]
endpoint = "https://s3.example:9000"
bucket = "thapcanh"
prefix = "evidence/a"
key_id = "${env:S3_KEY_ID}"
secret = "${env:S3_SECRET}"
ca = "tls/s3.pem"
"""


def loaded(folder: Path, text: str) -> Loaded:
    path = folder / "thapcanh.toml"
    path.write_text(text, encoding="utf-8")
    return load_site(path, environ={"S3_KEY_ID": "key-geheim", "S3_SECRET": "geheim"})


def test_a_bucket_is_named_without_its_key(tmp_path: Path) -> None:
    site = loaded(tmp_path, WHOLE).site_or_raise()
    assert site.evidence.s3 is not None
    assert site.evidence.s3.ca == tmp_path / "tls/s3.pem"
    assert site.evidence.s3.secret.get_secret_value() == "geheim"
    assert "geheim" not in repr(site) + str(site.model_dump())


def test_the_store_is_opened_as_the_site_says(tmp_path: Path) -> None:
    site = loaded(tmp_path, WHOLE.replace('ca = "tls/s3.pem"\n', "")).site_or_raise()
    store = site_evidence(site)
    assert isinstance(store, S3Store)
    assert store.shown == "https://s3.example:9000/thapcanh/evidence/a"
    assert isinstance(site_evidence(loaded(tmp_path, "[log]\n").site_or_raise()), FolderStore)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[evidence.s3]", "[evidence.s4]", "evidence.s4: unknown key"),
        ("https://", "https://me:geheim@", "evidence.s3.endpoint: is not an address such as"),
        (":9000", ":9000/thapcanh", "evidence.s3.endpoint: has something behind the host"),
        ('"thapcanh"', '"Tháp"', "evidence.s3.bucket: expected"),
        ("evidence/a", "../a", "evidence.s3.prefix: expected"),
        ("S3_SECRET", "NO", "the environment variable NO is not set"),
        ('secret = "${env:S3_SECRET}"\n', "", "evidence.s3.secret: missing, but required"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    found = loaded(tmp_path, WHOLE.replace(old, new, 1))
    assert found.site is None
    said = "\n".join(map(str, found.problems))
    assert expected in said
    assert "geheim" not in said


def test_s3_without_its_table_is_named(tmp_path: Path) -> None:
    found = loaded(tmp_path, '[evidence]\nstore = "s3"\n')
    assert [str(one).partition(": ")[2] for one in found.problems] == [
        'evidence: store = "s3" needs the table [evidence.s3]'
    ]
