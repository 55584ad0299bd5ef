"""Makes what strangers send anew, in a process that can be ended. Blocking; any thread may call.

The process is told nothing but the file, has a lower priority, and bounds on memory and time. One
file of crews and one of all others at a time: a flood of films must not take the desk's processors,
nor strangers' films hold up what a crew shows.
"""

import base64
import logging
import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass

from fastapi import Response

from alerts.calls.caller_links import CallerItemKind
from app.web_api.errors import ApiError
from ingest.child_process import (
    ChildBounds,
    ChildSetup,
    lines_of,
    plain_environment,
    start_child,
)

log = logging.getLogger(__name__)

_MEDIA_TYPES = {CallerItemKind.PHOTO: "image/jpeg", CallerItemKind.VIDEO: "video/mp4"}
_COMMAND = (sys.executable, "-P", "-m", "app.calls.media_child")
_WITHIN_S, _CPU_S, _MEMORY_BYTES, _TOLD_BYTES = 90.0, 80, 3 << 30, 48 << 20
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
OF_STRANGERS, OF_CREWS = threading.Lock(), threading.Lock()
"""Whose turn it is: one at a time of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeMedia:
    """A photo or a film without anything beside its pictures."""

    kind: CallerItemKind
    content: bytes

    @property
    def media_type(self) -> str:
        """What it is for a browser."""
        return _MEDIA_TYPES[self.kind]


def sent_file(found: tuple[str, bytes] | None) -> Response:
    """The answer with a file's media type and bytes; 404 where none was found."""
    if found is None:
        raise ApiError(404, "caller_file_not_found")
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(found[1], media_type=found[0], headers=headers)


def reencoded(content: bytes, turn: threading.Lock = OF_STRANGERS) -> MadeMedia:
    """Decode a file and write its pictures again, in its `turn`.

    Raises `ApiError` where it is no photo and no film, or takes too much to be read.
    """
    if not content:  # has no body, and so no place among bodies
        raise ApiError(422, "caller_file_unreadable")
    setup = ChildSetup(
        environment=plain_environment(os.environ) | _ONE_THREAD,
        bounds=ChildBounds(memory_bytes=_MEMORY_BYTES, cpu_s=_CPU_S, niceness=10),
    )
    with turn, start_child(_COMMAND, setup) as process:
        timer = threading.Timer(_WITHIN_S, process.kill)
        timer.daemon = True
        timer.start()
        try:
            if process.stdin is not None:
                with suppress(BrokenPipeError), process.stdin as pipe:
                    pipe.write(content)
            for said in lines_of(process, _TOLD_BYTES):
                if said["phase"] == "done":
                    made = base64.b64decode(said["content"])
                    return MadeMedia(kind=CallerItemKind(said["kind"]), content=made)
                break
        finally:
            timer.cancel()
            process.kill()
    log.info("a file of %d bytes is no photo and no film, or takes too much", len(content))
    raise ApiError(422, "caller_file_unreadable")
