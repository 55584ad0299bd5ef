"""A worker of a thousand cameras holds a thousand connections open."""

import resource
import threading
from pathlib import Path

from thapcanh.app.process import exit_codes
from thapcanh.app.process.heartbeat import ProcessStart
from thapcanh.app.worker.camera_share import WorkerShare
from thapcanh.app.worker.run_worker import run_worker


def test_a_worker_takes_as_many_open_files_as_it_may_have(tmp_path: Path) -> None:
    """With the 1,024 that systems give a program, its thousandth camera could not be opened."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 512
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, before[1]))
    try:
        code = run_worker(
            tmp_path / "missing.toml",
            WorkerShare(index=0, of=1),
            ProcessStart(None),
            threading.Event(),
        )
        assert code != exit_codes.OK
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > few
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
