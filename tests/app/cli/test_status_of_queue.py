"""The status names a queue that is full, and a site that is stopped."""

from contextlib import closing
from pathlib import Path

import pytest
import redis

from tests.alerts.conftest import QueueServer, queue_server
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.errors import QueueBusy
from thapcanh.app.cli.main import main
from thapcanh.app.process.embedded_valkey import ADDRESS_FILE
from thapcanh.app.process.free_port import free_port
from thapcanh.app.site.site_file import load_in_force
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.supervisor.supervisor import hold_data_dir
from thapcanh.config.site import Site

__all__ = ["queue_server"]  # a fixture of that room


def test_a_site_that_was_stopped_does_not_read_as_a_queue_that_is_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text(f'[site]\ndata_dir = "{tmp_path}/data"\n', encoding="utf-8")
    run_dir = site_paths_of(load_in_force(path).site or Site()).run_dir
    with hold_data_dir(run_dir):
        (run_dir / ADDRESS_FILE).write_text(f"redis://127.0.0.1:{free_port()}/0")
        assert main(["status", "-c", str(path)]) == 1
        assert "! queue: " in capsys.readouterr().out, "the site runs, and its queue does not"
    assert main(["status", "-c", str(path)]) == 1
    assert "! the site is stopped" in capsys.readouterr().out.splitlines()[0]


def test_a_full_queue_is_the_first_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], queue_server: QueueServer
) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text(f'[queue]\nurl = "{queue_server.url}"\n', encoding="utf-8")
    with closing(EventQueue(queue_server.url)) as queue, redis.Redis(port=queue_server.port) as own:
        queue.ensure_group()
        own.config_set("maxmemory", "100kb")
        with pytest.raises(QueueBusy):
            queue.add({"event": "x"})
        main(["status", "-c", str(path)])
        first = capsys.readouterr().out.splitlines()[0]
        assert first.startswith("! queue: the queue's memory is full, it takes no event")
        assert queue.stream.is_full()
        own.config_set("maxmemory", "0")
        assert not queue.stream.is_full()
        assert queue.add({"event": "x"})
