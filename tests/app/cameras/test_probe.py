"""Trying an address: only near the cameras, never this machine's other doors, never too often."""

from collections.abc import Callable, Sequence
from ipaddress import ip_network

import pytest

from tests.app.web_api.centre import Centre, Desk, SetClock
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.cameras import probe_routes
from thapcanh.app.cameras.probe_routes import (
    MOST_A_MINUTE,
    SAME_AFTER_S,
    SPEAKS_RTSP,
    Prober,
    ProbeRefused,
    doors_of,
    pinned_url,
    rest_s,
    without_ports,
)
from thapcanh.app.web_api.errors import ApiError
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.ingest.address_guard import tried_addresses
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.sources.probe import ProbeReport

NAMES = {
    "cam.local": ["10.1.2.3"],
    "far.local": ["10.9.9.9"],
    "mixed.local": ["10.1.2.9", "169.254.169.254"],
    "six.local": ["fd00:1::5"],
}


def _resolve(host: str) -> Sequence[str]:
    return NAMES.get(host, [host] if host[0].isdecimal() or ":" in host else [])


SOURCES = ("rtsp://u:pw@cam.local/a", "rtsp://127.0.0.1:8554/b", "clip.mp4", "rtsp://six.local/c")
GUARD = tried_addresses(
    doors_of(map(SecretUrl, SOURCES)),
    NetworksConfig(probe=(ip_network("192.168.7.0/28"),)),
    _resolve,
)


@pytest.mark.parametrize(
    ("url", "pinned"),
    [
        ("rtsp://cam.local/new", "rtsp://10.1.2.3:554/new"),
        ("rtsp://u:p%40@10.1.2.200:8554/x?y=1", "rtsp://u:p%40@10.1.2.200:8554/x?y=1"),
        ("rtsps://192.168.7.14/x", "rtsps://192.168.7.14:322/x"),
        ("rtsp://127.0.0.1:8554/other", "rtsp://127.0.0.1:8554/other"),
        ("rtsp://[fd00:1::77]/x", "rtsp://[fd00:1::77]:554/x"),
    ],
)
def test_addresses_near_the_cameras_are_tried_where_they_were_judged(url: str, pinned: str) -> None:
    assert pinned_url(SecretUrl(url), GUARD).reveal() == pinned


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("rtsp://far.local/x", "probe_network"),
        ("rtsp://10.1.3.1/x", "probe_network"),
        ("rtsp://192.168.7.16/x", "probe_network"),
        ("rtsp://mixed.local/x", "probe_network"),
        ("rtsp://169.254.169.254/latest", "probe_network"),
        ("rtsp://127.0.0.1:6379/", "probe_network"),
        ("rtsp://127.0.0.2:8554/", "probe_network"),
        ("rtsp://[::1]/", "probe_network"),
        ("rtsp://[::ffff:127.0.0.1]:6379/", "probe_network"),
        ("rtsp://0.0.0.0:8554/", "probe_network"),
        ("rtsp://nowhere.local/x", "probe_unknown_host"),
        ("http://10.1.2.3/x", "probe_not_rtsp"),
        ("file:///etc/passwd", "probe_not_rtsp"),
        ("/etc/passwd", "probe_not_rtsp"),
        ("rtsp://", "probe_not_rtsp"),
        ("rtsp://10.1.2.3:99999/", "probe_not_rtsp"),
        ("rtsp://10.1.2.3:0/", "probe_not_rtsp"),
        ("rtsp://10.1.2.3/\r\nTEARDOWN", "probe_not_rtsp"),
        ("rtsp://[bad/", "probe_not_rtsp"),
        ("", "probe_not_rtsp"),
    ],
)
def test_every_other_address_is_refused(url: str, why: str) -> None:
    with pytest.raises(ProbeRefused, match=why):
        pinned_url(SecretUrl(url), GUARD)


def _prober(centre: Centre, clock: SetClock, tried: list[str]) -> Prober:
    def look(url: SecretUrl) -> ProbeReport:
        tried.append(url.reveal())
        return ProbeReport(url=str(url), ok=True, codec="h264")

    return Prober(
        centre.site,
        clock,
        look=lambda camera, _: look(camera.source),
        look_there=look,
        resolve=_resolve,
    )


def test_the_report_shows_the_address_as_it_was_typed_without_its_password(centre: Centre) -> None:
    tried: list[str] = []
    prober = _prober(centre, SetClock(), tried)
    report = prober.address(SecretUrl("rtsp://u:hush@10.0.0.77/x"), "ky-thuat")
    assert (report.codec, report.url) == ("h264", "rtsp://u:<secret>@10.0.0.77/x")
    assert tried == ["rtsp://u:hush@10.0.0.77:554/x"]


def test_tries_are_counted_for_each_person_refused_ones_too(centre: Centre) -> None:
    clock = SetClock()
    prober = _prober(centre, clock, [])
    for _ in range(MOST_A_MINUTE):
        with pytest.raises(ApiError, match="probe_network"):
            prober.address(SecretUrl("rtsp://far.local/x"), "ky-thuat")
    camera = CameraConfig(id="yard", name="Sân", source=SecretUrl("rtsp://10.0.0.1/x"))
    with pytest.raises(ApiError, match="probe_too_often"):
        prober.camera(camera, "ky-thuat")
    assert prober.camera(camera, "khac").ok
    clock.at += 60
    assert prober.camera(camera, "ky-thuat").ok


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"url": "rtsp://u:hush@8.8.8.8/x"}, 403, "probe_network"),
        ({"url": "file:///etc/passwd"}, 403, "probe_not_rtsp"),
        ({"camera": "nothing"}, 404, "camera_not_found"),
        ({}, 422, "invalid_input"),
        ({"url": "rtsp://10.0.0.1/", "camera": "cam-1"}, 422, "invalid_input"),
    ],
)
def test_refusals_come_with_a_sentence_and_no_secret(
    desk_of: Callable[..., Desk], body: dict[str, str], status: int, error: str
) -> None:
    desk = desk_of("ky-thuat", Role.TECHNICIAN)
    answer = desk.post("/api/v1/probe", json=body, headers={"X-CSRF-Token": desk.csrf})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["detail"]
    assert "hush" not in answer.text


def _reasons(of: type[SourceError] = SourceError) -> set[str]:
    return {of.reason}.union(*map(_reasons, of.__subclasses__()))


REASONS = _reasons()


def test_a_technician_learned_which_ports_are_open_and_what_speaks_there() -> None:
    """By the sentence, by its name for machines, by figures, and by how soon it came."""
    hidden = {
        without_ports(
            ProbeReport(url="rtsp://10.0.0.9:22/", ok=False, error=f"why {reason}", reason=reason,
                        opened_in_s=0.1, notes=(reason,))
        )
        for reason in REASONS - SPEAKS_RTSP
    }  # fmt: skip
    assert {"unreachable", "unanswered", "other_protocol", "web_page", "no_video"} <= REASONS
    (same,) = hidden
    assert (same.reason, same.opened_in_s, same.notes) == ("no_camera", None, ())
    assert SPEAKS_RTSP <= REASONS
    assert [rest_s(100.0, now) for now in (100.0, 108.0, 130.0)] == [SAME_AFTER_S, 2.0, 0.0]


@pytest.fixture
def at_once(desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Desk]:
    monkeypatch.setattr(probe_routes, "SAME_AFTER_S", 0.0)
    return desk_of


@pytest.mark.parametrize(
    ("role", "scope", "reason"),
    [
        (Role.TECHNICIAN, EVERYTHING, "no_camera"),
        (Role.ADMIN, DataFilter(agencies=frozenset({"pc07"})), "no_camera"),
        (Role.ADMIN, EVERYTHING, "unreachable"),
    ],
)
def test_only_who_keeps_the_site_is_told_of_a_port_without_a_camera(
    centre: Centre, at_once: Callable[..., Desk], role: Role, scope: DataFilter, reason: str
) -> None:
    camera = CameraConfig(id="here", name="Ở đây", source=SecretUrl("rtsp://127.0.0.1:9/x"))
    centre.site.replace(centre.site().model_copy(update={"cameras": (camera,)}))
    desk = at_once("an", role, scope=scope)
    headers = {"X-CSRF-Token": desk.csrf}
    answer = desk.post("/api/v1/probe", json={"url": "rtsp://127.0.0.1:9/x"}, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (200, reason)
