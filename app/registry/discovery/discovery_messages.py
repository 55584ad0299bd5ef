"""Messages about refused or failed ONVIF queries, as parts of API sentences."""

from thapcanh.app.registry.discovery.finding import FindingRefused
from thapcanh.app.web_api.messages.sentences import InnerSentence
from thapcanh.ingest.errors import SourceError


def network_reason(refused: FindingRefused) -> InnerSentence:
    """Return why this address is not queried."""
    return InnerSentence(f"network_{refused.code}", refused.facts)


def camera_reason(error: SourceError) -> InnerSentence:
    """Return why the camera or the connection failed."""
    return (
        InnerSentence(f"camera_{error.code}", error.facts)
        if error.code
        else InnerSentence("camera_refused")
    )
