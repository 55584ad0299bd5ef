"""Reading of uploaded files in a bounded child process. Blocking; any thread may call.

`ImportPlaces` limits concurrent imports per account and agency, because checking rows takes a
thread and a core of the centre. Thread-safe.
"""

import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from thapcanh.app.imports.cells import cells_from_json, row_from_json
from thapcanh.app.imports.child import ReadingJob
from thapcanh.app.process.admission import IMPORTS, Admission, DoorBudget
from thapcanh.app.registry.import_files import ImportRow, ImportUnreadable
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.middleware.fair_places import RequestOwner
from thapcanh.ingest.child_process import (
    ChildBounds,
    ChildProcess,
    ChildSetup,
    HeldChild,
    lines_of,
    plain_environment,
)

log = logging.getLogger(__name__)
_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.imports.child")
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # each would take address space for itself
_AGAIN_AFTER_S = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBounds:
    """Limits for reading one file."""

    within_s: float = 120.0
    cpu_s: int = 60
    memory_bytes: int = 1 << 30
    told_bytes: int = 64 << 20
    niceness: int = 10


class FileReader:
    """Reader of one file per call."""

    def __init__(
        self, bounds: ReadingBounds | None = None, command: Sequence[str] = _COMMAND
    ) -> None:
        self._bounds = bounds or ReadingBounds()
        self._command = command

    def rows(self, content: bytes, form: str, child: HeldChild | None = None) -> list[ImportRow]:
        """Return a registry file's entries; `child` can be ended. Raises `ImportUnreadable`."""
        columns: frozenset[str] | None = None
        rows = []
        for message in self._stated(content, ReadingJob(what="rows", form=form, most=0), child):
            if message["phase"] == "columns":
                columns = None if message["columns"] is None else frozenset(message["columns"])
            elif message["phase"] == "row":
                rows.append(row_from_json(message, columns))
        return rows

    def lines(
        self, content: bytes, form: str, most: int, child: HeldChild | None = None
    ) -> list[tuple[int, Sequence[Any]]]:
        """Return a table's numbered lines; `child` can be ended. Raises `ImportUnreadable`."""
        message = self._stated(content, ReadingJob(what="lines", form=form, most=most), child)
        return [
            (item["number"], cells_from_json(item["cells"]))
            for item in message
            if item["phase"] == "line"
        ]

    def _stated(
        self, content: bytes, job: ReadingJob, child: HeldChild | None
    ) -> Iterator[dict[str, Any]]:
        """Yield the child's output until it is done. Raises `ImportUnreadable`."""
        bounds = self._bounds
        setup = ChildSetup(
            environment=plain_environment(os.environ) | _ONE_THREAD,
            bounds=ChildBounds(
                memory_bytes=bounds.memory_bytes, cpu_s=bounds.cpu_s, niceness=bounds.niceness
            ),
        )
        child = child or HeldChild()
        with child.running(self._command, setup, bounds.within_s) as process:
            _give(process, job, content)
            for message in lines_of(process, self._bounds.told_bytes):
                if message["phase"] == "unreadable":
                    code, facts = message["code"], message["facts"]
                    raise ImportUnreadable(code, **facts)
                yield message
                if message["phase"] == "done":
                    return
        log.warning("a file of %d bytes takes too much to be read", len(content))
        raise ImportUnreadable("takes_too_much")


class ImportPlaces:
    """The accounts whose files are in hand."""

    def __init__(self, budget: DoorBudget = IMPORTS) -> None:
        self._in_hand = Admission(budget)

    @contextmanager
    def taken(self, owner: RequestOwner) -> Iterator[None]:
        """Hold a place during the block. Raises `ApiError` if there is none."""
        with self._in_hand.held(owner.senders) as has_place:
            if not has_place and self._in_hand.counts(owner.senders)[1]:
                raise ApiError(429, "import_in_hand", headers=_AGAIN_AFTER_S)
            if not has_place:
                most = self._in_hand.budget.places
                raise ApiError(503, "imports_in_hand", headers=_AGAIN_AFTER_S, most=most)
            yield


def _give(process: ChildProcess, job: ReadingJob, content: bytes) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(json.dumps(job).encode() + b"\n")
            pipe.write(content)
