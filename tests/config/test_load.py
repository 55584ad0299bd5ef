"""Configuration as users write it: the example, ten broken ones, and what is set aside."""

from pathlib import Path

import pytest

from thapcanh.alerts.delivery.registry import target_registry
from thapcanh.app.site.site_file import load_site
from thapcanh.config.load import Loaded, load
from thapcanh.config.problem import ConfigError, Weight
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import EARLIER_KEYS
from thapcanh.config.servers.server_url import port_of
from thapcanh.detection.rules.registry import registry

CAMERA = """
[[cameras]]
id = "{id}"
name = "Cổng"
source = "rtsp://u:pw@10.0.0.1/a"
"""


class KnownSchemes:
    """Those that the rooms above would hand in."""

    def check(self, url: SecretUrl) -> None:
        if url.scheme not in ("", "file", "rtsp"):
            raise ValueError(f"scheme {url.scheme!r} is not known, expected rtsp or a path")
        if url.scheme == "rtsp" and "///" in url.reveal():
            raise ValueError(f"{url} has no host")
        port_of(url)


def written(tmp_path: Path, text: str | bytes) -> Loaded:
    path = tmp_path / "thapcanh.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    models = registry().models()
    return load(
        path,
        environ={},
        rule_models=models,
        target_models=target_registry().models(),
        schemes=KnownSchemes(),
    )


def messages(loaded: Loaded) -> list[str]:
    return [str(problem) for problem in loaded.problems]


def test_example_lists_every_option_and_loads() -> None:
    path = Path(__file__).parents[2] / "config" / "example.toml"
    loaded = load_site(path, environ={"CAMERA_PASSWORD": "hush/@:"})
    assert loaded.problems == ()
    site = loaded.site_or_raise()
    text = path.read_text(encoding="utf-8")
    for section in type(site).model_fields:
        assert any(head in text for head in (f"[{section}]", f"[[{section}]]", f"[[{section}."))
    tables = ("centre", "metrics", "ldap", "siem", "detector", "decode", "looks", "evidence")
    options = {name for one in tables for name in type(getattr(site, one)).model_fields}
    options |= {name for rule in site.rules for name in type(rule).model_fields}
    options |= set(type(site.cameras[0]).model_fields)
    assert [
        name for name in sorted(options) if f"{name} =" not in text and f"{name}]" not in text
    ] == []


def test_secret_is_put_in_encoded_and_never_printed() -> None:
    path = Path(__file__).parents[2] / "config" / "example.toml"
    camera = load_site(path, environ={"CAMERA_PASSWORD": "hush/@:"}).site_or_raise().cameras[0]
    assert camera.source.reveal() == "rtsp://viewer:hush%2F%40%3A@10.0.0.17/stream2"
    assert str(camera.source) == "rtsp://viewer:<secret>@10.0.0.17/stream2"
    assert "hush" not in repr(camera)
    assert "hush" not in camera.model_dump_json()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the file is empty"),
        (b"\x00\xff\xfe\x9c", "is not a text file (UTF-8)"),
        ("[site\n", "is not TOML"),
        ("[sight]\nname = 'x'\n", "sight: unknown key, did you mean 'site'?"),
        ("[centre]\nport = '8080'\n", "centre.port: wrong type, expected a whole number"),
        ("[centre]\nport = 99999\n", "centre.port: input should be less than or equal to 65535"),
        ("[metrics]\ntoken = 'short'\n", "metrics.token: "),
        ("[queue]\nreplicas = 1\n", "queue: replicas needs a url"),
        ("cameras = 3\n", "cameras: expected a list, write [[cameras]] for each"),
        ("[queue]\nurl = 'redis://:${env:NOPE}@q'\n",
         "queue.url: secret: the environment variable NOPE is not set"),
    ],
)  # fmt: skip
def test_fatal_problem_is_named(tmp_path: Path, text: str | bytes, expected: str) -> None:
    loaded = written(tmp_path, text)
    assert loaded.site is None
    assert any(expected in message for message in messages(loaded)), messages(loaded)
    with pytest.raises(ConfigError):
        loaded.site_or_raise()


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("sauce = 1\n", "cameras[1].sauce: unknown key, did you mean 'source'?"),
        ("[[cameras.zones]]\nid='gate'\nname='g'\npolygon=[[0.1,0.1],[0.2,0.2]]\n",
         "cameras[1].zones.gate.polygon: 2 points, a polygon needs 3"),
        ("[[cameras.zones]]\nid='gate'\nname='g'\npolygon=[[0,0],[1.2,0],[1,1]]\n",
         "cameras[1].zones.gate.polygon: point 1 is [1.2, 0.0], expected 0 to 1"),
        ("main_source = 'ftp://x/y'\n", "cameras[1].main_source: scheme 'ftp' is not known"),
        ("tls_pin = 'ab'\n", "cameras[1].tls_pin"),
        ("transport = 'carrier'\n", "cameras[1].transport"),
        ("tls_insecure = true\ntls_ca = 'ca.pem'\n", "tls_ca, tls_pin and tls_insecure exclude"),
        ("main_source = 'rtsp:///y'\n", "cameras[1].main_source: rtsp:///y has no host"),
        ("main_source = 'rtsp://h:99x/y'\n", "has a port that is not a number"),
        ("main_source = 'rtsp://u:${env:GONE}@h/y'\n", "the environment variable GONE is not set"),
        ("main_source = 'rtsp://u:${file:/no/such}@h/y'\n", "the file /no/such cannot be read"),
        ("masks = 3\n", "cameras[1].masks: wrong type, expected a list"),
        ("[[cameras.lines]]\nid='out'\nname='o'\npoints=[[0.1,0.5],[0.9,0.5]]\n",
         "cameras[1].lines.out.inside: missing, but required"),
        ("[[cameras.lines]]\nid='out'\nname='o'\npoints=[[0.1,0.5],[0.9,0.5]]\ninside=[0.3,0.5]\n",
         "cameras[1].lines.out: inside lies on the line, expected a point beside it"),
        ("[[cameras.lines]]\nid='out'\nname='o'\npoints=[[0.1,0.5],[0.1,0.5]]\ninside=[0.3,0.5]\n",
         "cameras[1].lines.out: both points are the same, a line needs two"),
    ],
)  # fmt: skip
def test_bad_camera_is_set_aside_and_the_rest_run(
    tmp_path: Path, extra: str, expected: str
) -> None:
    loaded = written(tmp_path, CAMERA.format(id="good") + CAMERA.format(id="bad") + extra)
    assert [camera.id for camera in loaded.site_or_raise().cameras] == ["good"]
    assert len(loaded.problems) == 1
    assert expected in messages(loaded)[0]
    assert loaded.problems[0].weight is Weight.SET_ASIDE
    assert "pw" not in messages(loaded)[0]


def test_two_cameras_with_one_id(tmp_path: Path) -> None:
    loaded = written(tmp_path, CAMERA.format(id="a") + CAMERA.format(id="a"))
    assert messages(loaded) == ["thapcanh.toml: cameras[1].id: 'a' is used twice, ids must differ"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("kind='intrusion'\nzone='nowhere'\ncameras=['a']",
         "rules[0].zone: names the zone 'nowhere', which camera 'a' does not have"),
        ("kind='intrusion'\nzone='nowhere'", "rules[0].zone: names the zone 'nowhere', on no"),
        ("kind='intrusion'", "rules[0].zone: missing, but required"),
        ("kind='exit'\nline='nowhere'\ncameras=['a']",
         "rules[0].line: names the line 'nowhere', which camera 'a' does not have"),
        ("kind='exit'\nline='nowhere'", "rules[0].line: names the line 'nowhere', on no camera"),
        ("kind='exit'", "rules[0].line: missing, but required"),
        ("kind='crowd'\nclasses=[]", "rules[0].classes: tuple should have at least 1 item"),
        ("kind='loitering'\nzone='z'\nconfirm={}", "rules[0].confirm: unknown key"),
        ("kind='fire'\ncameras=['zz']", "rules[0].cameras: names the camera 'zz', not found"),
        ("kind='flood'", "rules[0]: unknown kind of rule, expected"),
        ("kind='fire'\nhours=['25:00-26:00']", "rules[0].hours: '25:00-26:00' is not a span"),
        ("kind='fire'\nconfirm={looks=6,of=5}", "rules[0].confirm: looks is 6, more than of"),
        ("kind='fire'\nmin_confidence='high'", "min_confidence: wrong type, expected a number"),
    ],
)  # fmt: skip
def test_bad_rule_is_set_aside(tmp_path: Path, rule: str, expected: str) -> None:
    loaded = written(tmp_path, CAMERA.format(id="a") + f"[[rules]]\nid='r'\n{rule}\n")
    assert len(loaded.problems) == 1, messages(loaded)
    assert expected in messages(loaded)[0]
    assert loaded.site_or_raise().rules == ()


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = CAMERA.format(id="a") + "lat = 300.0\nlon = 'x'\nname2 = 1\n[centre]\nport = 0\n"
    found = messages(written(tmp_path, text))
    assert [message.split(": ")[1] for message in found] == [
        "cameras[0].lat",
        "cameras[0].lon",
        "cameras[0].name2",
        "centre.port",
    ]


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    loaded = load_site(tmp_path / "absent.toml", environ={})
    assert loaded.site is None
    said = messages(loaded)[0]
    assert "absent.toml: cannot be read: No such file or directory" in said
    assert "thapcanh init" in said
    assert "cannot be read: Is a directory" in messages(load_site(tmp_path, environ={}))[0]


def test_files_of_cameras_d_add_cameras_and_a_broken_one_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "cameras.d"
    folder.mkdir()
    (folder / "10-traffic.toml").write_text(CAMERA.format(id="t1"), encoding="utf-8")
    (folder / "20-broken.toml").write_text("[[cameras", encoding="utf-8")
    (folder / "30-centre.toml").write_text("[centre]\nport = 1\n", encoding="utf-8")
    loaded = written(tmp_path, CAMERA.format(id="a"))
    assert [camera.id for camera in loaded.site_or_raise().cameras] == ["a", "t1"]
    assert "cameras.d/20-broken.toml: is not TOML" in messages(loaded)[0]
    assert "cameras.d/30-centre.toml: centre: not expected in cameras.d" in messages(loaded)[1]


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    text = CAMERA.format(id="a")
    (tmp_path / "thapcanh.toml").write_text(text, encoding="utf-8-sig")
    assert load_site(tmp_path / "thapcanh.toml", environ={}).problems == ()


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    text = '[site]\ndata_dir = "d"\n[[cameras]]\nid = "f"\nname = "f"\nsource = "clip.mp4"\n'
    site = written(tmp_path, text).site_or_raise()
    assert site.site.data_dir == tmp_path / "d"
    assert site.cameras[0].source.reveal() == str(tmp_path / "clip.mp4")


def test_the_map_is_relative_to_the_file_and_absent_without_one(tmp_path: Path) -> None:
    site = written(tmp_path, '[site]\nmap = "map/wards.geojson"\n').site_or_raise()
    assert site.site.map == tmp_path / "map" / "wards.geojson"
    assert written(tmp_path, "[site]\n").site_or_raise().site.map is None


def test_networks_for_trying_addresses_are_networks(tmp_path: Path) -> None:
    site = written(tmp_path, '[networks]\nprobe = ["10.0.0.0/16"]\n').site_or_raise()
    assert [str(one) for one in site.networks.probe] == ["10.0.0.0/16"]
    loaded = written(tmp_path, '[networks]\nprobe = ["10.0.0.1/16"]\n')
    assert any("networks.probe[0]" in message for message in messages(loaded))


@pytest.mark.parametrize(("table", "key", "now"), EARLIER_KEYS)
def test_networks_written_at_their_earlier_places_are_read(
    tmp_path: Path, table: str, key: str, now: str
) -> None:
    earlier = f'[{table}]\n{key} = ["10.0.0.0/16"]\n'
    site = written(tmp_path, earlier).site_or_raise()
    assert [str(one) for one in getattr(site.networks, now)] == ["10.0.0.0/16"]
    twice = written(tmp_path, f"{earlier}[networks]\n{now} = []\n")
    assert twice.site is None
    assert any(f"{table}.{key}: is [networks] {now} now" in message for message in messages(twice))


def test_a_rule_for_a_camera_that_was_set_aside_is_not_itself_wrong(tmp_path: Path) -> None:
    text = CAMERA.format(id="a") + CAMERA.format(id="b") + "main_source = 'rtsp://${env:GONE}@h'\n"
    loaded = written(tmp_path, text + "[[rules]]\nid='r'\nkind='fire'\ncameras=['a', 'b']\n")
    assert len(loaded.problems) == 1
    assert [rule.id for rule in loaded.site_or_raise().rules] == ["r"]


def test_a_certificate_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    site = written(tmp_path, '[centre]\ncertificate = "tls/a.pem"\nkey = "/k.pem"\n').site
    assert site is not None
    assert site.centre.certificate == tmp_path / "tls" / "a.pem"
    assert site.centre.key == Path("/k.pem")
    assert site.centre.is_tls


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('certificate = "a.pem"', "go together"),
        ('certificate = "a.pem"\nkey = "k.pem"\nbehind_tls = true', "exclude each other"),
        ('proxies = ["10.0.0.5/32"]', "proxies needs behind_tls"),
    ],
)
def test_who_speaks_tls_must_be_clear(tmp_path: Path, text: str, expected: str) -> None:
    loaded = written(tmp_path, f"[centre]\n{text}\n")
    assert loaded.site is None
    assert any(expected in message for message in messages(loaded))


OIDC = """
[oidc]
issuer = "https://sso.example"
client_id = "thapcanh"
client_secret = "${env:CAMERA_PASSWORD}"
public_url = "https://canh.example"
roles = { "truc-ban" = ["operator"], "chi-huy" = ["leader", "admin"] }
"""


def test_a_provider_is_read_and_its_secret_never_printed(tmp_path: Path) -> None:
    (tmp_path / "thapcanh.toml").write_text(OIDC, encoding="utf-8")
    site = load_site(tmp_path / "thapcanh.toml", {"CAMERA_PASSWORD": "hush"}).site_or_raise()
    assert site.oidc.roles["chi-huy"] == ("leader", "admin")
    assert "hush" not in repr(site)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("https://sso", "http://sso"), "issuer is not an https:// address"),
        (("https://canh.example", ""), "public_url is missing"),
        (('client_id = "thapcanh"', ""), "client_id is missing"),
        (('"operator"', '"king"'), "operator"),
    ],
)
def test_a_provider_that_cannot_be_asked_is_named(
    tmp_path: Path, change: tuple[str, str], expected: str
) -> None:
    loaded = written(tmp_path, OIDC.replace("${env:CAMERA_PASSWORD}", "x").replace(*change))
    assert loaded.site is None
    assert any(expected in message for message in messages(loaded)), messages(loaded)
