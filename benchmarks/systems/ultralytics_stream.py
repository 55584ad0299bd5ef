"""Ultralytics' own multi-stream predictor, as its documentation shows it: a `.streams` file.

`pt`: the weights as they are. `openvino`: its OpenVINO export, and `vid_stride` so that it looks as
often as ours does.
"""

import logging
import sys
from pathlib import Path

from benchmarks.systems.job import Job, Logbook
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.model_card import vouched_weights
from thapcanh.detection.detectors.offline_imports import import_ultralytics


def main(kind: str, job: Job) -> None:
    """Watch until the input ends."""
    ultralytics = import_ultralytics(job.cache_dir / "ultralytics")
    logging.getLogger("ultralytics").setLevel(logging.ERROR)
    weights = vouched_weights(DetectorConfig()).path
    book = Logbook([str(number) for number in range(len(job.urls))])
    streams = job.cache_dir / "cameras.streams"
    streams.write_text("\n".join(job.urls) + "\n", encoding="utf-8")
    stride = 1
    if kind == "openvino":
        weights = exported(ultralytics, weights, job.cache_dir)
        stride = max(1, round(job.look_interval_s * job.fps))
    model = ultralytics.YOLO(str(weights), task="detect")
    results = model(str(streams), stream=True, verbose=False, vid_stride=stride, device="cpu")
    for number, _ in enumerate(results):
        book.observe(str(number % len(job.urls)))
        if book.ended.is_set():
            break
    book.facts["imgsz"] = str(model.predictor.args.imgsz)
    book.report()


def exported(ultralytics: object, weights: Path, cache: Path) -> Path:
    """The export is stored beside a copy of the weights, and is made once."""
    copy = cache / weights.name
    made = cache / f"{weights.stem}_openvino_model"
    if not made.is_dir():
        copy.write_bytes(weights.read_bytes())
        model = ultralytics.YOLO(str(copy))  # type: ignore[attr-defined]
        model.export(format="openvino", dynamic=True, device="cpu", verbose=False)
    return made


if __name__ == "__main__":
    main(sys.argv[2], Job.read(sys.argv[1]))
