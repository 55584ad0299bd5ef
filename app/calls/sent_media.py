"""Re-encoding of strangers' files in a bounded child process, only while the sender waits."""

import base64
import logging
import os
import sys
from contextlib import suppress
from dataclasses import dataclass

import anyio.to_thread
from fastapi import Request, Response

from thapcanh.alerts.calls.caller_links import CallerItemKind
from thapcanh.app.process.admission import MEDIA_OF_CREWS, MEDIA_OF_STRANGERS, Admission, DoorBudget
from thapcanh.app.web_api.connected import while_connected
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.middleware.fair_places import FairPlaces
from thapcanh.ingest.child_process import (
    ChildBounds,
    ChildSetup,
    HeldChild,
    lines_of,
    plain_environment,
)

log = logging.getLogger(__name__)

_MEDIA_TYPES = {CallerItemKind.PHOTO: "image/jpeg", CallerItemKind.VIDEO: "video/mp4"}
_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.calls.media_child")
_WITHIN_S, _CPU_S, _MEMORY_BYTES, _OUTPUT_BYTES = 90.0, 80, 3 << 30, 48 << 20
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeMedia:
    """A photo or video that holds only its pictures."""

    kind: CallerItemKind
    content: bytes

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self.kind]


def sent_file(found: tuple[str, bytes] | None) -> Response:
    """Return a response with the file; raise `ApiError` (404) if there is none."""
    if found is None:
        raise ApiError(404, "caller_file_not_found")
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(found[1], media_type=found[0], headers=headers)


class MediaService:
    """Queue that re-encodes one file at a time for a group of senders.

    Belongs to the event loop. The next file is of the sender that used the least processor time.
    The limit is charged in advance and the unused part returned; a job ends when its sender
    disconnects.
    """

    def __init__(self, budget: DoorBudget) -> None:
        self._admission = Admission(budget)
        self._turns = FairPlaces(self._admission)
        self._thread = anyio.CapacityLimiter(1)

    async def made(self, request: Request, sender: str, content: bytes) -> MadeMedia:
        """Re-encode a file in its turn.

        Raises `ApiError` if it is no photo or video, is too costly, or its sender used up its
        budget.
        """
        if not content:  # has no body, and so no place among bodies
            raise ApiError(422, "caller_file_unreadable")
        child = HeldChild()
        turn = await while_connected(request, self._turns.take((sender,)))
        try:
            if not self._admission.charge((sender,), _CPU_S):
                raise ApiError(429, "media_seconds", headers={"Retry-After": "600"})
            try:
                work = anyio.to_thread.run_sync(_run, child, content, limiter=self._thread)
                made = await while_connected(request, work, child.stop)
            finally:
                used_s = _CPU_S if child.used_s is None else child.used_s
                self._admission.correct((sender,), used_s - _CPU_S)
        finally:
            turn.leave()
        if made is None:
            log.info("a file of %d bytes is no photo and no film, or takes too much", len(content))
            raise ApiError(422, "caller_file_unreadable")
        return made


class OfStrangers(MediaService):
    """Files of callers and citizens."""

    def __init__(self) -> None:
        super().__init__(MEDIA_OF_STRANGERS)


class OfCrews(MediaService):
    def __init__(self) -> None:
        super().__init__(MEDIA_OF_CREWS)


def _run(child: HeldChild, content: bytes) -> MadeMedia | None:
    """Make it; None where it cannot be read, or was given up."""
    setup = ChildSetup(
        environment=plain_environment(os.environ) | _ONE_THREAD,
        bounds=ChildBounds(memory_bytes=_MEMORY_BYTES, cpu_s=_CPU_S, niceness=10),
    )
    with child.running(_COMMAND, setup, _WITHIN_S) as process:
        if process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(content)
        for message in lines_of(process, _OUTPUT_BYTES):
            if message["phase"] != "done":
                return None
            made = base64.b64decode(message["content"])
            return MadeMedia(kind=CallerItemKind(message["kind"]), content=made)
        return None
