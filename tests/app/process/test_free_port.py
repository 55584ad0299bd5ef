"""Ports for servers that are started later."""

import socket
from pathlib import Path

import pytest

from thapcanh.app.process.free_port import free_port


def _range(folder: Path, text: str) -> Path:
    path = folder / "ip_local_port_range"
    path.write_text(text, encoding="ascii")
    return path


def test_a_port_is_none_that_connections_are_given(tmp_path: Path) -> None:
    connections = _range(tmp_path, "32768\t60999\n")
    found = {free_port(connections) for _ in range(200)}
    assert max(found) < 32768
    assert len(found) > 100


@pytest.mark.parametrize("text", ["1024 65535", "", "all"])
def test_one_is_found_whatever_the_machine_gives_to_connections(tmp_path: Path, text: str) -> None:
    port = free_port(_range(tmp_path, text))
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
    assert free_port(tmp_path / "no such file") > 0


def test_where_none_is_free_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: object) -> None:
        raise OSError("in use")

    monkeypatch.setattr(socket.socket, "bind", taken)
    with pytest.raises(OSError, match=r"no port from 20000 to 32767 is free on 127\.0\.0\.1"):
        free_port(_range(tmp_path, "32768 60999"))
