"""What may go wrong on the way from weights to detections.

DetectorError          one clear line, with the way out
├─ WeightsError        missing, broken, or unknown weights: retrying does not help
├─ ExportError         the weights could not be turned into the run-time form: does not help
└─ InferenceError      one look failed: the next one may work

CheckUnavailable       a second check is down or late: what it was asked about goes on unchecked
"""


class DetectorError(Exception):
    """Detector failure; the message is one line with the way out."""

    retry_helps = False


class WeightsError(DetectorError):
    """Weights file that is missing, broken, or of an unknown sha256."""


class ExportError(DetectorError):
    """Failure to export good weights."""


class InferenceError(DetectorError):
    """Failure of one inference."""

    retry_helps = True


class CheckUnavailable(Exception):
    """Failure of a confirmation stage; the candidate passes as `unchecked`."""
