"""Films made on the spot, once a session; and waiting for a condition, bounded in time."""

import gc
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.ingest.fake_source import moving_square
from tests.patience import patient

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]

_END_TO_END = Path(__file__).parent / "end_to_end"
_BEGIN_FIRST = frozenset({"test_bounded_run.py", "test_rtsp_camera.py", "test_worst_day.py"})
"""The longest of the last: a minute and more, in which other processes would have nothing to do."""
_OPTIONS = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
}


pytest_plugins = ["tests.bounded_run", "tests.quick_run"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` runs the end-to-end tests by their folder, and all others beside it."""
    items.sort(key=lambda item: item.path.name not in _BEGIN_FIRST)
    for item in items:
        marked = item.get_closest_marker("end_to_end") is not None
        if marked and _END_TO_END not in item.path.parents:
            raise pytest.UsageError(f"{item.nodeid} is end_to_end and not in {_END_TO_END}")


def pytest_sessionstart() -> None:
    """What is imported and collected stays to the end: the collector need not look at it."""
    gc.disable()


def pytest_collection_finish() -> None:
    """And no later collection walks it."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _encode(
    path: Path,
    *,
    codec: str = "libx264",
    frames: int = 45,
    fps: int = 15,
    keyframe_every: int = 15,
    b_frames: int = 0,
    size: tuple[int, int] = (320, 240),
    intra_refresh: bool = False,
) -> Path:
    options = dict(_OPTIONS.get(codec, {}))
    if intra_refresh:
        options |= {"intra-refresh": "1", "tune": "zerolatency", "x264-params": "scenecut=0"}
    if codec == "libx264" and b_frames:
        options["b-adapt"] = "0"
    with av.open(str(path), "w") as container:
        out = container.add_stream(codec, rate=fps, options=options)
        assert isinstance(out, av.VideoStream)
        out.width, out.height = size
        out.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        out.codec_context.gop_size = keyframe_every
        out.codec_context.max_b_frames = b_frames
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(moving_square(number, *size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(out.encode(frame))
        container.mux(out.encode(None))
    return path


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> MakeFilm:
    """`film("name.mp4", codec=..., frames=..., b_frames=..., size=...)` makes a film once."""
    folder = tmp_path_factory.mktemp("films")

    def make(name: str, **how: object) -> Path:
        told = "-".join(f"{key}={how[key]}" for key in sorted(how)) or "as-it-is"
        path = folder / told / name  # one name made in two ways is two films
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            _encode(path, **how)  # type: ignore[arg-type]
        return path

    return make


@pytest.fixture
def wait_for() -> WaitFor:
    """`wait_for(condition, within_s, what)` returns when it holds and fails when it does not."""

    def wait(condition: Callable[[], object], within_s: float, what: str = "") -> None:
        until = time.monotonic() + patient(within_s)
        while not condition():
            if time.monotonic() > until:
                pytest.fail(f"not within {within_s} s: {what or condition}")
            time.sleep(0.01)

    return wait
