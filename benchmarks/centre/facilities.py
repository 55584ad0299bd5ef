"""`python -m benchmarks.centre.facilities`: a city's facilities, found by words and by place.

Imports a list over HTTP as the screen does (a trial, then the import), then asks as officers do.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from benchmarks.harness import results_file
from benchmarks.harness.default_site import default_site
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.harness.served_centre import served
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url

ROUNDS = 30
PATH = "/api/v1/facilities"
_STREETS = ("Hàng Bài", "Đồng Xuân", "Láng Hạ", "Giải Phóng", "Nguyễn Trãi", "Cầu Giấy", "Tô Hiệu")
_KINDS = ("chợ", "chung cư", "kho", "karaoke", "trường học", "nhà trọ")
_QUERIES: dict[str, dict[str, Any]] = {
    "words": {"q": "kho 4242"},
    "common_words": {"q": "chung cu giai phong"},
    "no_such_words": {"q": "khong co o dau"},
    "near_150_m": {"lat": 21.02, "lon": 105.84, "within_m": 150},
    "near_2_km": {"lat": 21.02, "lon": 105.84, "within_m": 2000, "limit": 500},
    "by_name": {},
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `results/facilities.json`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.centre.facilities", description=__doc__
    )
    parser.add_argument("--facilities", type=int, default=50_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), options.facilities)
    content = {
        "machine": machine(), "versions": versions(), "facilities": options.facilities, **found,
    }  # fmt: skip
    rows = list(found.items())
    path = results_file.write("facilities", content, markdown(("measured", "value"), rows))
    sys.stdout.write(f"{path}\n")


def measured(folder: Path, facilities: int) -> dict[str, Any]:
    """All figures; times are seconds."""
    content = made_list(facilities)
    found: dict[str, Any] = {}
    with (
        closing(Archive(sqlite_url(folder / "archive.sqlite"))) as archive,
        served(archive, default_site()) as http,
    ):
        http.get(PATH).raise_for_status()  # a session that is in force may send a file
        for name, dry_run in (("trial_s", True), ("import_s", False), ("again_s", False)):
            found[name] = _timed(partial(_import, http, content, dry_run=dry_run))
        for name, query in _QUERIES.items():
            found[f"{name}_p95_s"] = _p95(partial(http.get, PATH, params=query))
    return found


def made_list(count: int) -> bytes:
    """A CSV of facilities over 20 by 20 km."""
    chance = random.Random(4)  # noqa: S311 nothing secret
    lines = ["Mã,Tên,Loại,Địa chỉ,Vĩ độ,Kinh độ,Số tầng,Liên hệ,Nguy hiểm"]
    for number in range(count):
        kind, street = chance.choice(_KINDS), chance.choice(_STREETS)
        lat, lon = chance.uniform(20.93, 21.11), chance.uniform(105.74, 105.93)
        lines.append(
            f"CS-{number},{kind.capitalize()} {number % 5000} {street},{kind},"
            f"{number % 400} {street},{lat:.6f},{lon:.6f},{number % 30},"
            f"Bảo vệ | 09{number:08d} | bảo vệ | cả ngày,vải; gas"
        )
    return "\n".join(lines).encode()


def _import(http: httpx.Client, content: bytes, *, dry_run: bool) -> httpx.Response:
    params = {"format": "csv", "dry_run": str(dry_run).lower()}
    return http.post(f"{PATH}/import", params=params, content=content, timeout=600)


def _timed(call: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    call().raise_for_status()
    return round(time.perf_counter() - began, 3)


def _p95(call: Callable[[], httpx.Response]) -> float:
    return quantile([_timed(call) for _ in range(ROUNDS)], 0.95)


if __name__ == "__main__":
    main()
