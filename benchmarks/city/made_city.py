"""A city's configuration, and workers that only report: as many bytes as real ones, no pictures."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thapcanh.alerts.queue.queue import EventQueue

WARDS = 126
AGENCIES = 40


def write_config(
    folder: Path, cameras: int, *, told_of: Sequence[str] = (), settings: str = ""
) -> Path:
    """All cameras in one file; returns its path. The first ones have the ids `told_of`."""
    blocks = [f'[site]\ndata_dir = "{folder}"\n{settings}']
    blocks += [f'[[areas]]\nid = "ward-{n:03}"\nname = "Phường {n:03}"\n' for n in range(WARDS)]
    blocks += [
        f'[[agencies]]\nid = "agency-{n:02}"\nname = "Đơn vị {n}"\n' for n in range(AGENCIES)
    ]
    ids = [*told_of, *(f"cam-{number:06}" for number in range(len(told_of), cameras))]
    blocks += [_camera(number, camera_id) for number, camera_id in enumerate(ids)]
    path = folder / "thapcanh.toml"
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def _camera(number: int, camera_id: str) -> str:
    return (
        f'[[cameras]]\nid = "{camera_id}"\nname = "Ngã tư {number:06}, phố Hàng Bông"\n'
        f'source = "rtsp://10.{number >> 16}.{number >> 8 & 255}.{number & 255}/stream2"\n'
        f'agency = "agency-{number % AGENCIES:02}"\narea = "ward-{number % WARDS:03}"\n'
        f"lat = {21.0 + number % 1000 / 10_000}\nlon = {105.8 + number // 1000 / 1000}\n"
        f"bearing_deg = {float(number % 360)}\n"
    )


class MadeWorkers:
    """So many workers with an equal share each; they report when told to."""

    def __init__(self, queue: EventQueue, camera_ids: list[str], count: int) -> None:
        self._queue = queue
        self._shares = {
            f"worker-{index}": [made_facts(name) for name in camera_ids[index::count]]
            for index in range(count)
        }
        self._round = 0

    def change(self, count: int, number: int) -> None:
        """So many cameras fall, or come back; other ones for another number."""
        every = [facts for share in self._shares.values() for facts in share]
        for facts in every[number * count : (number + 1) * count]:
            fell = facts["state"] == "online"
            facts["state"] = "backoff" if fell else "online"
            facts["reason"] = "no_packets" if fell else "packet"
            facts["since"] = time.time()

    def report(self) -> None:
        """Every worker says how its cameras are; counters have gone on, as they always do."""
        self._round += 1
        for name, share in self._shares.items():
            for facts in share:
                facts["packets"] = facts["frames_decoded"] = 30 * self._round
                facts["last_frame_at"] = time.time()
                facts["looks"] += 4
            self._queue.report_worker(name, made_status(share), ttl_s=600.0)


def made_facts(camera_id: str) -> dict[str, Any]:
    """What a worker says of a camera that sees."""
    return {
        "id": camera_id, "state": "online", "reason": "packet", "detail": None, "picture": "ok",
        "decoding": "idle", "decoding_reason": "unchanged", "wakes": 12, "wakes_withheld": 3,
        "places_judged": 4, "since": 1_790_000_000.25, "fps": 14.98, "width": 1920, "height": 1080,
        "codec": "h264", "last_frame_at": 1_790_000_000.25, "reconnects": 2, "frames_dropped": 5,
        "packets": 0, "frames_decoded": 0, "looks": 0, "looks_late": 0, "look_interval_s": 0.52,
        "crossings": {}, "moving": False,
    }  # fmt: skip


def made_status(cameras: list[dict[str, Any]]) -> dict[str, Any]:
    """A worker's whole report."""
    return {**_HEAD, "cameras": cameras}


_HISTOGRAM = {"bounds": [0.1 * n for n in range(1, 13)], "counts": [1000] * 13, "sum": 5120.25}
_HEAD: dict[str, Any] = {
    "started_at": 1_790_000_000.25,
    "model": {"name": "watch8n", "sha256": "0" * 64, "weights": "watch8n"},
    "looks": {"state": "running", "reason": None, "looks": 51_234, "late": 12, "failed": 0,
              "regions": 312, "regions_dropped": 2, "wakes_withheld": 71},
    "spool": {"waiting": 0, "oldest_at": None},
    "queue": {"connected": True, "error": None, "resent": 0, "checked_at": 1_790_000_000.25},
    "recorder": {"lost": 0, "without_evidence": 0, "evidence_failures": 0, "films_refused": 0},
    "evidence": {"late": 0, "delivered": 12, "waiting": 0, "waiting_bytes": 0, "oldest_at": None,
                 "error": None, "store": None},
    "recording": {},
    "disk": {"host": "node-17", "free": 10**12, "total": 10**13},
    "figures": {"sums": {}, "wakes": {}, "states": {"online": 50}, "modes": {"idle": 50},
                "look_interval_s": _HISTOGRAM, "inference_s": _HISTOGRAM, "cpu_s": 5120.25,
                "rss_bytes": 512_000_000},
}  # fmt: skip
