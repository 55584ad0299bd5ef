"""A worker's cameras and its recorder, without detection, for `benchmarks.recording`.

Writes the hash of every packet that a camera gave, before it is offered, to a file that a kill
cannot take back; ends with one line of JSON when its input ends.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import threading
import time
from functools import partial
from pathlib import Path

from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig
from thapcanh.ingest.camera.camera import Camera, CameraSettings
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.decoding.adaptive import adaptive_decoding_settings
from thapcanh.ingest.packets.annex_b import nal_units
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.recording.packet_recorder import PacketRecorder, RecorderLimits
from thapcanh.ingest.recording.retention import RecordingLimits
from thapcanh.ingest.sources.registry import opener_of

_FREE = 1 << 40


def slices_hash(units: list[bytes]) -> str:
    """Of H.264 slices alone: parameter sets may be repeated on the way."""
    found = b"".join(unit for unit in units if unit[0] & 0x1F in (1, 5))
    return hashlib.sha256(found).hexdigest()


class _Tap:
    """Notes what one camera gave, then offers it."""

    def __init__(self, recorder: PacketRecorder, camera_id: str, folder: Path) -> None:
        self._recorder = recorder
        self._camera_id = camera_id
        self._file = os.open(
            folder / f"{camera_id}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        self.offer_ns = 0

    def take(self, packet: Packet, utc_s: float) -> None:
        told = slices_hash(list(nal_units(bytes(packet.encoded))))
        os.write(self._file, f"{utc_s:.3f} {told} {packet.size_bytes}\n".encode())
        began = time.thread_time_ns()
        self._recorder.offer(self._camera_id, packet, utc_s)
        self.offer_ns += time.thread_time_ns() - began


def main() -> int:
    """Record until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("received", type=Path)
    parser.add_argument("--full-after", type=float, default=float("inf"))
    parser.add_argument("--full-for", type=float, default=10.0)
    parser.add_argument("--real-disk", action="store_true", help="its free room, not a made one")
    parser.add_argument("urls", nargs="+")
    asked = parser.parse_args()
    clock = SystemClock()
    began = clock.monotonic()

    def free_bytes(path: Path) -> int:
        if asked.real_disk:
            return shutil.disk_usage(path).free
        lasts_s = clock.monotonic() - began - asked.full_after
        return 0 if 0 <= lasts_s < asked.full_for else _FREE

    limits = RecorderLimits(kept=RecordingLimits(min_free_bytes=1))
    recorder = PacketRecorder(asked.folder, clock, limits, free_bytes=free_bytes)
    names = {f"cam-{number:02}": url for number, url in enumerate(asked.urls)}
    recorder.record(list(names))
    taps = {name: _Tap(recorder, name, asked.received) for name in names}
    cameras = [_camera(name, url, taps[name]) for name, url in names.items()]
    for camera in cameras:
        camera.start()
    print("ready", flush=True)  # noqa: T201 the parent waits for it
    sys.stdin.read()
    thread = next(one for one in threading.enumerate() if one.name == "recorder")
    cpu_s, seconds = _thread_cpu_s(thread), clock.monotonic() - began
    for camera in cameras:
        camera.request_stop()
    for camera in cameras:
        camera.stop()
    stopped = recorder.stop()
    offer_s = sum(tap.offer_ns for tap in taps.values()) / 1e9
    told = {"cpu_s": cpu_s, "offer_s": offer_s, "seconds": seconds, "stopped": stopped}
    print(json.dumps({**told, "figures": recorder.figures()}), flush=True)  # noqa: T201
    return 0


def _camera(name: str, url: str, tap: _Tap) -> Camera:
    spec = CameraConfig(id=name, name=name, source=SecretUrl(url))
    return Camera(
        spec,
        clock=SystemClock(),
        open_source=opener_of(spec),
        on_packet=partial(_Tap.take, tap),
        settings=CameraSettings(sleep=adaptive_decoding_settings(InferenceConfig())),
    )


def _thread_cpu_s(thread: threading.Thread) -> float:
    text = Path(f"/proc/self/task/{thread.native_id}/stat").read_text(encoding="utf-8")
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
