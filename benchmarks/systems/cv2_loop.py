"""The loop that most people write.

`cv2.VideoCapture` in a thread a camera, every picture read, the newest one given to the exported
model as often as ours looks.
"""

import logging
import sys
import threading
import time
from typing import Any

import cv2

from benchmarks.systems.job import Job, Logbook
from benchmarks.systems.ultralytics_stream import exported
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.model_card import vouched_weights
from thapcanh.detection.detectors.offline_imports import import_ultralytics


class _Reader:
    """Reads every picture of one camera; holds the newest."""

    def __init__(self, url: str, ended: threading.Event) -> None:
        self._url = url
        self._ended = ended
        self.newest: Any = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        capture = cv2.VideoCapture(self._url, cv2.CAP_FFMPEG)
        while not self._ended.is_set():
            found, picture = capture.read()
            if found:
                self.newest = picture
        capture.release()


def main(job: Job) -> None:
    """Watch until the input ends."""
    ultralytics = import_ultralytics(job.cache_dir / "ultralytics")
    logging.getLogger("ultralytics").setLevel(logging.ERROR)
    weights = exported(ultralytics, vouched_weights(DetectorConfig()).path, job.cache_dir)
    model = ultralytics.YOLO(str(weights), task="detect")
    book = Logbook([str(number) for number in range(len(job.urls))])
    readers = [_Reader(url, book.ended) for url in job.urls]
    while not book.ended.is_set():
        began = time.monotonic()
        for number, reader in enumerate(readers):
            if reader.newest is not None:
                model(reader.newest, verbose=False, device="cpu")
                book.observe(str(number))
        book.ended.wait(max(0.0, job.look_interval_s - (time.monotonic() - began)))
    book.report()


if __name__ == "__main__":
    main(Job.read(sys.argv[1]))
