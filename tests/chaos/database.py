"""The archive's PostgreSQL dies and comes back, with the queue on this host and on another one."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.alerts.conftest import PostgresServer, postgres_binaries
from tests.chaos.failover import NotPermitted, Outcome, _elsewhere, _finished, _flow, _pull, _until
from tests.chaos.line import Line
from tests.chaos.server import Server


def database_dies(folder: Path, times: int, *, two_hosts: bool = False) -> Outcome:
    """Kill the database and start it again; with two hosts the cable is pulled in between too."""
    binaries = postgres_binaries()
    if binaries is None:
        raise NotPermitted("no PostgreSQL server is installed")
    with ExitStack() as stack:
        database = PostgresServer(binaries)
        stack.callback(database.stop)
        database.start()
        cable = None
        if two_hosts:
            server, cable = stack.enter_context(_elsewhere(folder / "server"))
        else:
            server = Server(folder / "server")
            stack.callback(server.kill)
            server.wait_up()
        host, port = server.address
        url = f"redis://{host}:{port}/0"
        line = stack.enter_context(Line(url, folder, archive_url=database.new_database()))
        for _ in range(times):
            _flow(line)
            database.kill()
            failures = line.failures()
            _until(partial(_has_failed, line, failures), "the outage is noticed")
            database.start_again()
            _flow(line)
            if cable is not None:
                _pull(cable, line)
        return _finished(line, kills=times)


def _has_failed(line: Line, before: int) -> bool:
    return line.failures() > before
