"""What a camera or a network refuses is said in the reader's language, each reason of it."""

import ast
from pathlib import Path

import pytest

from thapcanh.app.ptz.login import NotTurned, login_of
from thapcanh.app.ptz.ptz_routes import refusals
from thapcanh.app.registry.discovery.discovery_messages import camera_reason, network_reason
from thapcanh.app.registry.discovery.finding import (
    FindingRefused,
    addresses_to_query,
    check_service,
)
from thapcanh.app.web_api.errors import ApiError, words_of
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.messages.camera_words import TEXTS
from thapcanh.config.camera import CameraConfig, OnvifLink
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.config.site import Site
from thapcanh.ingest.errors import CameraRefused
from thapcanh.ingest.sources.tls_relay import NOT_PINNED, certificate_refused

ROOT = Path(__file__).parents[4]
RAISED_IN = ("ingest/onvif/*.py", "ingest/sources/tls_relay.py", "app/registry/discovery/*.py")
ENGLISH = ("outside", "network", "address", "profile", "service", "camera says", "redirect")


def _stated(error: ApiError, language: str) -> str:
    return words_of(error, language, Language.VI)


def _codes() -> set[str]:
    """The code of every refusal in the code, as it stands there."""
    found = set()
    for pattern in RAISED_IN:
        for path in ROOT.glob(pattern):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                if node.func.id in ("CameraRefused", "CertificateRefused"):
                    codes = [one.value for one in node.keywords if one.arg == "code"]
                    assert codes, f"{path.name}:{node.lineno}: a refusal without a code"
                    found |= {f"camera_{one}" for one in _texts(codes[0])}
                if node.func.id == "FindingRefused" and node.args[1:]:
                    found |= {f"network_{one}" for one in _texts(node.args[1])}
    return found


def _texts(node: ast.expr) -> set[str]:
    """The constants that an expression may be."""
    if isinstance(node, ast.Call):  # a table's own, with another for what is in none
        return {"certificate_not_pinned", *_texts(node.args[1])}
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_every_refusal_of_a_camera_or_a_network_has_words_in_both_languages() -> None:
    """Discovery and the turning of cameras showed them in English on Vietnamese screens."""
    codes = _codes()
    assert len(codes) >= 14
    assert codes <= TEXTS.keys()
    assert all(vi and en and vi != en for vi, en in TEXTS.values())


@pytest.mark.parametrize(
    ("service", "named"),
    [("http://10.9.9.9/", "10.9.9.9"), ("http://cam.local/", "cam.local"), ("ftp://a", "ftp://a")],
)
def test_a_network_that_may_not_be_asked_is_told_in_the_readers_language(
    service: str, named: str
) -> None:
    with pytest.raises(FindingRefused) as caught:
        check_service(service, NetworksConfig.model_validate({"onvif": ["10.1.0.0/24"]}))
    told = ApiError(403, "onvif_network", problem=network_reason(caught.value))
    assert named in _stated(told, "vi")
    assert not any(word in _stated(told, "vi") for word in ENGLISH if word != "network")
    assert named in _stated(told, "en")
    with pytest.raises(FindingRefused) as nowhere:
        addresses_to_query((), None)
    told = ApiError(403, "onvif_network", problem=network_reason(nowhere.value))
    assert "chưa có mạng nào" in _stated(told, "vi")


def test_a_camera_that_may_not_be_turned_is_told_in_the_readers_language() -> None:
    link = OnvifLink(service="http://10.9.9.9/onvif")
    gate = CameraConfig(
        id="gate", name="Cổng", source=SecretUrl("rtsp://10.9.9.9/"), onvif=link, ptz=True
    )
    with pytest.raises(ApiError) as refused, refusals():
        login_of(Site(), gate)
    assert "chưa có mạng nào" in _stated(refused.value, "vi")
    assert "no network" in _stated(refused.value, "en")
    with pytest.raises(ApiError) as none, refusals():
        raise NotTurned("ptz_none")
    assert "không quay được" in _stated(none.value, "vi")


def test_what_a_camera_answers_is_told_in_the_readers_language() -> None:
    said = CameraRefused("http://c/", code="said", said="Lens stuck")
    told = ApiError(422, "onvif_refused", problem=camera_reason(said))
    assert "camera nói “Lens stuck”" in _stated(told, "vi")
    pinned = certificate_refused("http://c/", NOT_PINNED, "ab")
    told = ApiError(422, "onvif_certificate", problem=camera_reason(pinned))
    assert "đã ghim" in _stated(told, "vi")
    assert "pinned" in _stated(told, "en")
    strange = certificate_refused("http://c/", "key too small", "ab")
    assert "key too small" in _stated(
        ApiError(422, "onvif_certificate", problem=camera_reason(strange)), "vi"
    )
