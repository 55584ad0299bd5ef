"""The registry of schemes: each in one file, ours or another package's; addresses checked by it."""

import ast
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.source_trees import modules_with
from thapcanh.config.load import load
from thapcanh.config.secret import SecretUrl
from thapcanh.config.targets import NO_TARGETS
from thapcanh.detection.rules.registry import registry as rule_registry
from thapcanh.ingest.errors import SourceError, Unreachable, Unsupported
from thapcanh.ingest.sources.registry import SchemeRegistry
from thapcanh.ingest.sources.scheme import ENTRY_POINTS

TOY = '''
"""A scheme of somebody else: `toy://host/number of pictures`."""

from urllib.parse import urlsplit

from tests.ingest.fake_source import FakeSource, PlaybackScript, synthetic_packets
from thapcanh.ingest.sources.scheme import SourceScheme, has_host


def _pictures(url):
    return int(urlsplit(url.reveal()).path.lstrip("/"))


def _check(url):
    has_host(url)
    if not 0 < _pictures(url) < 100:
        raise ValueError(f"{url} asks for {_pictures(url)} pictures, expected 1 to 99")


def _open(url, settings):
    return FakeSource([PlaybackScript(packets=synthetic_packets(_pictures(url)))])(url)


SCHEME = SourceScheme(names=("toy",), open=_open, check=_check)
'''
SITE = """
[[cameras]]
id = "gate"
name = "Cổng"
source = "{source}"
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package beside ours: one module, and the metadata that pip writes."""
    (tmp_path / "toy_scheme.py").write_text(TOY, encoding="utf-8")
    facts = tmp_path / "toy_scheme-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-scheme\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\ntoy = toy_scheme:SCHEME\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "toy_scheme", raising=False)
    return tmp_path


def _problems(registry: SchemeRegistry, folder: Path, source: str) -> list[str]:
    path = folder / "thapcanh.toml"
    path.write_text(SITE.format(source=source), encoding="utf-8")
    loaded = load(
        path,
        environ={},
        rule_models=rule_registry().models(),
        target_models=NO_TARGETS,
        schemes=registry,
    )
    return [str(problem) for problem in loaded.problems]


def test_a_scheme_of_another_package_is_one_file(package: Path) -> None:
    registry = SchemeRegistry()
    assert _problems(registry, package, "toy://lab/12") == []
    with registry.open(SecretUrl("toy://lab/12")) as connection:
        assert len(list(islice(connection, 12))) == 12
    (problem,) = _problems(registry, package, "toy://lab/500")
    assert "asks for 500 pictures, expected 1 to 99" in problem


def test_one_that_cannot_be_loaded_leaves_the_others(
    package: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (package / "toy_scheme.py").write_text("raise RuntimeError('broken on purpose')\n")
    registry = SchemeRegistry()
    assert "toy" not in registry.by_name
    assert "rtsp" in registry.by_name
    assert "toy_scheme:SCHEME cannot be used: broken on purpose" in caplog.text


def test_ours_are_not_replaced_by_others(package: Path) -> None:
    text = TOY.replace('("toy",)', '("rtsp",)')
    (package / "toy_scheme.py").write_text(text, encoding="utf-8")
    (problem,) = _problems(SchemeRegistry(), package, "rtsp:///500")
    assert "has no host" in problem


def test_all_of_ours_have_lower_case_names() -> None:
    by_name = SchemeRegistry().by_name
    assert {"", "file", "rtsp", "rtsps", "http", "https", "srt", "rtmp", "rtmps"} <= set(by_name)
    assert all(name == name.lower() for name in by_name)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("ftp://h/x", "scheme 'ftp' is not known, expected"),
        ("rtsp:///x", "has no host"),
        ("rtsp://h:99999/x", "has a port that is not a number from 0 to 65535"),
        ("srt://h/x", "has no port"),
        ("rtmp:///live", "has no host"),
        ("file://", "empty, expected a URL or a file path"),
    ],
)
def test_each_scheme_checks_its_addresses(tmp_path: Path, source: str, said: str) -> None:
    (problem,) = _problems(SchemeRegistry(), tmp_path, source)
    assert (
        problem.startswith("thapcanh.toml: cameras[0].source: ") or "cameras[0].source" in problem
    )
    assert said in problem


def test_an_unknown_scheme_is_not_opened() -> None:
    with pytest.raises(Unsupported, match="scheme 'ftp' is not known"):
        SchemeRegistry().open(SecretUrl("ftp://h/x"))


def test_srt_that_this_libav_cannot_read_is_said_in_one_line_without_its_secret() -> None:
    with pytest.raises(SourceError) as caught:
        SchemeRegistry().open(SecretUrl("srt://127.0.0.1:9?passphrase=hush-hush-hush"))
    assert "SRT" in str(caught.value) or caught.value.retry_helps
    assert "hush-hush" not in str(caught.value)


def test_rtmp_without_a_server_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        SchemeRegistry().open(SecretUrl("rtmp://127.0.0.1:9/live/drone"))


def test_the_usual_ports_of_rtsp_stand_in_one_module() -> None:
    """Six modules had them, each in a table of its own."""
    found = [
        name
        for name, tree in modules_with("rtsps")
        for table in ast.walk(tree)
        if isinstance(table, ast.Dict)
        for key in table.keys
        if isinstance(key, ast.Constant) and key.value == "rtsps"
    ]
    assert found == ["ingest/sources/rtsp_answers.py"]
