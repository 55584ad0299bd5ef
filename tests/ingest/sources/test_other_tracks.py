"""Tracks beside the video (ONVIF metadata, sound) are ignored without harm, wherever they stand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running_simulator import running_simulator
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.sources.probe import probe
from thapcanh.tools.simulator import session
from thapcanh.tools.simulator.recording import Recording
from thapcanh.tools.simulator.session import describe

MakeFilm = Callable[..., Path]

METADATA = (
    "m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=control:track9\r\n"
)
SOUND = "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=control:track8\r\n"


@pytest.mark.parametrize(
    "tracks", [METADATA, SOUND, METADATA + SOUND], ids=["data", "sound", "both"]
)
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_a_track_that_never_sends_stalls_no_probe(
    film: MakeFilm, monkeypatch: pytest.MonkeyPatch, tracks: str, first: bool
) -> None:
    """With a data track first, one of two probes stalled."""

    def described(name: str, recording: Recording) -> str:
        head, mark, video = describe(name, recording).partition("m=video")
        return f"{head}{tracks}{mark}{video}" if first else f"{head}{mark}{video}{tracks}"

    monkeypatch.setattr(session, "describe", described)
    path = film("plain.mp4", codec="libx264")
    with running_simulator([f"yard={path}"], as_is=True) as simulator:
        for _ in range(2):
            report = probe(SecretUrl(simulator.url("yard")))
            assert report.error is None
            assert report.codec == "h264"
            assert report.opened_in_s is not None
            assert report.opened_in_s < 4.0
