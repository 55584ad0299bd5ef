"""nginx with our file, in front of a centre in trouble: officers are told what is wrong."""

import http.client
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import WaitFor
from tests.deploy.centre_in_trouble import DEAD, FROZEN, NO_ARCHIVE, asked, centre, told
from tests.local_ports import listens
from tests.patience import PATIENCE_S
from thapcanh.app.health.health_routes import Readiness
from thapcanh.app.process.free_port import free_port

SAMPLE = Path(__file__).parents[2] / "deploy" / "nginx" / "thapcanh.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_SILENT = {DEAD: 502, FROZEN: 504}
_KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")


def _text(folder: Path, listen: int, behind: int) -> str:
    """The sample without TLS, on a port of this machine, with a shorter patience."""
    site = SAMPLE.read_text(encoding="utf-8")
    site, tls = re.subn(r"(?m)^    ssl_.*$|^    http2 on;$", "", site)
    site, ports = re.subn(r"listen 443 ssl;", f"listen 127.0.0.1:{listen};", site)
    site = re.sub(r"listen \[::\]:.*", "", site)
    site = site.replace("listen 80;", f"listen unix:{folder}/80.sock;")
    site, waits = re.subn(r"proxy_read_timeout 60s;", "proxy_read_timeout 1s;", site)
    site, behinds = re.subn(r"127\.0\.0\.1:8080", f"127.0.0.1:{behind}", site)
    assert (tls, ports, waits, behinds) == (6, 1, 1, 4), "the sample is another one"
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in _KINDS)
    http = f"http {{\naccess_log off;\n{places}{site}\n}}\n"
    return f"daemon off;\nworker_processes 1;\npid {folder}/pid;\nevents {{}}\n{http}"


@contextmanager
def _proxy(folder: Path, behind: int, wait_for: WaitFor) -> Iterator[int]:
    listen, config = free_port(), folder / "nginx.conf"
    config.write_text(_text(folder, listen, behind), encoding="utf-8")
    assert NGINX is not None
    folder.chmod(0o755)  # its children are another user's
    running = subprocess.Popen([NGINX, "-c", str(config), "-e", str(folder / "log")])
    try:
        wait_for(lambda: listens(listen), 20.0, "nginx")
        yield listen
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


@pytest.mark.parametrize("state", ["ok", NO_ARCHIVE, Readiness.STUCK, DEAD, FROZEN])
def test_a_centre_in_trouble_is_shown_through_nginx_or_missed_in_words(
    tmp_path: Path, wait_for: WaitFor, state: str
) -> None:
    behind = free_port()
    with centre("the screen", state, behind), _proxy(tmp_path, behind, wait_for) as port:
        page, health = asked(port), asked(port, "/healthz")
        if state in _SILENT:
            for status, text in (page, health):
                assert status == _SILENT[state]
                assert "màn hình KHÔNG còn báo cháy" in text
                assert "this screen shows NO alerts" in text
        else:
            status, body = told(state)
            assert page == (200, "the screen")
            assert health == (status, body.decode())


def test_a_centre_that_comes_back_is_reached_at_once(tmp_path: Path, wait_for: WaitFor) -> None:
    behind = free_port()
    with _proxy(tmp_path, behind, wait_for) as port:
        assert asked(port)[0] == 502
        with centre("the screen", "ok", behind):
            assert asked(port) == (200, "the screen")


def test_a_quiet_stream_is_not_cut_and_each_alert_passes_at_once(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    behind, said, done = free_port(), threading.Event(), threading.Event()

    def stream(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
            said.wait(PATIENCE_S)
            peer.sendall(b"data: fire\n\n")
            done.wait(PATIENCE_S)

    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", behind)))
        port = stack.enter_context(_proxy(tmp_path, behind, wait_for))
        thread = threading.Thread(target=stream, args=(server,))
        thread.start()
        stack.callback(thread.join)
        stack.callback(done.set)
        stack.callback(said.set)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        stack.callback(connection.close)
        connection.request("GET", "/api/v1/stream")
        reply = connection.getresponse()
        assert reply.readline() == b": hello\n"
        time.sleep(1.5)  # longer than any other answer may take
        said.set()
        assert [reply.readline() for _ in range(2)] == [b"\n", b"data: fire\n"]


def test_nginx_takes_the_sample_with_its_certificates(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed here")
    key, chain = tmp_path / "key.pem", tmp_path / "fullchain.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=t", "-keyout", str(key), "-out", str(chain)]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    site = SAMPLE.read_text(encoding="utf-8").replace("/etc/thapcanh/tls", str(tmp_path))
    site = re.sub(r"listen \[::\]:.*", "", site)
    site = re.sub(r"listen (\d+)", rf"listen unix:{tmp_path}/\1.sock", site)
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in _KINDS)
    main = tmp_path / "nginx.conf"
    text = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{places}{site}\n}}\n"
    main.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [str(NGINX), "-t", "-c", str(main), "-e", str(tmp_path / "log")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
