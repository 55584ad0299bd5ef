"""Open episodes of one camera: rule matches in, event messages out.

Pure state: times are camera seconds, ids are passed in.
"""

from collections.abc import Callable
from typing import assert_never

from thapcanh.config.rules import BurningRule, Priority, Rule
from thapcanh.detection import episode as episodes
from thapcanh.detection.confirmation.stages import StageOutcome
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.episode import EventEpisode
from thapcanh.detection.event import CORROBORATED, Event, EventPhase
from thapcanh.detection.region import Region, as_box
from thapcanh.detection.rules.evaluator import RuleMatch
from thapcanh.detection.rules.registry import group_of, outranks


class OpenEpisodes:
    """Episodes of one camera; `call` is the call that corroborates them, if any."""

    def __init__(self, camera_id: str, model: ModelIdentity, new_id: Callable[[], str]) -> None:
        self.call: str | None = None
        self._camera_id = camera_id
        self._model = model
        self._new_id = new_id
        self._episodes: list[EventEpisode] = []

    def __bool__(self) -> bool:
        return bool(self._episodes)

    @property
    def rule_ids(self) -> set[str]:
        return {episode.rule.id for episode in self._episodes}

    def is_told(self, rule: Rule, evaluated: RuleMatch) -> bool:
        """Return whether an episode of the highest priority is open at this place."""
        near = (one for one in self._open_of(group_of(rule)) if one.is_near(evaluated.sighting))
        return any(one.priority == Priority.P1 for one in near)

    def is_milder_near(self, rule: Rule, region: Region) -> bool:
        """Return whether an open episode there is of a kind that this rule's kind outranks."""
        group = self._open_of(group_of(rule))
        return any(outranks(rule.kind, one.kind) and one.reaches(region) for one in group)

    def take(
        self, rule: Rule, evaluated: RuleMatch, observed: list[EventEpisode], inference: Detections
    ) -> list[Event]:
        """Add a match to an episode of its group, or start one if it is believed.

        A waiting match keeps an open episode alive; a rejected one does nothing.
        """
        group = group_of(rule)
        sighting, verdict = evaluated.sighting, evaluated.verdict
        existing = [] if evaluated.stands_alone else self._open_of(group)
        match verdict.outcome:
            case StageOutcome.REJECTED:
                return []
            case StageOutcome.WAITING:
                episode = next((one for one in existing if one.is_near(sighting)), None)
                return (
                    self._tell_seen(episode, rule, evaluated, observed, inference)
                    if episode
                    else []
                )
            case StageOutcome.ACCEPTED:
                episode = next((one for one in existing if one.is_about(sighting)), None)
                if episode is not None:
                    return self._tell_seen(episode, rule, evaluated, observed, inference)
                episode = episodes.begin(self._new_id(), rule, group, evaluated)
                self._episodes.append(episode)
                observed.append(episode)
                return [
                    self._event(episode, EventPhase.RAISED, episodes.told(evaluated), inference)
                ]
            case _:
                assert_never(verdict.outcome)

    def _open_of(self, group: str) -> list[EventEpisode]:
        return [episode for episode in self._episodes if episode.group == group]

    def _tell_seen(
        self,
        episode: EventEpisode,
        rule: Rule,
        evaluated: RuleMatch,
        observed: list[EventEpisode],
        inference: Detections,
    ) -> list[Event]:
        observed.append(episode)
        news = episodes.see(episode, rule, evaluated)
        return [self._event(episode, EventPhase.UPDATED, news, inference)] if news else []

    def miss(
        self, observed: list[EventEpisode], gap_s: float, inference: Detections
    ) -> list[Event]:
        """Count this inference as a miss for every other episode."""
        events = []
        for episode in list(self._episodes):
            removed = None if episode in observed else episodes.miss(episode, gap_s)
            if removed:
                self._episodes.remove(episode)
                events.append(self._event(episode, EventPhase.CLEARED, removed, inference))
        return events

    def _event(
        self, episode: EventEpisode, phase: EventPhase, reason: str, inference: Detections
    ) -> Event:
        call = self.call if isinstance(episode.rule, BurningRule) else None
        return Event(
            id=self._new_id(),
            event_id=episode.event_id,
            phase=phase,
            kind=episode.kind,
            camera_id=self._camera_id,
            rule_id=episode.rule.id,
            rule_version=episode.rule.version,
            zone_id=episode.rule.zone,
            priority=episode.priority,
            box=as_box(episode.last.region),
            confidence=episode.last.confidence,
            label=episode.last.label,
            track_id=episode.last.track_id,
            model_name=self._model.name,
            model_sha256=self._model.sha256,
            at_s=inference.at_s,
            captured_at=inference.captured_at,
            inferred_at=inference.inferred_at,
            reason=reason if call is None else f"{CORROBORATED} {call} · {reason}",
            call=call,
            unchecked=episode.unchecked,
            belief=episode.belief.value,
            reasons=episode.belief.by_name,
        )
