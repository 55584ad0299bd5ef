"""HAProxy with our file, in front of two centres in trouble: officers reach one that can tell."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.deploy.centre_in_trouble import DEAD, NO_ARCHIVE, asked, centre
from tests.patience import PATIENCE_S
from thapcanh.app.health.health_routes import Readiness
from thapcanh.app.process.free_port import free_port

SAMPLE = Path(__file__).parents[2] / "deploy" / "haproxy" / "thapcanh.cfg"
HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


@contextmanager
def _proxy(folder: Path, ports: dict[str, int]) -> Iterator[int]:
    listen = free_port()
    text = SAMPLE.read_text(encoding="utf-8").replace("log /dev/log local0", "")
    text = text.replace(":8443 ssl crt /etc/thapcanh/tls/", f"127.0.0.1:{listen}")
    text = text.replace("inter 1s", "inter 100ms")
    for name, address in (("a", "10.0.0.11:8080"), ("b", "10.0.0.12:8080")):
        assert address in text
        text = text.replace(address, f"127.0.0.1:{ports[name]}")
    config = folder / "haproxy.cfg"
    config.write_text(text, encoding="utf-8")
    assert HAPROXY is not None
    running = subprocess.Popen([HAPROXY, "-db", "-f", str(config)])
    try:
        yield listen
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


@pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed here")
@pytest.mark.parametrize(
    ("states", "reached"),
    [
        ({"a": "ok", "b": "ok"}, {"a", "b"}),
        ({"a": DEAD, "b": "ok"}, {"b"}),
        ({"a": NO_ARCHIVE, "b": NO_ARCHIVE}, {"a", "b"}),
        ({"a": NO_ARCHIVE, "b": "unwatched"}, {"b"}),
        ({"a": DEAD, "b": NO_ARCHIVE}, {"b"}),
        ({"a": Readiness.STUCK, "b": "queue_unavailable"}, {"b"}),
        ({"a": Readiness.STUCK, "b": NO_ARCHIVE}, {"b"}),
        ({"a": Readiness.OUTDATED, "b": "ok"}, {"b"}),
    ],
)
def test_a_centre_that_can_say_what_is_wrong_is_not_hidden(
    tmp_path: Path, states: dict[str, str], reached: set[str]
) -> None:
    ports = {name: free_port() for name in states}
    with ExitStack() as stack:
        for name, state in states.items():
            stack.enter_context(centre(name, state, ports[name]))
        listen = stack.enter_context(_proxy(tmp_path, ports))
        until = time.monotonic() + 60.0
        found: set[str] = set()
        while found != reached and time.monotonic() < until:
            time.sleep(0.2)
            answers = [asked(listen) for _ in range(6)]
            found = {text for _, text in answers}
        assert found == reached


def test_every_word_of_health_but_stuck_is_shown_by_the_proxy() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    strict, found, lenient = text.partition("\nbackend centres_in_trouble\n")
    assert found
    told_by_healthz = set(Readiness) - {
        Readiness.STUCK, Readiness.EARLIER, Readiness.NO_INTAKE,
        Readiness.CENTRE_LOST, Readiness.CENTRE_CLOCK, Readiness.OPENING, Readiness.DEGRADED,
    }  # fmt: skip
    for word in told_by_healthz:
        assert (word in strict) is (word is not Readiness.OUTDATED)
        assert word in lenient
    assert NO_ARCHIVE in lenient
    assert Readiness.OPENING in lenient
    passed = re.search(r"rstring \((.*)\)", strict)
    assert passed is not None
    assert not re.search(passed[1], Readiness.OPENING), "it serves nobody while another one does"
