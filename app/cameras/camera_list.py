"""Camera list with states and counts: whole, by page, with some fields only, or what changed."""

import hashlib
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, cast

from fastapi import Query, Request, Response
from pydantic import BeforeValidator, Field
from pydantic_core import to_json

from thapcanh.alerts.queue.workers.worker_report import (
    CameraFigures,
    CameraWord,
    CountedByWorker,
    ListedFigures,
)
from thapcanh.alerts.queue.workers.worker_status import STATE_FACTS
from thapcanh.alerts.store.errors import QueueError
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.cameras.camera_board import CameraBoard, CameraChanges, CameraReport
from thapcanh.app.cameras.camera_claims import Claim
from thapcanh.app.cameras.camera_schemas import (
    CameraResponse,
    camera_figures,
    camera_state,
    phone_link_response,
    sees_phone,
)
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.whip.phone_links import PhoneLink
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
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


MOST_ON_A_PAGE = 5000
_OF_SITE = frozenset(
    {"name", "area", "agency", "lat", "lon", "bearing_deg", "worker", "sees", "ends_at", "turns"}
)
WITHOUT_FIGURES = STATE_FACTS | _OF_SITE
_FACTS = frozenset(CameraResponse.model_fields)
_MOST_KINDS = 3  # sets of facts, of some 10 MB in a city: screens ask for one


def _split(values: object) -> object:
    """`?fields=id,state` means the same as `?fields=id&fields=state`."""
    if not isinstance(values, list):
        return values
    return [part for value in values for part in str(value).split(",") if part]


FactName = Annotated[str, Field(pattern=f"^({'|'.join(sorted(_FACTS))})$")]
FactNames = Annotated[list[FactName], BeforeValidator(_split), Field(max_length=len(_FACTS))]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraListQuery:
    fields: frozenset[str]  # empty: all
    since: str | None
    limit: int | None
    cursor: str | None

    @property
    def needs_figures(self) -> bool:
        return not self.fields or not self.fields <= WITHOUT_FIGURES


def camera_list_query(
    *,
    fields: Annotated[FactNames, Query(description="these facts of each camera, and its id")] = [],  # noqa: B006 a default of the query, never changed
    since: Annotated[
        str | None,
        Query(max_length=64, description="the `version` of an earlier answer: what changed since"),
    ] = None,
    limit: Annotated[
        int | None, Query(ge=1, le=MOST_ON_A_PAGE, description="a page, in the order of ids")
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=128, description="the `next` of the page before")
    ] = None,
) -> CameraListQuery:
    chosen = frozenset(fields) | {"id"} if fields else frozenset()
    return CameraListQuery(fields=chosen, since=since, limit=limit, cursor=cursor)


def camera_list(
    query: CameraListQuery, caller: CurrentUser, state: AppState, request: Request
) -> Response:
    """Return the list, or 304 if the caller has it already."""
    report = state.part(CameraBoard).report()
    phones = [link for link in state.part(LiveView).sending() if sees_phone(caller.scope, link)]
    facts = (query, caller.scope, report.is_known, state.part(CameraBoard).name_of(report.version))
    changing = (
        report.at if query.needs_figures else None,
        sorted((link.camera.id, link.order.name, link.order.ends_at) for link in phones),
    )
    digest = hashlib.blake2b(repr((facts, changing)).encode(), digest_size=16).hexdigest()
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-cache"}
    if digest in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    listing = _listing(query, caller, state)
    sending = phones if query.cursor is None else []
    text = _answer(query, listing, sending, state, report)
    return Response(text, media_type="application/json", headers=headers)


def chosen(
    changed: CameraChanges | None, scope: DataFilter, board: CameraBoard
) -> tuple[list[CameraConfig], list[str] | None]:
    """Return the cameras to send, and those of the changed ones that are no longer visible.

    Cameras that the caller never could see are not mentioned.
    """
    if changed is None:
        return board.cameras(scope), None
    found = [board.camera(item) for item in sorted(changed.ids)]
    visible = [item for item in found if item and scope.sees(item.agency, item.area)]
    left = {item for item, was in changed.before.items() if scope.sees(was.agency, was.area)}
    return visible, sorted(left - {item.id for item in visible})


@dataclass(slots=True, kw_only=True)
class _Stored:
    """Texts with the same facts, by camera."""

    version: int
    texts: dict[str, bytes] = field(default_factory=dict)


class CameraTexts:
    """The texts of a board's cameras. Thread-safe."""

    def __init__(self, board: CameraBoard) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._stored: OrderedDict[frozenset[str], _Stored] = OrderedDict()

    def of(
        self, cameras: Iterable[CameraConfig], facts: frozenset[str], report: CameraReport
    ) -> list[bytes]:
        """Return the JSON object of each camera with these fields; `report` is the board's."""
        with self._lock:
            cached = self._brought_up(facts, report.version)
            # who comes late with an earlier report finds newer texts, and leaves none of its own
            texts = cached.texts if cached.version == report.version else dict(cached.texts)
            found = []
            for camera in cameras:
                text = texts.get(camera.id)
                if text is None:
                    text = texts[camera.id] = _text(camera, facts, report)
                found.append(text)
            return found

    def _brought_up(self, facts: frozenset[str], version: int) -> _Stored:
        cached = self._stored.setdefault(facts, _Stored(version=version))
        self._stored.move_to_end(facts)
        if len(self._stored) > _MOST_KINDS:
            self._stored.popitem(last=False)
        if cached.version < version:
            changes = self._board.changed_since(cached.version)
            if changes is None:
                cached.texts.clear()
            else:
                for camera_id in changes.ids:
                    cached.texts.pop(camera_id, None)
            cached.version = version
        return cached


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The cameras of an answer, and what stands beside them."""

    cameras: list[CameraConfig]
    gone: list[str] | None
    following: str | None


def _listing(query: CameraListQuery, caller: CurrentUser, state: AppState) -> _Listing:
    changed = (
        None if query.since is None else state.part(CameraBoard).changed_since_named(query.since)
    )
    cameras, gone = chosen(changed, caller.scope, state.part(CameraBoard))
    following = None
    if query.limit is not None:
        cameras, following = _page(cameras, query.limit, query.cursor)
    return _Listing(cameras=cameras, gone=gone, following=following)


def _answer(
    query: CameraListQuery,
    listing: _Listing,
    phones: Iterable[PhoneLink],
    state: AppState,
    report: CameraReport,
) -> bytes:
    facts = query.fields or _FACTS
    texts = state.part(CameraTexts).of(listing.cameras, facts & WITHOUT_FIGURES, report)
    if figures := facts - WITHOUT_FIGURES:
        texts = with_figures_texts(
            texts, listing.cameras, figures, report, state.services.read_listed_figures
        )
    sending = [phone_link_response(link, report) for link in phones]
    texts += [item.model_dump_json(include=set(facts)).encode() for item in sending]
    beside = {
        "next": listing.following,
        "version": state.part(CameraBoard).name_of(report.version),
        "gone": listing.gone,
    }
    before, after = b'{"items":[', b"]," + to_json(beside)[1:]
    if not texts:
        return before + after
    texts[0] = before + texts[0]  # all is joined once: a city's answer takes long to copy
    texts[-1] += after
    return b",".join(texts)


def _page(
    cameras: Iterable[CameraConfig], limit: int, cursor: str | None
) -> tuple[list[CameraConfig], str | None]:
    """After the cursor in the order of ids, so that an edit between two pages skips none."""
    later = [item for item in cameras if cursor is None or item.id > cursor]
    page = sorted(later, key=lambda item: item.id)[: limit + 1]
    return page[:limit], page[limit - 1].id if len(page) > limit else None


def _text(camera: CameraConfig, facts: frozenset[str], report: CameraReport) -> bytes:
    state = camera_state(camera, report)
    if state["since"] is not None:
        state["since"] = iso(state["since"])
    return to_json({name: value for name, value in state.items() if name in facts})
