"""Ours: cameras, looks, scenes and rules as the worker wires them, without evidence and queue."""

import sys
from itertools import count

from benchmarks.harness.default_site import default_site
from benchmarks.systems.job import Job, Logbook
from thapcanh.app.worker.camera_share import WorkerShare
from thapcanh.app.worker.watched_cameras import WatchedCameras
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.event import Event
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame


def main(job: Job) -> None:
    """Watch until the input ends."""
    site = default_site(
        cameras=tuple(
            CameraConfig(id=f"camera-{number}", name=f"camera {number}", source=SecretUrl(url))
            for number, url in enumerate(job.urls)
        ),
        looks=InferenceConfig(interval_s=job.look_interval_s, deadline_s=job.deadline_s),
    )
    book = Logbook([camera.id for camera in site.cameras])

    def on_look(frame: Frame, _: Detections, events: list[Event]) -> None:
        book.events += len(events)
        book.observe(frame.camera_id)
        book.count_regions(loop.health().regions)

    detector = load_detector(
        site.detector.model_copy(update={"device": "cpu"}), job.cache_dir / "models"
    )
    loop = InferenceLoop(detector, site.looks, on_look)
    ids = count()
    place = WorkerShare(index=0, of=1)
    cameras = WatchedCameras(place, loop, detector.model, lambda: f"id-{next(ids)}", SystemClock())
    loop.start()
    cameras.start(site)
    book.ended.wait()
    book.facts["cameras"] = cameras.report()
    cameras.stop()
    loop.stop()
    detector.close()
    book.report()


if __name__ == "__main__":
    main(Job.read(sys.argv[1]))
