"""Registry of delivery target kinds."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from thapcanh.alerts.delivery import targets as folder
from thapcanh.alerts.delivery.attempt import Attempt, failed
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.sender import Sender, SiteVoice
from thapcanh.alerts.delivery.target_kind import TargetKind
from thapcanh.config.kinds import FoundKinds, KindFinder
from thapcanh.config.targets import TargetConfig, TargetModels

log = logging.getLogger(__name__)
FINDER = KindFinder(
    type=TargetKind,
    folder=folder,
    constant="TARGET",
    entry_points="thapcanh.targets",
    names=lambda each: (each.kind,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRegistry:
    """Kinds by name, in their order, and those from other packages that failed to load."""

    kinds: Mapping[str, TargetKind]
    problems: tuple[tuple[str, str], ...] = ()

    def models(self) -> TargetModels:
        models = {kind: each.settings for kind, each in self.kinds.items()}
        return TargetModels(models=models, problems=self.problems)


@cache
def target_registry() -> TargetRegistry:
    """Return the kinds of this installation; found once a process."""
    return registry_of(FINDER.find())


def registry_of(found: FoundKinds[TargetKind]) -> TargetRegistry:
    ordered = sorted(found.by_name.values(), key=lambda each: (each.order, each.kind))
    by_name = MappingProxyType({each.kind: each for each in ordered})
    return TargetRegistry(kinds=by_name, problems=found.problems)


def make_sender(target: TargetConfig, voice: SiteVoice) -> Sender:
    """Return the sender of a target; if its kind fails, every delivery reports that."""
    try:
        return target_registry().kinds[target.kind].sender(target, voice)
    except Exception as error:  # whatever code from outside raises: other targets are told
        log.exception("target %s: its sender cannot be made", target.id)
        return _Unmade(f"the kind {target.kind} cannot send: {type(error).__name__}, see the log")


class _Unmade:
    """In place of a sender that cannot be made."""

    is_serial = True

    def __init__(self, why: str) -> None:
        self._why = why

    async def send(self, due: DueDelivery) -> Attempt:  # noqa: ARG002 a sender's
        return failed(self._why)

    async def close(self) -> None:
        """Do nothing: there is no connection."""
