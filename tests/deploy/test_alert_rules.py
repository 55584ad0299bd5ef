"""The Prometheus rules in `deploy/`: they ask for what is exported, and wake when they should.

Where a `prometheus` is installed it reads them, scrapes figures of a site that is well and of one
in which everything is broken, and tells which rules fire.
"""

import json
import re
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.app.health.test_prometheus_text import centre, read, worker
from tests.app.web_api.made_reports import reports_of
from tests.conftest import WaitFor
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.outbox.records import TargetState
from thapcanh.alerts.lifecycle.consumer_counts import ConsumerStats
from thapcanh.alerts.queue.queue import QueueDepth
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.coordination.centres import LivingCentre
from thapcanh.app.health.prometheus_text import metrics_text
from thapcanh.app.process.free_port import free_port
from thapcanh.ingest.clock import SystemClock

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "thapcanh.rules.yml"
PROMETHEUS = shutil.which("prometheus")
NOT_TOGETHER = {"CentreUnknown"}  # with others: it speaks where nothing is scraped
Figures = Callable[[int], bytes]
Asked = Callable[[str], Any]


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def well(number: int) -> bytes:
    now = SystemClock().utc()
    one = worker(
        spool={"waiting": 0, "oldest_at": None},
        disk={"free": 9_000_000_000, "total": 90_000_000_000},
    )
    one["looks"] = {**one["looks"], "looks": 70 + number}
    one["evidence"] = {**one["evidence"], "store": {"id": "share", "free": 9_000_000_000}}
    targets = {"t": TargetState(target="t")}
    leads = [LivingCentre(name="a", leads=True)]
    told = centre(last_proven=now - 20, targets=targets, centres=leads, system_alerts={})
    return metrics_text(reports_of([one]), told, now)


def broken(number: int) -> bytes:
    now = SystemClock().utc()
    one = worker(
        spool={"waiting": 3, "oldest_at": now - 100},
        disk={"free": 1_000_000_000, "total": 90_000_000_000},
    )
    one["recorder"] = {**one["recorder"], "lost": number}
    one["evidence"] = {**one["evidence"], "store": None}
    one["figures"] = {**one["figures"], "states": {"online": 2, "backoff": 1}}
    targets = {"t": TargetState(target="t", waiting=3, dead=1, waiting_since=now - 500)}
    told = centre(
        last_proven=now - 5000, depth=QueueDepth(length=900, unread=500, pending=1),
        targets=targets, centres=[LivingCentre(name="a", leads=False)],
        system_alerts=dict.fromkeys(SystemKind, 1),
        consumer=ConsumerStats(
            stored=6, duplicates=1, dead=number, claimed=0, failures=0, connected=True,
            last_error=None, last_stored_at=None,
        ),
    )  # fmt: skip
    lost = {"worker": "worker-9", "lost": True, "reported_at": now - 99}
    return metrics_text(reports_of([one, lost]), told, now)


def test_the_rules_ask_only_for_what_there_is() -> None:
    exported = {name for name, _ in [*read(well(0)), *read(broken(1))]}
    asked = set(re.findall(r"thapcanh_\w+", RULES.read_text(encoding="utf-8")))
    assert len(asked) > 12
    assert asked <= exported


def test_every_rule_says_whom_it_wakes_and_what_is_wrong() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert len(rule["annotations"]["summary"]) > 20
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) > 12


def test_every_kind_of_trouble_wakes_somebody_outside() -> None:
    """A kind that is added without a rule is on a screen, and nowhere when the screen is not."""
    asked = [
        kind
        for rule in rules()
        for listed in re.findall(r'system_alerts\{kind=~?"([^"]+)"\}', rule["expr"])
        for kind in listed.split("|")
    ]
    assert sorted(asked) == sorted(SystemKind)


@contextmanager
def served(figures: Figures) -> Iterator[int]:
    numbers = count(1)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = figures(next(numbers))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def watching(folder: Path, *targets: int) -> Iterator[Asked]:
    """A Prometheus that scrapes these ports; what is yielded asks its API."""
    text = re.sub(r"(?m)^\s+for: .*\n", "", RULES.read_text(encoding="utf-8"))
    (folder / "rules.yml").write_text(text, encoding="utf-8")
    places = json.dumps([f"127.0.0.1:{port}" for port in targets])
    (folder / "prometheus.yml").write_text(
        "global: { scrape_interval: 300ms, scrape_timeout: 300ms, evaluation_interval: 300ms }\n"
        f"rule_files: [rules.yml]\n"
        f"scrape_configs: [{{ job_name: thapcanh, static_configs: [{{ targets: {places} }}] }}]\n",
        encoding="utf-8",
    )
    port = free_port()
    words = [
        str(PROMETHEUS), f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]  # fmt: skip
    running = subprocess.Popen(words, cwd=folder)

    def asked(what: str) -> Any:
        url = f"http://127.0.0.1:{port}/api/v1/{what}"
        try:
            with urllib.request.urlopen(url, timeout=5) as told:
                return json.load(told)["data"]
        except OSError:  # it starts
            return {}

    try:
        yield asked
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def firing(asked: Asked) -> set[str]:
    """The rules that speak, once each was evaluated over a few scrapes."""
    groups = asked("rules").get("groups", [])
    scrapes = asked("query?query=max(count_over_time(up[1m]))").get("result", [])
    if not groups or not scrapes or float(scrapes[0]["value"][1]) < 5:
        return {"not evaluated yet"}
    assert {rule["health"] for rule in groups[0]["rules"]} == {"ok"}
    return {one["labels"]["alertname"] for one in asked("alerts")["alerts"]}


@pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not installed here")
def test_each_rule_fires_where_everything_is_broken_and_none_where_all_is_well(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    def no_queue(_: int) -> bytes:
        return metrics_text(None, centre(depth=None), SystemClock().utc())

    def no_worker(_: int) -> bytes:
        return metrics_text([], centre(), SystemClock().utc())

    wanted = {rule["alert"] for rule in rules()} - NOT_TOGETHER
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        served(broken) as a, served(no_queue) as b, served(no_worker) as c,
        watching(tmp_path / "a", a, b, c, free_port()) as asked,
    ):  # fmt: skip
        wait_for(lambda: firing(asked) == wanted, 30.0, "all fire")
    with served(well) as a, watching(tmp_path / "b", a) as asked:
        wait_for(lambda: firing(asked) == set(), 30.0, "none fires")
