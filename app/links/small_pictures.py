"""Small pictures of incidents on their way up: read from the evidence, masked by a child process.

On the links' own thread, one at a time; a picture that cannot be made is not tried again for a
while, and holds no event up.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable

from thapcanh.alerts.evidence.stores.store import EvidenceStore, read_whole, sha256_of
from thapcanh.alerts.links import link_rows
from thapcanh.alerts.links.link_pictures import PictureToSend, pictures_to_send, send_picture
from thapcanh.alerts.links.link_records import Link, PeerRole
from thapcanh.alerts.store.errors import EvidenceError
from thapcanh.app.links.link_way import LinkWay
from thapcanh.app.process.bounded_reader import BoundedReader, NoAnswer
from thapcanh.config.site import Site
from thapcanh.ingest.child_process import ChildBounds, ChildSetup, plain_environment, start_child

log = logging.getLogger(__name__)
MOST_BYTES = 36_000  # below what the other site takes, and seconds of a line of 64 kbit/s
_MOST_ORIGINAL_BYTES = 20 << 20
_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.links.picture_child")
_WITHIN_S, _READ_S, _AGAIN_S = 30.0, 5.0, 60.0


class SmallPictures:
    """Maker of small pictures for the upper site; owned by one thread."""

    def __init__(
        self, way: LinkWay, store: Callable[[], EvidenceStore], site: Callable[[], Site]
    ) -> None:
        self._way, self._store, self._site = way, store, site
        self._reader = BoundedReader(at_once=1, within_s=_READ_S)
        self._failed: dict[str, float] = {}

    def send(self) -> int:
        """Put the next picture of each link on its way; return how many."""
        now = self._way.now()
        self._failed = {one: at for one, at in self._failed.items() if 0 <= now - at < _AGAIN_S}
        return sum(self._send_one(link, now) for link in self._way.repository.live(PeerRole.UPPER))

    def _send_one(self, link: Link, now: float) -> int:
        with self._way.database.reading() as connection:
            found, held = pictures_to_send(connection, link, now)
        if held != link.held_pictures:
            with self._way.database.unsealed() as connection:
                link_rows.update_state(connection, link.id, held_pictures=held)
        picked = next((one for one in found if one.evidence.id not in self._failed), None)
        if picked is None:
            return 0
        jpeg = self._made(picked)
        if not jpeg:
            self._failed[picked.evidence.id] = now
            return 0
        send_picture(self._way.database, picked, jpeg, now)
        return 1

    def _made(self, picked: PictureToSend) -> bytes:
        camera = self._site().camera(picked.camera_id)
        if camera is None:
            return b""  # nobody knows its masks
        try:
            content = self._reader.ask(lambda: self._read(picked))
            masks = [list(map(list, one)) for one in camera.privacy_masks]
            return _in_child(content, {"masks": masks, "most_bytes": MOST_BYTES})
        except (EvidenceError, NoAnswer, OSError, subprocess.SubprocessError) as error:
            log.warning("picture for a linked site: %s", error or type(error).__name__)
            return b""

    def _read(self, picked: PictureToSend) -> bytes:
        if picked.evidence.bytes > _MOST_ORIGINAL_BYTES:
            return b""
        content = read_whole(self._store(), picked.evidence.path)
        return content if sha256_of([content]) == picked.evidence.sha256 else b""


def _in_child(content: bytes, request: dict[str, object]) -> bytes:
    setup = ChildSetup(
        environment=plain_environment(os.environ),
        bounds=ChildBounds(memory_bytes=3 << 30, cpu_s=20, niceness=5),
    )
    with start_child(_COMMAND, setup) as process:
        try:
            made, _ = process.communicate(json.dumps(request).encode() + b"\n" + content, _WITHIN_S)
        except BaseException:
            process.kill()
            raise
        return made if process.returncode == 0 else b""
