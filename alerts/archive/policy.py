"""The rules by which the archive opens, joins and frees alerts."""

from dataclasses import dataclass, field

from alerts.archive.intake.neighbourhood import AreaSettings
from alerts.lifecycle.alert_state import Leases
from alerts.lifecycle.deduplication import DedupSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """The rules by which alerts live."""

    episode: DedupSettings = field(default_factory=DedupSettings)
    area: AreaSettings = field(default_factory=AreaSettings)
    leases: Leases = field(default_factory=Leases)
