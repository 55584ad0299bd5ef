"""Search over the sightings of a recording folder, and its response."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.app.cameras.camera_board import CameraReport
from thapcanh.app.sightings.search_schemas import (
    DroppedResponse,
    PassageResponse,
    SearchedCameraResponse,
    SearchResponse,
    SightingResponse,
    SilenceReason,
    SilentStoreResponse,
    cursor_text,
)
from thapcanh.detection.event import Box
from thapcanh.detection.region import as_box
from thapcanh.detection.sightings.query import (
    FoundSightings,
    LookCoverage,
    SearchCursor,
    SightingQuery,
)
from thapcanh.detection.sightings.search import SearchUnavailable, SightingSearch
from thapcanh.detection.sightings.sighting import SightingRecord
from thapcanh.detection.sightings.store import SLOT_S
from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """A page, with counts and completeness on the first."""

    found: FoundSightings
    counts: Sequence[int] = ()
    coverage: Mapping[str, LookCoverage] = field(default_factory=dict)
    kept_from: Mapping[str, float] = field(default_factory=dict)


def search(
    folder: Path, query: SightingQuery, limit: int, after: SearchCursor | None, parts: int
) -> FoundPage:
    """Ask the folder's store.

    Raises `SearchUnavailable` or `SearchTooLong`.
    """
    with SightingSearch(folder) as searching:
        found = searching.page(query, limit, after)
        if after is not None:
            return FoundPage(found=found)
        return FoundPage(
            found=found,
            counts=searching.counts(query, parts),
            coverage={
                item: searching.coverage(query.from_s, query.to_s, item, query.labels).told(
                    query.seen.get(item)
                )
                for item in query.hidden
            },
            kept_from=_stored_from(folder, query),
        )


def search_response(
    query: SightingQuery, page: FoundPage, report: CameraReport, now_s: float, *, is_first: bool
) -> SearchResponse:
    """Return the response; shares are of the elapsed period."""
    found = page.found
    over_s = max(query.from_s, min(query.to_s, now_s))
    return SearchResponse(
        begins=query.from_s,
        ends=query.to_s,
        items=[_sighting(cursor, item) for cursor, item in found.items],
        next=cursor_text(found.items[-1][0]) if found.is_more else None,
        counts=list(page.counts),
        looked=_looked(query, page.coverage, over_s, len(page.counts)),
        cameras=[
            _camera(camera_id, coverage, query.from_s, over_s, page.kept_from.get(camera_id))
            for camera_id, coverage in page.coverage.items()
        ],
        silent=_silent(report, frozenset(query.hidden), found.store_id) if is_first else [],
        workers_known=report.is_known,
    )


def _sighting(cursor: SearchCursor, item: SightingRecord) -> SightingResponse:
    return SightingResponse(
        id=cursor_text(cursor),
        camera=item.camera_id,
        kind=item.label,
        begins=item.from_s,
        ends=item.to_s,
        best_at=item.best_s,
        confidence=item.confidence,
        colour=item.colour,
        box=_shares(as_box(item.best)),
        path=[_shares(as_box(box)) for box in (item.first, item.middle, item.last)],
        passages=[PassageResponse(line=way.line, to=way.to, at=way.at_s) for way in item.passages],
    )


def _shares(box: Box) -> list[float]:
    return [round(side, 3) for side in box]


def _camera(
    camera_id: str, coverage: LookCoverage, from_s: float, over_s: float, kept_from: float | None
) -> SearchedCameraResponse:
    whole_s = over_s - from_s
    shares = [
        min(1.0, seconds / whole_s) if whole_s > 0 else 0.0
        for seconds in (coverage.awake_s(from_s, over_s), coverage.idle_s(from_s, over_s))
    ]
    return SearchedCameraResponse(
        camera=camera_id,
        awake=round(shares[0], 4),
        idle=round(shares[1], 4),
        not_looked_at=round(max(0.0, 1.0 - sum(shares)), 4),
        kept_from=kept_from,
        dropped=coverage.dropped,
        dropped_in=_joined(coverage.dropped_slots),
    )


def _joined(slots: Sequence[float]) -> list[DroppedResponse]:
    stretches: list[tuple[float, float]] = []
    for slot in slots:
        if stretches and stretches[-1][1] == slot:
            stretches[-1] = stretches[-1][0], slot + SLOT_S
        else:
            stretches.append((slot, slot + SLOT_S))
    return [DroppedResponse(begins=start, ends=end) for start, end in stretches]


def _looked(
    query: SightingQuery, coverage: Mapping[str, LookCoverage], over_s: float, parts: int
) -> list[float]:
    """Return the analysed share of each part; zero for the future."""
    if not parts or not coverage:
        return [0.0] * parts
    part_s = (query.to_s - query.from_s) / parts
    shares = [0.0] * parts
    for item in coverage.values():
        for slot in item.slots:
            first = max(0, int((slot.from_s - query.from_s) / part_s))
            last = min(parts - 1, int((slot.from_s + SLOT_S - query.from_s) / part_s))
            for part in range(first, last + 1):
                start_s = query.from_s + part * part_s
                shares[part] += (slot.awake + slot.idle) * slot.within(start_s, start_s + part_s)
    lengths = [
        len(coverage) * min(part_s, over_s - query.from_s - part * part_s) for part in range(parts)
    ]
    return [
        round(min(1.0, share / length), 3) if length > 0 else 0.0
        for share, length in zip(shares, lengths, strict=True)
    ]


def _silent(
    report: CameraReport, cameras: frozenset[str], store_id: str | None
) -> list[SilentStoreResponse]:
    """Return the cameras' workers whose sightings are not all in this store."""
    found = []
    for status in report.workers:
        watched = {item["id"] for item in status.get("cameras", ())}
        reason = _why_silent(status, store_id)
        if reason is not None and (own_cameras := sorted(watched & cameras)):
            told = SilentStoreResponse(worker=status["worker"], reason=reason, cameras=own_cameras)
            found.append(told)
    return found


def _why_silent(status: WorkerReport, store_id: str | None) -> SilenceReason | None:
    if status["lost"]:
        return "lost"
    told = status.get("sightings") or {}
    if told.get("error"):
        return "failing"
    return "elsewhere" if told.get("store") not in (None, store_id) else None


def _stored_from(folder: Path, query: SightingQuery) -> dict[str, float]:
    """Return the start of each camera's recordings if some were deleted.

    Cameras that are partly hidden from the caller are left out.
    """
    cameras = query.hidden.keys() - query.seen.keys()
    if not (folder / INDEX_FILE).exists():
        return {}
    try:
        index = RecordingIndex(folder, read_only=True)
        try:
            spans = {camera_id: index.span(camera_id).kept_from for camera_id in cameras}
        finally:
            index.close()
    except sqlite3.Error as error:
        raise SearchUnavailable(str(error)) from error
    return {camera_id: at for camera_id, at in spans.items() if at is not None}
