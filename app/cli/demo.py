"""Command `thapcanh demo`: serves videos as RTSP cameras and runs a real site on them."""

import re
import shutil
import tempfile
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from thapcanh.app.cli.run import run_site
from thapcanh.app.process import exit_codes
from thapcanh.app.process.free_port import free_port
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_paths import user_cache_dir
from thapcanh.app.supervisor.child import ChildSpec
from thapcanh.app.supervisor.supervisor import QUEUE_STAGE, program
from thapcanh.config.files import replace_file

CENTRE_OF_HANOI = (21.0285, 105.8542)  # Hoàn Kiếm lake; demo cameras stand around it
DRAWN = Path(__file__).parents[1] / "map" / "drawn"
DRAWN_MAP = DRAWN / "hoan-kiem.pmtiles"
DRAWN_LAYERS = (
    ("hydrant", "hydrants", "Trụ nước (minh họa)"),
    ("station", "stations", "Đơn vị gần nhất (minh họa)"),
    ("access", "access", "Lối vào (minh họa)"),
    ("phone", "phones", "Số điện thoại (minh họa)"),
)  # kind, file and id, name
CLIP_VERSION = 1  # raise it when the drawing changes: the cached clips are keyed by it
LOADED_WITHIN_S = 900.0  # a long video may have to be re-encoded first
STEP_DEG = 0.0021  # about 230 m


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """Options of the command line."""

    videos: tuple[Path, ...]
    port: int
    data_dir: Path | None = None
    queue_url: str | None = None
    archive_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCamera:
    """A video and the name that it is served by."""

    id: str
    name: str
    video: Path


def run_demo(settings: DemoSettings, stop: threading.Event) -> int:
    """Prepare the videos and the site, then run it until `stop`."""
    missing = [video for video in settings.videos if not video.is_file()]
    for video in missing:
        fail(f"{video}: no such video file")
    if missing:
        return exit_codes.UNUSABLE
    cameras = (
        _cameras(settings.videos) if settings.videos else _made_cameras(user_cache_dir() / "clips")
    )
    if settings.data_dir is not None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return _run_in(settings.data_dir.resolve(), settings, cameras, stop)
    folder = Path(tempfile.mkdtemp(prefix="thapcanh-demo-"))
    try:
        return _run_in(folder, settings, cameras, stop)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_in(
    folder: Path, settings: DemoSettings, cameras: list[DemoCamera], stop: threading.Event
) -> int:
    rtsp_port = free_port()
    config = folder / "thapcanh.toml"
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(config, _configuration(settings, cameras, folder, rtsp_port), private=True)
    simulator = ChildSpec(
        name="simulator",
        arguments=program(
            "simulate",
            "--port",
            str(rtsp_port),
            *(f"{camera.id}={camera.video}" for camera in cameras),
        ),
        stage=QUEUE_STAGE,
        stop_within_s=5.0,
        ready_port=rtsp_port,  # cameras that are not there yet would be told as lost
        ready_within_s=LOADED_WITHIN_S,
    )
    return run_site(config, stop, extra=(simulator,))


def _made_cameras(folder: Path) -> list[DemoCamera]:
    from thapcanh.app.drills.synthetic_clip import (
        synthetic_fire_clip,
        synthetic_quiet_clip,
    )

    folder.mkdir(parents=True, exist_ok=True)
    fire, quiet = folder / f"fire-{CLIP_VERSION}.mp4", folder / f"quiet-{CLIP_VERSION}.mp4"
    if not fire.exists():
        synthetic_fire_clip(fire)
    if not quiet.exists():
        synthetic_quiet_clip(quiet)
    return [
        DemoCamera(id="clip-dung-chay", name="Clip dựng · cháy thử (made clip)", video=fire),
        DemoCamera(id="clip-dung-yen", name="Clip dựng · yên tĩnh (made clip)", video=quiet),
    ]


def _cameras(videos: tuple[Path, ...]) -> list[DemoCamera]:
    cameras: dict[str, DemoCamera] = {}
    for video in videos:
        camera_id = plain_id(video.stem)
        while camera_id in cameras:
            camera_id += "-2"
        cameras[camera_id] = DemoCamera(id=camera_id, name=video.stem, video=video.resolve())
    return list(cameras.values())


def plain_id(text: str) -> str:
    """Return an id of letters, digits, `.`, `-` and `_`: `Cổng số 1` becomes `Cong-so-1`."""
    folded = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", folded.encode("ascii", "ignore").decode())
    return plain.strip("-._")[:60] or "camera"


def _configuration(
    settings: DemoSettings, cameras: list[DemoCamera], folder: Path, rtsp_port: int
) -> str:
    lines = [
        "# Written by `thapcanh demo`: recorded videos played as RTSP cameras.",
        "[site]",
        'name = "Tháp Canh · bản chạy thử"',
        f"data_dir = {_quoted(folder / 'data')}",
        f"cache_dir = {_quoted(user_cache_dir())}",
        f"map = {_quoted(DRAWN_MAP)}",
        "[centre]",
        f"port = {settings.port}",
        f"places_file = {_quoted(DRAWN / 'places.csv')}",
    ]
    if settings.queue_url:
        lines += ["[queue]", f"url = {_quoted(settings.queue_url)}"]
    if settings.archive_url:
        lines += ["[archive]", f"url = {_quoted(settings.archive_url)}"]
    for kind, file, name in DRAWN_LAYERS:
        lines += [
            "[[map.layers]]",
            f"id = {_quoted(file)}",
            f"kind = {_quoted(kind)}",
            f"name = {_quoted(name)}",
            f"file = {_quoted(DRAWN / f'{file}.geojson')}",
        ]
    lines += ["[[areas]]", 'id = "hoan-kiem"', 'name = "Phường Hoàn Kiếm"']
    for number, camera in enumerate(cameras):
        lat, lon = _place(number)
        lines += [
            "[[cameras]]",
            f"id = {_quoted(camera.id)}",
            f"name = {_quoted(camera.name)}",
            f"source = {_quoted(f'rtsp://127.0.0.1:{rtsp_port}/{camera.id}')}",
            f"lat = {lat:.5f}",
            f"lon = {lon:.5f}",
            f"bearing_deg = {number * 53 % 360}.0",
            'area = "hoan-kiem"',
        ]
    return "\n".join([*lines, ""])


def _place(number: int) -> tuple[float, float]:
    """Return a position on a square grid around the lake, so that the map is filled."""
    row, column = divmod(number, 4)
    lat, lon = CENTRE_OF_HANOI
    return lat + (row - 1) * STEP_DEG, lon + (column - 1.5) * STEP_DEG


def _quoted(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
