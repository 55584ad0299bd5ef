"""`python -m benchmarks.short`: every measurement in its short form, in about ten minutes.

What `make bench` runs. The long forms are in `docs/measuring.md`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import archive_size, cameras, latency, pipeline

Part = Callable[[Sequence[str]], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one after the other; a part that fails is named and does not stop the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.short", description=__doc__)
    parser.add_argument("--videos", type=Path, help="folder of recorded videos to make scenes of")
    asked = parser.parse_args(arguments)
    videos = ["--videos", str(asked.videos)] if asked.videos else []
    failed = [name for name, part, words in _parts(videos) if not _ran(name, part, words)]
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return 1 if failed else 0


def _parts(videos: list[str]) -> list[tuple[str, Part, list[str]]]:
    systems = "ours,floor,ultralytics_openvino,ultralytics"
    looked = ["--scenes", "quiet,busy", "--cameras", "2", "--seconds", "8", "--systems", systems]
    return [
        ("pipeline", pipeline.main, ["--rates", "200,2000", "--seconds", "8", "--screens", "500"]),
        ("archive_size", archive_size.main, ["--sizes", "1000,100000"]),
        ("latency", latency.main, ["--cameras", "4", "--loads", "idle", *videos]),
        ("cameras", cameras.main, [*looked, *videos]),
    ]


def _ran(name: str, part: Part, words: list[str]) -> bool:
    began = time.monotonic()
    try:
        code = part(words)
    except Exception as error:  # noqa: BLE001 - the other parts are measured all the same
        sys.stderr.write(f"{name}: {type(error).__name__}: {error}\n")
        code = 1
    sys.stderr.write(f"{name}: {time.monotonic() - began:.0f} s\n")
    return code == 0


if __name__ == "__main__":
    raise SystemExit(main())
