"""The least that any system could do: demux all, decode one keyframe for each look, look.

With `whole` every picture is decoded, as for a camera before which something happens. No rules, no
pre-roll, no health, no waking: what stays is the cost of libav and of the model.
"""

import sys
import threading

import av

from benchmarks.systems.job import Job, Logbook
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.libav import open_container


def main(job: Job, *, is_whole: bool) -> None:
    """Watch until the input ends."""
    book = Logbook([str(number) for number in range(len(job.urls))])
    looks = _Looks(job, book, is_whole=is_whole)
    threads = [
        threading.Thread(target=looks.watch, args=(str(number), url), daemon=True)
        for number, url in enumerate(job.urls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book.report()


class _Looks:
    """One model, asked by one camera at a time."""

    def __init__(self, job: Job, book: Logbook, *, is_whole: bool) -> None:
        self._is_whole = is_whole
        settings = DetectorConfig(device="cpu")
        self._detector = load_detector(settings, job.cache_dir / "models")
        self._lock = threading.Lock()
        self._book = book
        self._per_s = job.looks_per_camera_s or 1 / (0.8 * job.deadline_s)

    def watch(self, camera: str, url: str) -> None:
        """Read one camera; the newest keyframe is looked at as often as asked."""
        options = {"rtsp_transport": "tcp", "probesize": "65536", "analyzeduration": "500000"}
        with open_container(url, options=options, timeout=(8, 5)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_type = "NONE"
            due, newest = 0.0, None
            for number, packet in enumerate(container.demux(stream)):
                if self._book.ended.is_set():
                    return
                now_s = number / 15
                wanted = packet.is_keyframe and (newest is None or now_s + 2 > due)
                if wanted or self._is_whole:
                    newest = next(iter(stream.codec_context.decode(packet)), newest)
                while newest is not None and now_s >= due:
                    due = max(due, now_s - 1.0) + 1 / self._per_s  # not rounded to pictures
                    self._look(camera, newest)

    def _look(self, camera: str, picture: av.VideoFrame) -> None:
        frame = Frame(
            camera_id=camera,
            picture=picture,
            width=picture.width,
            height=picture.height,
            at_s=0.0,
            captured_at=0.0,
            decoded_at=0.0,
        )
        with self._lock:
            self._detector.detect([frame])
            self._book.observe(camera)


if __name__ == "__main__":
    main(Job.read(sys.argv[1]), is_whole="whole" in sys.argv[2:])
