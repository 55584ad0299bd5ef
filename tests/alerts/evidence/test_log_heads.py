"""The log's signed end: made, sent into a folder elsewhere, and held against the log."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.alerts.desk import NOW, take
from tests.other_disk import MountPoint, other_disk
from thapcanh.alerts.evidence.log_head import LogHead, LogHeadError, new_key, read, signed
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.sealed_log import seal_at
from thapcanh.app.evidence.log_heads import LogHeadSender
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.processes import LogHeads
from thapcanh.config.site import Site, SiteFacts


def _site(folder: Path) -> Site:
    heads = LogHeads(drop=folder, key_file=folder / "head.key")
    return site_in(folder, heads)


def site_in(folder: Path, heads: LogHeads) -> Site:
    return Site(site=SiteFacts(data_dir=folder / "data"), log_heads=heads)


def test_the_end_is_sent_signed_and_is_the_logs(sqlite_archive: Archive, tmp_path: Path) -> None:
    public = new_key(tmp_path / "head.key")
    take(sqlite_archive, 1)
    LogHeadSender(lambda: _site(tmp_path), sqlite_archive.database, lambda: NOW).round()
    (path,) = tmp_path.glob("log-head-*.json")
    head = read(path, public)
    assert seal_at(sqlite_archive.database, head.seq) == head.hash
    assert (head.at, head.seq) == (NOW, 3)  # the alert, its incident, and the seal of both
    said = json.loads(path.read_text("utf-8"))
    for forged in ({**said, "hash": "0" * 64}, {**said, "sig": ""}, {**said, "seq": 1}):
        path.write_text(json.dumps(forged), "utf-8")
        with pytest.raises(LogHeadError, match="not signed by the key"):
            read(path, public)
    path.write_text("{}", "utf-8")
    with pytest.raises(LogHeadError, match="is not a statement"):
        read(path, None)


class _Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted; answers as it is told to."""

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        server.got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(server.answer)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(HTTPServer):
    answer = 204

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.got: list[tuple[str, bytes]] = []


@pytest.fixture
def receiver() -> Iterator[_Server]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_end_goes_to_a_webhook_and_into_a_folder_every_time(
    sqlite_archive: Archive, tmp_path: Path, receiver: _Server
) -> None:
    public = new_key(tmp_path / "head.key")
    drop = tmp_path / "drop"
    drop.mkdir()
    url = SecretUrl(f"http://127.0.0.1:{receiver.server_port}/heads?token=1234")
    heads = LogHeads(drop=drop, webhook=url, key_file=tmp_path / "head.key")
    hours = iter(range(10))
    sender = LogHeadSender(
        lambda: site_in(tmp_path, heads),
        sqlite_archive.database,
        lambda: NOW + next(hours) * 3600.0,
    )
    for count in (1, 2):
        take(sqlite_archive, count)
        sender.round()
    assert [path for path, _ in receiver.got] == ["/heads?token=1234"] * 2
    dropped = sorted(drop.glob("log-head-*.json"))
    for (_, body), path in zip(receiver.got, dropped, strict=True):
        assert json.loads(body) == json.loads(path.read_text("utf-8"))
        head = read(path, public)
        assert seal_at(sqlite_archive.database, head.seq) == head.hash
    assert [read(path, public).at for path in dropped] == [NOW, NOW + 3600.0]
    assert not list(drop.glob(".*"))  # no draft is left


@pytest.mark.parametrize("answer", [500, 302, None])
def test_a_webhook_that_refuses_is_named_without_its_secret_and_the_folder_has_it(
    sqlite_archive: Archive,
    tmp_path: Path,
    receiver: _Server,
    caplog: pytest.LogCaptureFixture,
    answer: int | None,
) -> None:
    new_key(tmp_path / "head.key")
    take(sqlite_archive, 1)
    port = receiver.server_port if answer else 9  # nobody listens there
    receiver.answer = answer or 204
    url = SecretUrl(f"http://user:hidden@127.0.0.1:{port}/heads")
    heads = LogHeads(drop=tmp_path, webhook=url, key_file=tmp_path / "head.key")
    LogHeadSender(lambda: site_in(tmp_path, heads), sqlite_archive.database, lambda: NOW).round()
    assert len(list(tmp_path.glob("log-head-*.json"))) == 1
    assert "is not sent to http" in caplog.text
    assert "hidden" not in caplog.text
    assert len(receiver.got) <= 1  # a redirect is not followed


def test_what_cannot_be_sent_stops_nothing(
    sqlite_archive: Archive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sender = LogHeadSender(lambda: _site(tmp_path / "gone"), sqlite_archive.database, lambda: NOW)
    sender.round()
    assert "the log's end is not sent" in caplog.text
    LogHeadSender(Site, sqlite_archive.database, lambda: NOW).round()  # nothing is asked for
    with pytest.raises(LogHeadError, match="cannot be used"):
        signed(LogHead(site="s", at=1.0, seq=1, hash="h"), tmp_path / "none")


def test_a_folder_whose_disk_is_not_mounted_is_left_alone_and_named(
    sqlite_archive: Archive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The statements lay on the disk of who could write the log again."""
    point = MountPoint(tmp_path / "elsewhere")
    hours = iter(range(10))
    site = site_in(tmp_path, LogHeads(drop=point.place))
    sender = LogHeadSender(
        lambda: site, sqlite_archive.database, lambda: NOW + next(hours) * 3600.0
    )
    with other_disk(tmp_path) as disk:
        point.mount(disk)
        sender.round()
        point.unmount()
        sender.round()
        assert list(point.place.iterdir()) == []
        assert f"is not in {point.place}: {point.place} is not the disk of copies" in caplog.text
        point.mount(disk)
        sender.round()
        assert len(list(disk.glob("log-head-*.json"))) == 2
