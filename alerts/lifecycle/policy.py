"""The rules by which the archive opens, joins and frees alerts."""

from dataclasses import dataclass, field

from thapcanh.alerts.alert.alert_state import Leases
from thapcanh.alerts.alert.deduplication import DedupSettings
from thapcanh.alerts.lifecycle.neighbourhood import AreaSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """The rules by which alerts live."""

    episode: DedupSettings = field(default_factory=DedupSettings)
    area: AreaSettings = field(default_factory=AreaSettings)
    leases: Leases = field(default_factory=Leases)
