"""One picture is read by many threads at once: looks, the witness, evidence and live view."""

import ast
import os
import subprocess
import sys

from tests.patience import PATIENCE_S
from tests.source_trees import ROOT, modules_with

TOGETHER = """
import threading
import av
import numpy as np
from thapcanh.ingest.frame import frame_of

dots = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
shared, together = [frame_of(dots)], threading.Barrier(3)

def read():
    for _ in range(150):
        together.wait()
        shared[0].bgr()
        shared[0].fitted(640, 360)
        together.wait()

readers = [threading.Thread(target=read, daemon=True) for _ in range(2)]
for one in readers:
    one.start()
for _ in range(150):
    shared[0] = frame_of(dots)
    together.wait()
    together.wait()
print("whole")
"""
ITS_OWN = {
    "ingest/frame.py": "the one place",
    "ingest/recording/library.py": "decoded there, for one reader",
    "app/exports/copying.py": "in a child, on one thread",
    "thapcanh/tools/simulator/camera_file.py": "of a file that is drawn on, on one thread",
    "app/calls/media_child.py": "in a child, on one thread",
    "app/links/picture_child.py": "in a child, on one thread",
}


def test_two_threads_may_read_one_picture_at_once() -> None:
    """A worker broke by it as it raised a fire: the witness and the evidence took one picture."""
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "whole\n"), done.stderr


def test_pictures_that_are_shared_are_converted_in_one_place() -> None:
    found = {
        path
        for path, tree in modules_with("reformat", "to_ndarray")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            node.func.attr == "reformat" or (node.func.attr == "to_ndarray" and bool(node.keywords))
        )
    }
    assert found == ITS_OWN.keys()
