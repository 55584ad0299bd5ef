"""`python -m benchmarks.street CLIP COUNT`: an RTSP server of the clip, in a process of its own.

Prints one URL a camera and `ready`, serves until its input ends. Several simulated cameras start
one after the other, so that keyframes do not all come at the same moment; all systems watch them.
"""

import sys
import time
from contextlib import ExitStack
from pathlib import Path

from app.simulator.camera_file import CameraFile
from app.simulator.running import running_simulator

PHASES = 6
APART_S = 0.37


def serve(clip: Path, count: int) -> None:
    """Serve `count` URLs until the input ends."""
    with ExitStack() as stack:
        urls = []
        for number in range(min(PHASES, count)):
            file = CameraFile(name=f"street-{number}", path=clip, as_is=True)
            simulator = stack.enter_context(running_simulator([file]))
            urls.append(simulator.url(file.name))
            time.sleep(APART_S)
        lines = [urls[number % len(urls)] for number in range(count)]
        sys.stdout.write("\n".join([*lines, "ready"]) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
