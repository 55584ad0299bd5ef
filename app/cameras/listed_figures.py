"""Cameras' counts, joined with their states for one camera or as text for a list."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import cast

from pydantic_core import to_json

from thapcanh.alerts.queue.workers.worker_report import (
    CameraFigures,
    CameraWord,
    CountedByWorker,
    ListedFigures,
)
from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.cameras.camera_board import CameraReport
from thapcanh.app.cameras.camera_claims import Claim
from thapcanh.app.cameras.camera_schemas import camera_figures
from thapcanh.app.web_api.schemas import iso
from thapcanh.config.camera import CameraConfig

ReadFigures = Callable[[Iterable[str]], Iterable[CountedByWorker]]
_BETWEEN = b',"",'  # objects of a list: within one a colon follows a name, and texts escape quotes


def with_figures(
    report: CameraReport, camera_ids: Collection[str], read: ReadFigures
) -> CameraReport:
    """Return the report of these cameras with their counts, as far as they can be read."""
    claims = {item: report.cameras[item] for item in camera_ids if item in report.cameras}
    figures = dict(_figures({worker for worker, _ in claims.values()}, read))
    whole = {
        item: (worker, cast(CameraWord, {**claims_value, **figures.get(worker, {}).get(item, {})}))
        for item, (worker, claims_value) in claims.items()
    }
    return replace(report, cameras=whole)


def with_figures_texts(
    texts: Iterable[bytes],
    cameras: Collection[CameraConfig],
    facts: frozenset[str],
    report: CameraReport,
    read: ReadFigures,
) -> list[bytes]:
    """Return both halves of each object for joining with commas.

    `texts` hold the first half: the state of each of `cameras` as JSON.
    """
    claims_value = [report.cameras.get(camera.id) for camera in cameras]
    watched: dict[str, list[str]] = defaultdict(list)
    for camera, claim in zip(cameras, claims_value, strict=True):
        if claim is not None:
            watched[claim[0]].append(camera.id)
    counted: dict[str, bytes] = {}
    for worker, reported in _figures(watched, read):
        shown = [item for item in watched.get(worker, ()) if item in reported]
        written = figures_texts((reported[item] for item in shown), facts)
        counted.update(zip(shown, written, strict=True))
    halves: list[bytes] = []
    for camera, claim, text in zip(cameras, claims_value, texts, strict=True):
        figures = counted.get(camera.id) or _earlier_figures_text(claim, facts)
        halves += (text[:-1], figures[1:])
    return halves


def _figures(workers: Iterable[str], read: ReadFigures) -> Iterable[CountedByWorker]:
    """Return the counts of each worker; a worker's counts of other cameras are ignored."""
    try:
        return read(workers)
    except QueueError:
        return ()


def _earlier_figures_text(claim: Claim | None, facts: frozenset[str]) -> bytes:
    """Return the counts of a worker of an earlier version, which sends them with its state."""
    reported: CameraFigures = {} if claim is None else claim[1]
    return figures_texts([camera_figures(reported)], facts)[0]


def figures_texts(counted: Iterable[ListedFigures], facts: frozenset[str]) -> list[bytes]:
    """Return the JSON object of each; serialising all at once takes half the time."""
    listed: list[object] = []
    for item in counted:
        at = item["last_frame_at"]
        shown: dict[str, object] = {
            **item,
            "last_frame_at": None if at is None else iso(at),
            "crossings": item["crossings"] or {},
        }
        if len(facts) < len(shown):
            shown = {name: value for name, value in shown.items() if name in facts}
        listed += (shown, "")
    return to_json(listed[:-1])[1:-1].split(_BETWEEN) if listed else []
