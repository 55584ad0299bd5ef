"""Cameras as JSON, each turned into text once and kept until it changes.

Every screen of a city asks for all cameras when it opens, and for the same few whenever some of
them change: what is made for one is sent to all. What cameras count changes all the time and is
not kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic_core import to_json

from app.cameras.camera_board import CameraBoard, CameraReport
from app.cameras.camera_serializers import camera_state
from app.web_api.schemas import iso
from config.camera import CameraConfig

_MOST_KINDS = 3  # sets of facts, of some 10 MB in a city: screens ask for one


@dataclass(slots=True, kw_only=True)
class _Kept:
    """Texts with the same facts, by camera."""

    version: int
    texts: dict[str, bytes] = field(default_factory=dict)


class CameraTexts:
    """The texts of a board's cameras. Thread-safe."""

    def __init__(self, board: CameraBoard) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._kept: OrderedDict[frozenset[str], _Kept] = OrderedDict()

    def of(
        self, cameras: Iterable[CameraConfig], facts: frozenset[str], report: CameraReport
    ) -> list[bytes]:
        """The JSON object of each camera, with these of its facts; `report` is the board's."""
        with self._lock:
            kept = self._brought_up(facts, report.version)
            # who comes late with an earlier report finds newer texts, and leaves none of its own
            texts = kept.texts if kept.version == report.version else dict(kept.texts)
            found = []
            for camera in cameras:
                text = texts.get(camera.id)
                if text is None:
                    text = texts[camera.id] = _text(camera, facts, report)
                found.append(text)
            return found

    def _brought_up(self, facts: frozenset[str], version: int) -> _Kept:
        kept = self._kept.setdefault(facts, _Kept(version=version))
        self._kept.move_to_end(facts)
        if len(self._kept) > _MOST_KINDS:
            self._kept.popitem(last=False)
        if kept.version < version:
            changes = self._board.changed_since(kept.version)
            if changes is None:
                kept.texts.clear()
            else:
                for camera_id in changes.ids:
                    kept.texts.pop(camera_id, None)
            kept.version = version
        return kept


def _text(camera: CameraConfig, facts: frozenset[str], report: CameraReport) -> bytes:
    state = camera_state(camera, report)
    if state["since"] is not None:
        state["since"] = iso(state["since"])
    return to_json({name: value for name, value in state.items() if name in facts})
