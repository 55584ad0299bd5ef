"""What a delivery target of another package is made of; CONTRIBUTING.md shows one.

>>> from thapcanh import targets
>>> targets.failed("the bell does not ring").error
'the bell does not ring'
>>> targets.DELIVERED.outcome.value
'delivered'
"""

from thapcanh.alerts.delivery.attempt import DELIVERED, Attempt, failed
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.sender import Sender, SiteVoice
from thapcanh.alerts.delivery.target_kind import TargetKind
from thapcanh.config.targets import Secret, TargetConfig
from thapcanh.config.wording import Wording
from thapcanh.ingest.address_guard import AddressRefused

__all__ = [
    "DELIVERED",
    "AddressRefused",
    "Attempt",
    "DueDelivery",
    "Secret",
    "Sender",
    "SiteVoice",
    "TargetConfig",
    "TargetKind",
    "Wording",
    "failed",
]
