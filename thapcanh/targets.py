"""What a delivery target of another package is made of; CONTRIBUTING.md shows one.

>>> from thapcanh import targets
>>> targets.failed("the bell does not ring").error
'the bell does not ring'
>>> targets.DELIVERED.outcome.value
'delivered'
"""

from alerts.delivery.attempt import DELIVERED, Attempt, failed
from alerts.delivery.outbox.records import DueDelivery
from alerts.delivery.sender import Sender, SiteVoice
from alerts.delivery.target_kind import TargetKind
from config.targets import Secret, TargetConfig
from config.wording import Wording
from ingest.address_guard import AddressRefused

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
