"""`python -m benchmarks.systems.told_worker CONFIG`: our worker as it is, which tells when it saw.

Beside its work it notes when each packet came from a camera, and when each look was over. Prints
`ready` when every camera was looked at; reports both when its input ends.
"""

import json
import sys
import threading
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from thapcanh.app.site.site_file import load_site
from thapcanh.app.worker.camera_share import WorkerShare
from thapcanh.app.worker.worker import Worker
from thapcanh.config.site import Site
from thapcanh.detection.detections import Detections
from thapcanh.detection.event import Event
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.frame import Frame

READ_BOUND = 10_000


class ToldWorker(Worker):
    """The worker, with a notebook."""

    def __init__(self, site: Site) -> None:
        self.looks: dict[str, list[tuple[float, float]]] = defaultdict(list)  # at_s, when
        self.packets: dict[str, list[tuple[float, int, float]]] = defaultdict(list)
        super().__init__(site, WorkerShare(index=0, of=1))

    def note_packets(self, ended: threading.Event) -> None:
        """Note every packet until the end, on threads of their own."""
        for spec in self._site.cameras:
            camera = self._cameras.get(spec.id)
            if camera is not None:
                words = (spec.id, camera, ended)
                threading.Thread(target=self._read, args=words, daemon=True).start()

    def _on_look(self, frame: Frame, detections: Detections, events: list[Event]) -> None:
        super()._on_look(frame, detections, events)
        self.looks[frame.camera_id].append((frame.at_s, time.time()))

    def _read(self, camera_id: str, camera: Camera, ended: threading.Event) -> None:
        with closing(camera.hub.subscribe("benchmark", READ_BOUND)) as packets:
            while not ended.is_set():
                packet = packets.take(1.0)
                if packet is not None:
                    told = (packet.at_s, packet.size_bytes, packet.received_at)
                    self.packets[camera_id].append(told)


def main(config: Path) -> None:
    """Work until the input ends."""
    site = load_site(config).site_or_raise()
    worker = ToldWorker(site)
    ended = threading.Event()
    with worker.running():
        worker.note_packets(ended)
        while len([one for one in worker.looks if one != "self_test"]) < len(site.cameras):
            time.sleep(0.1)
        _say("ready")
        sys.stdin.read()
        ended.set()
        _say(json.dumps({"looks": worker.looks, "packets": worker.packets}))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
