"""Why a camera is not asked by ONVIF, or what it answered, as a part of the API's own sentences."""

from thapcanh.app.registry.discovery.finding import FindingRefused
from thapcanh.app.web_api.messages.sentences import InnerSentence
from thapcanh.ingest.errors import SourceError


def told_of_network(refused: FindingRefused) -> InnerSentence:
    """Why this address is not asked."""
    return InnerSentence(f"network_{refused.code}", refused.facts)


def told_of_camera(error: SourceError) -> InnerSentence:
    """What the camera, or the way to it, is refused for."""
    return (
        InnerSentence(f"camera_{error.code}", error.facts)
        if error.code
        else InnerSentence("camera_refused")
    )
