"""S3-compatible storage that refuses, lies, leads away or is full: named, and no secret leaves."""

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.alerts.evidence.s3_server import KEY_ID, SECRET, S3Server, s3_settings
from tests.patience import PATIENCE_S
from thapcanh.alerts.evidence.stores import s3_connection
from thapcanh.alerts.evidence.stores.s3 import S3Objects, S3Store
from thapcanh.alerts.evidence.stores.store import StoredFile, read_whole
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.errors import (
    EvidenceError,
    EvidenceFailed,
    EvidenceFull,
    EvidenceStoreWrong,
    EvidenceUnusable,
)
from thapcanh.ingest.recording.store.objects import ObjectStoreError

REF = EvidenceRef(
    kind=EvidenceKind.CLIP, path="a/clip.mp4", sha256=hashlib.sha256(b"film").hexdigest(), bytes=4
)
FOUND = StoredFile(bytes=4, changed_at=0.0, version='"1"')


@dataclass(slots=True)
class Script:
    """What a store answers to everything but the question whether a file is there."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hold: threading.Event | None = None
    is_dripping: bool = False


@contextmanager
def scripted(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        told: ClassVar[Script] = script

        def _answer(self) -> None:
            self.told.asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.told.hold is not None:
                self.told.hold.wait(PATIENCE_S)
            status = 404 if self.command == "HEAD" else self.told.status
            self.send_response(status)
            for name, value in self.told.headers.items():
                self.send_header(name, value)
            body = b"" if self.command == "HEAD" else self.told.body
            if "Content-Length" not in self.told.headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # who asked has gone
                if self.told.is_dripping:
                    for byte in body:
                        self.wfile.write(bytes((byte,)))
                        time.sleep(0.05)
                else:
                    self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    for method in ("GET", "PUT", "HEAD", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def told(code: str) -> bytes:
    """S3's form of an error, whose words repeat what a stranger would like to read."""
    said = f"<Message>{KEY_ID} {SECRET}</Message>"
    return f"<Error><Code>{code}</Code>{said}</Error>".encode()


def put(store: S3Store, folder: Path) -> EvidenceError:
    source = folder / "film"
    source.write_bytes(b"film")
    with pytest.raises(EvidenceError) as caught:
        store.put(source, REF)
    return caught.value


def test_each_refusal_is_named_once_and_tells_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    script = Script(200)
    with scripted(script) as endpoint:
        store = S3Store(s3_settings(endpoint))
        for status, body, kind, words in (
            (403, told("InvalidAccessKeyId"), EvidenceFailed, "refuses our key (InvalidAccess"),
            (403, told("SignatureDoesNotMatch"), EvidenceFailed, "refuses our key (Signature"),
            (403, b"", EvidenceFailed, "refuses our key (403)"),
            (404, told("NoSuchBucket"), EvidenceStoreWrong, "there is no such bucket"),
            (507, told("XMinioStorageFull"), EvidenceFull, "no room for a/clip.mp4"),
            (400, told("QuotaExceeded"), EvidenceFull, "no room"),
            (503, told("SlowDown"), EvidenceFailed, "a/clip.mp4: SlowDown"),
            (500, b"<html>" + SECRET.encode(), EvidenceFailed, "a/clip.mp4: 500"),
            (400, told("x" * 99), EvidenceFailed, "an answer that is none"),
        ):
            script.status, script.body, script.asked = status, body, []
            error = put(store, tmp_path)
            assert type(error) is kind
            assert words in str(error)
            assert len([one for one in script.asked if one.startswith("PUT")]) == 1
            for secret in (KEY_ID, SECRET):
                assert secret not in str(error) + caplog.text + repr(store.__dict__)


def test_a_store_that_leads_to_another_host_is_not_followed(tmp_path: Path) -> None:
    thief = Script(200)
    with scripted(thief) as elsewhere:
        headers = {"Location": f"{elsewhere}/evidence/a/clip.mp4", "x-amz-bucket-region": "eu-1"}
        answer = Script(301, told("PermanentRedirect"), headers)
        with scripted(answer) as endpoint:
            store = S3Store(s3_settings(endpoint))
            for answer.status in (301, 302, 307, 308):
                assert "not followed" in str(put(store, tmp_path))
    assert thief.asked == []


def test_a_store_that_does_not_answer_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_connection, "_READ_TIMEOUT_S", 0.2)
    silent = Script(200, hold=threading.Event())
    with scripted(silent) as endpoint:
        store = S3Store(s3_settings(endpoint))
        error = put(store, tmp_path)
        assert silent.hold is not None
        silent.hold.set()
    assert "does not answer (ReadTimeoutError)" in str(error)
    error = put(store, tmp_path)  # and now nobody is there
    assert "does not answer (EndpointConnectionError)" in str(error)


@pytest.mark.parametrize(
    "script",
    [
        Script(200, b"film"),  # the whole, where a part was asked for
        Script(206, b"ilm", {"Content-Range": "bytes 2-4/5"}),
        Script(206, b"i", {"Content-Range": "bytes 1-3/4", "Content-Length": "3"}),  # cut off
    ],
)
def test_another_part_than_was_asked_for_is_not_taken(script: Script) -> None:
    with scripted(script) as endpoint, pytest.raises(EvidenceFailed):
        list(S3Store(s3_settings(endpoint)).read(REF.path, FOUND, first=1))


def test_a_store_that_sends_byte_after_byte_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_connection, "_READ_TIMEOUT_S", 0.2)
    whole = b"\0" * 100_000  # 83 minutes of it
    found = StoredFile(bytes=len(whole), changed_at=0.0, version='"1"')
    with scripted(Script(200, whole, is_dripping=True)) as endpoint:
        settings = s3_settings(endpoint)
        with pytest.raises(EvidenceFailed, match="is too slow"):
            list(S3Store(settings).read(REF.path, found))
        with pytest.raises(ObjectStoreError, match="is too slow"):
            list(S3Objects(settings).read("cameras/a/film.mp4"))


def test_a_list_that_breaks_off_is_not_taken_for_an_empty_one() -> None:
    body = b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"
    broken = pytest.raises(ObjectStoreError, match="breaks off")
    with scripted(Script(200, body)) as endpoint, broken:
        list(S3Objects(s3_settings(endpoint)).listed("holds/", most=10))


def test_half_a_file_is_never_uploaded_under_its_seal(s3_server: S3Server, tmp_path: Path) -> None:
    store = S3Store(s3_server.settings(s3_server.new_bucket()))
    source = tmp_path / "film"
    for content in (b"fil", b"fi1m"):
        source.write_bytes(content)
        with pytest.raises(EvidenceUnusable, match="not what was sealed"):
            store.put(source, REF)
    source.write_bytes(b"film")
    store.put(source, REF)
    assert read_whole(store, REF.path) == b"film"
    assert source.exists()  # a copy: who waits for the reply deletes it


def test_the_machines_own_settings_are_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "config"
    settings.write_text("[default]\nendpoint_url = http://127.0.0.1:9\nregion = nowhere\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(settings))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with scripted(Script(200, b"mine")) as endpoint:
        assert S3Store(s3_settings(endpoint)).read_id() == "mine"
