"""Command `thapcanh centre`: opens the port first, then loads program and archive."""

import threading
from contextlib import closing
from pathlib import Path

from thapcanh.app.centre.web.server import CannotListen, Listen, listen_on, listening
from thapcanh.app.centre.web.starting_page import StartingPage
from thapcanh.app.process.heartbeat import ProcessStart, StartStep
from thapcanh.app.process.log import use_format
from thapcanh.app.process.terminal import fail
from thapcanh.app.registry.site import OpenedSite, open_site
from thapcanh.app.site.site_paths import site_paths_of


def run_centre(config_path: Path, start: ProcessStart, stop: threading.Event) -> int:
    """Serve until `stop`; return the exit code."""
    start.begin(StartStep.SITE)
    with closing(open_site(config_path, "centre")) as opened:
        site = opened.loaded.site
        if site is None:
            return fail("\n".join(map(str, opened.loaded.problems)))
        use_format(site.log.format)
        start.use_file(site_paths_of(site).run_dir / "centre.beat")
        try:
            return _run(config_path, opened, listen_on(site.centre), start, stop)
        except CannotListen as error:
            return fail(error)


def _run(
    config_path: Path,
    opened: OpenedSite,
    listen: Listen,
    start: ProcessStart,
    stop: threading.Event,
) -> int:
    """Answer on the port: first what is being done, then as the centre."""
    with listening(listen) as listener:
        page = StartingPage(listen, listener, start)
        with page.answering():
            start.begin(StartStep.PROGRAM)
            from thapcanh.app.centre.opened_centre import (  # it takes seconds to load
                OpenPort,
                serve_centre,
            )

            port = OpenPort(listen=listen, listener=listener, close_page=page.stop)
            return serve_centre(config_path, opened, port, start, stop)
