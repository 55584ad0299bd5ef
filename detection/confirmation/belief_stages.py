"""The stages of belief in flame and smoke, each with its own figures.

Chosen by hand on the clips of `videos2` (145 clips of 68 places), where each limit lies between
what burned and what did not; the signs and the rough sizes follow from physics, and every weight is
a multiple of a half or a slope that is cut off at ±1. What each does when it is left out stands in
`docs/detection-evaluation.md`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from detection.confirmation.belief import BeliefInput, BeliefStage, Reason
from detection.confirmation.habits import HabitMap
from detection.confirmation.observations import FIRST_AREAS, Observation
from detection.confirmation.witness_answer import WitnessAnswer
from detection.region import Region, area
from ingest.frame import Frame

Witness = Callable[[Frame, str, Region], WitnessAnswer | None]
"""Frame, kind, region to what a second model says; None: it could not look."""
FIRE, SMOKE = "fire", "smoke"
PRIOR = 0.25
SURENESS_SLOPE = 5.0  # a confidence of 0.2 more is worth 1
EVEN = {FIRE: 0.45, SMOKE: 0.4}  # confidence that says nothing either way
FAINT = -1.5
FAR = -1.5
WIDE_FROM = 0.35  # share of the picture
WIDE = -2.0
COLOURED_FROM = 12.0  # distance of U, V from grey; smoke has 2 to 10 unless the fire lights it
COLOURED = -2.0
EDGELESS = 6.0  # mean second difference of luma: skies and fog have 1 to 6, streets 10 and more
EMPTY = -1.0
UNSTEADY = -1.0
OWN_FROM, OWN_BELOW = 1.5, 1.2  # change inside over change outside, of a steady picture
OWN, NOT_OWN = 0.5, -1.0
PALE_EVEN, PALE_SLOPE = 56.0, 0.05
MOST_WARM = 0.5
LIVELY_FROM, CALM_BELOW = 15.0, 5.0  # inner change, RMS of luma
LIVELY, CALM = 0.5, -0.5
WITH_FLAME = 3.0
GROWN = 1.5  # times its first area
GROWING = 2.5
LEAST_AREA = 0.001
SELDOM, USUAL = 0.1, -4.0
UNUSUAL = 0.5


def sureness(asked: BeliefInput) -> Reason | None:
    """The detector's own confidence: the mean of the three surest recent looks."""
    kind = asked.question.rule.kind
    seen = sorted(sighting.confidence for sighting in asked.question.sightings)[-3:]
    mean = sum(seen) / len(seen)
    weight = PRIOR + _cut(SURENESS_SLOPE * (mean - EVEN[kind]))
    return Reason(name="sureness", weight=weight, text=f"confidence {mean:.2f}")


def seen_faintly(asked: BeliefInput) -> Reason | None:
    """It is there for long, but never as sure as its rule asks."""
    if asked.question.seen() >= asked.question.rule.confirm.looks:
        return None
    return Reason(name="faint", weight=FAINT, text="only faintly seen")


def seen_in_parts_only(asked: BeliefInput) -> Reason | None:
    """Far smoke: whole looks hardly show it, a part of the picture at its own resolution does."""
    rule = asked.question.rule
    sure = [seen for seen in asked.question.sightings if seen.confidence >= rule.min_confidence]
    far = sum(seen.from_part for seen in sure)
    if rule.kind != SMOKE or 2 * far <= len(sure):
        return None
    return Reason(name="far", weight=FAR, text="far: seen in a part of the picture only")


def fills_the_picture(asked: BeliefInput) -> Reason | None:
    """Smoke as wide as the sky is mostly the sky; a plume has an outside."""
    share = median(area(seen.region) for seen in asked.question.sightings)
    if asked.question.rule.kind != SMOKE or share < WIDE_FROM:
        return None
    return Reason(
        is_of_picture=True, name="wide", weight=WIDE, text=f"fills {share:.0%} of the picture"
    )


def has_no_colour_of_smoke(asked: BeliefInput) -> Reason | None:
    """Smoke is white, grey or black unless flame lights it; blue, purple and brown are other."""
    colour = _median(seen.colour for seen in asked.question.sightings)
    chroma_difference = _median(seen.chroma_difference for seen in asked.question.sightings)
    is_lit = chroma_difference is not None and chroma_difference >= PALE_EVEN
    if asked.question.rule.kind != SMOKE or colour is None or colour < COLOURED_FROM or is_lit:
        return None
    return Reason(name="coloured", weight=COLOURED, text=f"coloured ({colour:.0f})")


def nothing_else_in_the_picture(asked: BeliefInput) -> Reason | None:
    """A picture almost without edges shows sky or fog: what could burn is not in it."""
    edges = _median(seen.edges for seen in asked.question.sightings)
    if asked.question.rule.kind != SMOKE or edges is None or edges >= EDGELESS:
        return None
    return Reason(
        is_of_picture=True,
        name="empty",
        weight=EMPTY,
        text=f"a picture without edges ({edges:.1f})",
    )


def picture_is_unsteady(asked: BeliefInput) -> Reason | None:
    """After a cut or while the camera moves, change tells nothing."""
    state = _newest(asked).picture
    if state is None or (state.unsteady is None and not state.is_moving_camera):
        return None
    what = "the camera moves" if state.is_moving_camera else f"the picture was {state.unsteady}"
    return Reason(is_of_picture=True, name="unsteady", weight=UNSTEADY, text=what)


def moves_of_its_own(asked: BeliefInput) -> Reason | None:
    """In a steady picture smoke changes more than what is round it; fog and cloth do not."""
    state = _newest(asked).picture
    if asked.question.rule.kind != SMOKE or state is None or state.unsteady is not None:
        return None
    own = _median(seen.own_change for seen in asked.question.sightings)
    if own is None or OWN_BELOW <= own < OWN_FROM:
        return None
    if own >= OWN_FROM:
        return Reason(name="own_motion", weight=OWN, text=f"motion of its own ({own:.1f})")
    return Reason(name="no_motion", weight=NOT_OWN, text=f"no motion of its own ({own:.1f})")


def is_warm(asked: BeliefInput) -> Reason | None:
    """Flame is warm; what only just passes for flame is often a lamp's halo."""
    chroma_difference = _median(seen.chroma_difference for seen in asked.question.sightings)
    if asked.question.rule.kind != FIRE or chroma_difference is None:
        return None
    weight = min(MOST_WARM, _cut(PALE_SLOPE * (chroma_difference - PALE_EVEN)))
    return Reason(name="warmth", weight=weight, text=f"warmth {chroma_difference:.0f}")


def flickers(asked: BeliefInput) -> Reason | None:
    """Flame changes from within at every look; the sun behind clouds hardly does."""
    changes = (seen.change for seen in asked.question.sightings)
    inner = _median(None if change is None else change.inner for change in changes)
    if asked.question.rule.kind != FIRE or inner is None or CALM_BELOW <= inner < LIVELY_FROM:
        return None
    weight = LIVELY if inner >= LIVELY_FROM else CALM
    return Reason(name="flicker", weight=weight, text=f"inner change {inner:.0f}")


def shows_flame(asked: BeliefInput) -> Reason | None:
    """Smoke with flame in or beside it."""
    flame = max(seen.flame for seen in asked.question.sightings)
    if asked.question.rule.kind != SMOKE or flame == 0.0:
        return None
    return Reason(name="flame", weight=WITH_FLAME, text=f"with flame ({flame:.2f})")


def grows(asked: BeliefInput) -> Reason | None:
    """Fire and its smoke grow; a picture that moves makes everything grow."""
    place, state = asked.question.place, _newest(asked).picture
    newest = [area(seen.region) for seen in asked.question.sightings][-FIRST_AREAS:]
    if state is None or state.unsteady is not None or len(newest) < FIRST_AREAS:
        return None
    times = median(newest) / max(median(place.first_areas), LEAST_AREA)
    if times < GROWN:
        return None
    return Reason(name="grows", weight=GROWING, text=f"grew {times:.1f} times")


def is_usual_here(asked: BeliefInput) -> Reason | None:
    """Where and when such candidates are usual and came to nothing, it needs more."""
    if asked.habit is None:
        return None
    if asked.habit < SELDOM:
        return Reason(name="unusual", weight=UNUSUAL, text="nothing was ever seen here")
    return Reason(name="usual", weight=USUAL * asked.habit, text=f"usual here ({asked.habit:.2f})")


def second_witness(asked: BeliefInput) -> Reason | None:
    """Another model looked too."""
    answer = asked.witness
    if answer is None:
        return None
    return Reason(name="witness", weight=answer.weight, text=answer.text)


BELIEF_STAGES: tuple[BeliefStage, ...] = (
    sureness,
    seen_faintly,
    seen_in_parts_only,
    fills_the_picture,
    has_no_colour_of_smoke,
    nothing_else_in_the_picture,
    picture_is_unsteady,
    moves_of_its_own,
    is_warm,
    flickers,
    shows_flame,
    grows,
    is_usual_here,
    second_witness,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefSources:
    """What a camera's belief is made of: its stages, and what others know, if anybody does."""

    stages: tuple[BeliefStage, ...] = BELIEF_STAGES
    habits: HabitMap | None = None
    """What is usual on the camera: asked about every candidate, and told of it."""
    witness: Witness | None = None

    def habit_at(self, at: float) -> Callable[[str, Region], float | None] | None:
        """Kind and region to how usual that is at a moment; the moment counts as watched."""
        habits = self.habits
        if habits is None:
            return None
        habits.watch(at)
        return lambda kind, region: habits.score(kind, region, at)

    def witness_of(self, frame: Frame) -> Callable[[str, Region], WitnessAnswer | None] | None:
        """Kind and region to what the second model sees in this picture."""
        witness = self.witness
        return witness and (lambda kind, region: witness(frame, kind, region))


def _newest(asked: BeliefInput) -> Observation:
    return asked.question.sightings[-1]


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _cut(weight: float) -> float:
    return max(-1.0, min(1.0, weight))
