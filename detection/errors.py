"""What may go wrong on the way from weights to detections.

DetectorError          one clear line, with the way out
├─ WeightsError        missing, broken, or unknown weights: retrying does not help
├─ ExportError         the weights could not be turned into the run-time form: does not help
└─ InferenceError      one look failed: the next one may work

CheckUnavailable       a second check is down or late: what it was asked about goes on unchecked
"""


class DetectorError(Exception):
    """The detector cannot see; the message is one line and says what to do."""

    retry_helps = False


class WeightsError(DetectorError):
    """The weights file is missing, broken, or nobody vouches for its sha256."""


class ExportError(DetectorError):
    """The weights are good, but no run-time form of them could be made."""


class InferenceError(DetectorError):
    """One look failed."""

    retry_helps = True


class CheckUnavailable(Exception):
    """A stage of confirmation cannot judge; what it was asked about is let through `unchecked`."""
