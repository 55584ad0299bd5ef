"""Rule `arc`: short circuits at a registered pole, found in all decoded pictures.

`glance` finds flashes on the camera's own thread and leaves them for `evaluate` on the inference
thread. Repeated flashes raise it, or one followed by smoke or flame.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pydantic import Field

from thapcanh.config.camera import CameraConfig
from thapcanh.config.frozen import Id
from thapcanh.config.rules import PriorityNumber, Rule
from thapcanh.config.wording import Wording
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.confirmation.stages import ConfirmationResult
from thapcanh.detection.detections import Detection
from thapcanh.detection.region import Region, grown, touch, union
from thapcanh.detection.rules.arc_flash import Flash, FlashFinder, FlashKind
from thapcanh.detection.rules.evaluator import RuleInput, RuleMatch, accepted, rejected, waiting
from thapcanh.detection.rules.hours import is_open
from thapcanh.detection.rules.pole_light import PoleLight
from thapcanh.detection.rules.rule_kind import RuleKind
from thapcanh.ingest.frame import Frame

MAX_FLASHES = 64  # kept for the next look; the oldest goes
BURNS = ("fire", "smoke")
SURE = 0.25  # of smoke or flame at a pole that has just flashed
REACH = 0.5  # of the zone's longer side: a wire burns beside its box
EVEN = 0.12  # intervals that differ by less than this share of their mean are a blinking lamp's
EVEN_FLASHES = 4


class ArcRule(Rule):
    """Short circuit at a pole: `flashes` in `window_s`, or one and then smoke or flame.

    The zone is drawn round the pole's wires and boxes, not round the street below.
    """

    kind: Literal["arc"] = "arc"
    zone: Id
    priority: PriorityNumber = 1
    flashes: int = Field(default=3, ge=1, le=20)
    window_s: float = Field(default=10.0, gt=0, le=300)
    follow_s: float = Field(default=30.0, ge=0, le=300)
    clear_after_s: float = Field(default=60.0, gt=0, le=3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoleState:
    """Evidence at a pole."""

    flashes: Sequence[Flash]
    burning: Detection | None
    at_s: float


def judge(state: PoleState, rule: ArcRule) -> ConfirmationResult | None:
    """Return whether the flashes of the last seconds are a short circuit; None without any."""
    recent = [one for one in state.flashes if state.at_s - one.at_s <= rule.window_s]
    arcs = [one for one in recent if one.kind is FlashKind.ARC]
    if _is_even(arcs):
        return rejected(f"blinks evenly: {len(arcs)} flashes")
    if len(arcs) >= rule.flashes:
        return accepted(f"{len(arcs)} flashes in {rule.window_s:.0f} s")
    followed = [
        one
        for one in state.flashes
        if one.kind is FlashKind.ARC and 0 <= state.at_s - one.at_s <= rule.follow_s
    ]
    if followed and state.burning is not None:
        return accepted(f"flash, then {state.burning.label}")
    if arcs:
        return waiting(f"{len(arcs)} of {rule.flashes} flashes")
    others = [one for one in recent if one.kind is not FlashKind.ARC]
    return rejected(f"{others[-1].kind}: {others[-1].reason}") if others else None


def _is_even(arcs: Sequence[Flash]) -> bool:
    """Return whether flashes are evenly spaced, as of beacons and faulty lamps."""
    if len(arcs) < EVEN_FLASHES:
        return False
    gaps = [later.at_s - earlier.at_s for earlier, later in pairwise(arcs)]
    mean = sum(gaps) / len(gaps)
    return all(abs(gap - mean) <= max(EVEN * mean, 0.1) for gap in gaps)


class ArcEvaluator:
    """Flashes at one pole. `glance` and `evaluate` may run on two threads."""

    def __init__(self, rule: ArcRule, camera: CameraConfig) -> None:
        self.rule = rule
        self.verdicts: list[ConfirmationResult] = []
        polygon = next(zone.polygon for zone in camera.zones if zone.id == rule.zone)
        self._near = grown(_surroundings(polygon), REACH)
        self._light = PoleLight(polygon)
        self._finder = FlashFinder()
        self._lock = threading.Lock()
        self._found: deque[Flash] = deque(maxlen=MAX_FLASHES)
        self._flashes: list[Flash] = []

    def glance(self, frame: Frame) -> None:
        """Process every decoded picture, in order, on the camera's thread."""
        is_quiet = self._finder.is_quiet
        light = self._light.of(frame.planes(), frame.at_s, is_quiet=is_quiet)
        flash = self._finder.see(light)
        if self._finder.is_quiet and (flash is not None or light.region is not None):
            self._light.forget()  # what stays lit is how it looks from now on
        if flash is not None:
            with self._lock:
                self._found.append(flash)

    def forget(self) -> None:
        self.verdicts.clear()
        self._flashes.clear()
        with self._lock:
            self._found.clear()

    def evaluate(self, context: RuleInput) -> list[RuleMatch]:
        """Return the pole while a short circuit is believed."""
        self.verdicts.clear()
        self._take_found(context.at_s)
        if not is_open(self.rule.hours, context.captured_at):
            return []
        burning = self._burning(context.rows)
        state = PoleState(flashes=self._flashes, burning=burning, at_s=context.at_s)
        verdict = judge(state, self.rule)
        if verdict is None:
            return []
        self.verdicts.append(verdict)
        arcs = [one for one in self._flashes if one.kind is FlashKind.ARC]
        return (
            [RuleMatch(sighting=_of(arcs, burning, context.at_s), verdict=verdict)] if arcs else []
        )

    def _take_found(self, at_s: float) -> None:
        with self._lock:
            self._flashes += self._found
            self._found.clear()
        retained_s = max(self.rule.window_s, self.rule.follow_s)
        self._flashes = [one for one in self._flashes if at_s - one.at_s <= retained_s]

    def _burning(self, rows: Sequence[Detection]) -> Detection | None:
        """Return the surest smoke or flame at the pole, or None."""
        return next(
            (
                row
                for row in rows
                if row.label in BURNS and row.confidence >= SURE and touch(row.box, self._near)
            ),
            None,
        )


def _of(arcs: Sequence[Flash], burning: Detection | None, at_s: float) -> Observation:
    """Return the observation; its confidence grows with the number of flashes."""
    region = arcs[-1].region if burning is None else union(arcs[-1].region, burning.box)
    sure = min(0.9, 0.3 + 0.15 * len(arcs))
    confidence = sure if burning is None else max(sure, burning.confidence)
    return Observation(at_s=at_s, region=region, confidence=confidence, label="flash")


def _surroundings(polygon: Sequence[tuple[float, float]]) -> Region:
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return min(xs), min(ys), max(xs), max(ys)


RULE = RuleKind(
    settings=ArcRule,
    evaluator=lambda rule, camera, _: ArcEvaluator(rule, camera),
    name=Wording(vi="Nghi chập điện cột", en="Suspected pole short circuit"),
    confirmed_name=Wording(vi="Chập điện cột", en="Pole short circuit"),
    exported_name=Wording(vi="Nghi chập điện cột", en="Electric arc"),
    labels={"flash": Wording(vi="chớp điện", en="flash")},
    setting_names={
        "flashes": Wording(vi="Số lần chớp", en="Flashes"),
        "window_s": Wording(vi="trong khoảng (giây)", en="within (s)"),
        "follow_s": Wording(
            vi="Chớp rồi có khói, lửa trong vòng (giây)",
            en="A flash, then smoke or flame within (s)",
        ),
    },
    incident="short_circuit",
    order=80,
)
