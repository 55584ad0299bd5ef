"""Policy of the archive for opening, joining and freeing alerts."""

from dataclasses import dataclass, field

from thapcanh.alerts.alert.alert_state import Leases
from thapcanh.alerts.alert.deduplication import DedupSettings
from thapcanh.alerts.lifecycle.nearby_reports import AreaSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """Settings of alerts' lifecycle."""

    episode: DedupSettings = field(default_factory=DedupSettings)
    area: AreaSettings = field(default_factory=AreaSettings)
    leases: Leases = field(default_factory=Leases)
