"""`python -m benchmarks.registry`: what a registry of a whole city's cameras costs.

Fills a registry on SQLite, then asks the web API over HTTP as the registry's screen does, imports
10,000 lines, and times how a change reaches the process that follows.
"""

import argparse
import os
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
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.harness.served_centre import served
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.registry.site import open_site
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig, Site

WARDS = 126
AGENCIES = 40
ROUNDS = 30
IMPORTED = 10_000
AUTHOR = Author(username="benchmark", role="admin", at=1.0)
PATH = "/api/v1/registry/cameras"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `results/registry.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registry", description=__doc__)
    parser.add_argument("--cameras", type=int, default=40_000)
    options = parser.parse_args(arguments)
    os.environ.setdefault(KEY_VARIABLE, new_key())
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), options.cameras)
    content = {"machine": machine(), "versions": versions(), "cameras": options.cameras, **found}
    rows = [(name, value) for name, value in found.items()]
    path = results_file.write("registry", content, markdown(("measured", "value"), rows))
    sys.stdout.write(f"{path}\n")


def measured(folder: Path, cameras: int) -> dict[str, Any]:
    """All figures; times are seconds."""
    data = folder / "data"
    with closing(Archive(sqlite_url(data / "archive.sqlite"))) as archive:
        repository = RegistryRepository(archive.database)
        began = time.perf_counter()
        _fill(repository, cameras)
        found: dict[str, Any] = {"fill_s": _rounded(time.perf_counter() - began)}
        site = Site(registry=RegistryConfig(source="database"))
        with served(archive, site) as http:
            for name, query in _QUERIES.items():
                found[f"{name}_p95_s"] = _p95(partial(http.get, PATH, params=query))
            found["every_page_s"] = _timed(lambda: _walk(http))
            found["import_dry_run_s"] = _timed(lambda: _import(http, dry_run=True))
            found["import_s"] = _timed(lambda: _import(http, dry_run=False))
        found |= _followed(folder, repository)
    return found


_QUERIES: dict[str, dict[str, Any]] = {
    "first_page": {"limit": 500},
    "later_page": {"limit": 500, "cursor": "cam-020000"},
    "area": {"limit": 500, "area": "ward-007"},
    "agency": {"limit": 500, "agency": "agency-07"},
    "agency_and_area": {"limit": 500, "agency": "agency-07", "area": "ward-007"},
    "text": {"limit": 500, "text": "nga tu 0077"},
    "text_without_match": {"limit": 500, "text": "khong co o dau"},
    "switched_off": {"limit": 500, "enabled": False},
}


def _fill(repository: RegistryRepository, cameras: int) -> None:
    writes = [
        EntryWrite(kind=kind, id=name, expected=0, document={"id": name, "name": name})
        for kind, name in (
            *(("areas", f"ward-{number:03}") for number in range(WARDS)),
            *(("agencies", f"agency-{number:02}") for number in range(AGENCIES)),
        )
    ]
    for number in range(cameras):
        document = _camera(number)
        writes.append(EntryWrite(kind="cameras", id=document["id"], expected=0, document=document))
    repository.write(writes, AUTHOR, EVERYTHING)


def _camera(number: int, prefix: str = "cam") -> dict[str, Any]:
    return {
        "id": f"{prefix}-{number:06}",
        "name": f"Ngã tư {number:06}, phố Hàng Bông",
        "source": f"rtsp://10.{number >> 16}.{number >> 8 & 255}.{number & 255}/stream2",
        "agency": f"agency-{number % AGENCIES:02}",
        "area": f"ward-{number % WARDS:03}",
        "lat": 21.0 + number % 1000 / 10_000,
        "lon": 105.8 + number // 1000 / 1000,
        "bearing_deg": float(number % 360),
        "enabled": number % 50 != 0,
        "zones": [{"id": "yard", "name": "Sân", "polygon": [[0, 0], [1, 0], [1, 1]]}],
    }


def _walk(http: httpx.Client) -> None:
    cursor: str | None = ""
    while cursor is not None:
        query: dict[str, Any] = {"limit": 2000, **({"cursor": cursor} if cursor else {})}
        cursor = http.get(PATH, params=query).raise_for_status().json()["next"]


def _import(http: httpx.Client, *, dry_run: bool) -> None:
    keys = ("id", "name", "source", "agency", "area", "lat", "lon")
    rows = [
        ",".join(f'"{_camera(number, "new")[key]}"' for key in keys) for number in range(IMPORTED)
    ]
    text = "\n".join([",".join(keys), *rows])
    query: dict[str, Any] = {"format": "csv", "dry_run": dry_run}
    answer = http.post(f"{PATH}/import", params=query, content=text.encode()).raise_for_status()
    told = answer.json()
    if (told["created"], told["problems"]) != (IMPORTED, []):
        raise RuntimeError(f"not imported as expected: {told['problems'][:3]}")


def _followed(folder: Path, repository: RegistryRepository) -> dict[str, Any]:
    """How long the centre, with all cameras, takes to start, and to have a change in force."""
    config = folder / "thapcanh.toml"
    config.write_text('[registry]\nsource = "database"\n', encoding="utf-8")
    began = time.perf_counter()
    opened = open_site(config, "centre")
    started_s = time.perf_counter() - began
    with closing(opened):
        watch = ConfigWatch(config, opened.loaded, opened.registry)
        times = [_change_s(watch, repository, number) for number in range(10)]
    return {"centre_reads_all_s": _rounded(started_s), "change_in_force_p95_s": _of(times)}


def _change_s(watch: ConfigWatch, repository: RegistryRepository, number: int) -> float:
    name = f"cam-{number:06}"
    there = repository.entries("cameras", [name])[name]
    document = {**(there.document or {}), "masks": [[[0, 0], [0.5, 0], [0.5, 0.5]]]}
    write = EntryWrite(kind="cameras", id=name, expected=there.revision, document=document)
    began = time.perf_counter()
    repository.write([write], AUTHOR, EVERYTHING)
    while (change := watch.poll()) is None:
        time.sleep(0.02)
    if number % 50 and change[1].rescened != {name}:
        raise RuntimeError(f"another difference than expected: {change[1]}")
    return time.perf_counter() - began


def _p95(call: Callable[[], httpx.Response]) -> float:
    return _of([_answer_s(call) for _ in range(ROUNDS)])


def _answer_s(call: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    call().raise_for_status()
    return time.perf_counter() - began


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return _rounded(time.perf_counter() - began)


def _of(times: Sequence[float]) -> float:
    return _rounded(quantile(times, 0.95))


def _rounded(value: float) -> float:
    return round(value, 4)


if __name__ == "__main__":
    main()
