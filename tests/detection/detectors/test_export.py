"""The export: made once, whole or not at all, by a child; nothing speaks to the network."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors import export as exporting
from thapcanh.detection.detectors.export import export, run_time_form
from thapcanh.detection.detectors.model_card import SHIPPED, Weights, vouched_weights
from thapcanh.detection.detectors.offline_imports import import_openvino
from thapcanh.detection.errors import ExportError

ROOT = Path(exporting.__file__).parents[1]


def _run(code: str, *arguments: str | Path, wrapper: tuple[str, ...] = ()) -> str:
    """Run code in a fresh interpreter; its standard output."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    done = subprocess.run(
        [*wrapper, sys.executable, "-c", code, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def sound(cache_dir: Path) -> Path:
    """The folder of the shipped weights' export; other tests may put others beside it."""
    return export(vouched_weights(DetectorConfig()), cache_dir).model.parent


def test_what_the_cache_holds(cache_dir: Path) -> None:
    made = export(vouched_weights(DetectorConfig()), cache_dir)
    assert made.labels[:2] == ("fire", "smoke")
    assert {path.name for path in made.model.parent.iterdir()} == {
        "model.xml",
        "model.bin",
        "export.json",
    }


def test_a_found_export_is_used_without_torch_or_a_child(cache_dir: Path) -> None:
    code = """
import subprocess, sys
from pathlib import Path
from thapcanh.config.site import DetectorConfig
def no_child(*a, **k): raise AssertionError("a child was started")
subprocess.run = no_child
from thapcanh.detection.detectors.detector import load_detector
load_detector(DetectorConfig(device="cpu"), Path(sys.argv[1]))
heavy = {"torch", "ultralytics", "trackers", "supervision", "openvino_telemetry.main"}
print(sorted(heavy & set(sys.modules)))
"""
    assert _run(code, cache_dir).strip() == "[]"


def _no_child(*arguments: object, **options: object) -> None:
    raise AssertionError("something was exported")


def test_a_first_start_exports_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisor took the worker that exported its model for one that hangs."""
    monkeypatch.setattr(exporting, "_run_child", _no_child)
    made = run_time_form(vouched_weights(DetectorConfig()), tmp_path)
    assert made.model.is_relative_to(SHIPPED)
    assert made.labels[:2] == ("fire", "smoke")
    assert not list(tmp_path.iterdir())


def test_the_shipped_form_is_what_the_weights_give(cache_dir: Path) -> None:
    weights = vouched_weights(DetectorConfig())
    shipped, made = run_time_form(weights, cache_dir), export(weights, cache_dir)
    assert shipped.labels == made.labels
    assert _constants(shipped.model) == pytest.approx(_constants(made.model), abs=1e-5)


def _constants(xml: Path) -> list[float]:
    """The sum of each of a model's tensors of weights, in order."""
    nodes = import_openvino().Core().read_model(xml).get_ordered_ops()
    tensors = [node.data for node in nodes if node.get_type_name() == "Constant"]
    return [float(one.sum()) for one in tensors if one.size > 100]


@pytest.mark.parametrize("harm", ["of other weights", "broken"])
def test_a_shipped_form_that_cannot_serve_is_made_instead(
    tmp_path: Path, cache_dir: Path, harm: str
) -> None:
    weights = vouched_weights(DetectorConfig())
    shipped = tmp_path / "weights"
    folder = shipped / weights.name
    shutil.copytree(SHIPPED / weights.name, folder)
    if harm == "broken":
        (folder / "model.bin").write_bytes(b"half")
    else:
        facts = folder / "export.json"
        facts.write_text(facts.read_text().replace(weights.sha256, "0" * 64))
    made = run_time_form(weights, cache_dir, shipped)
    assert made.model.is_relative_to(cache_dir)


@pytest.mark.parametrize("name", ["model.bin", "model.xml", "export.json"])
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_a_broken_export_is_made_again(
    sound: Path, tmp_path: Path, name: str, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    victim = shutil.copytree(sound, cache / sound.name) / name
    if harm == "gone":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-7])
    monkeypatch.setattr(
        exporting, "_run_child", lambda work, *_: shutil.copytree(sound, work / "finished")
    )
    made = export(vouched_weights(DetectorConfig()), cache)
    assert (made.model.parent / name).read_bytes() == (sound / name).read_bytes()
    assert not list(cache.glob("making-*"))


def test_several_workers_make_it_once(tmp_path: Path) -> None:
    """Three processes at once on an empty cache: one export, and all of them can look."""
    code = """
import sys, time
from pathlib import Path
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.export import export
from thapcanh.detection.detectors.model_card import vouched_weights
export(vouched_weights(DetectorConfig()), Path(sys.argv[1]))
"""
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    messages = [worker.communicate(timeout=PATIENCE_S)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], messages
    assert len(list(tmp_path.glob("*/export.json"))) == 1
    assert not list(tmp_path.glob("making-*"))


def test_weights_that_are_no_model_are_one_clear_line(tmp_path: Path) -> None:
    content = b"vouched for, and yet no model"
    weights = Weights(
        name="odd", path=Path("odd.pt"), sha256=sha256(content).hexdigest(), content=content
    )
    with pytest.raises(ExportError, match=r"^weights odd\.pt: cannot be exported: [^\n]+$"):
        export(weights, tmp_path)
    assert not list(tmp_path.glob("odd*"))


def test_a_cache_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match=r"cache folder .*file/cache: Not a directory"):
        export(vouched_weights(DetectorConfig()), tmp_path / "file" / "cache")


def test_an_export_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "EXPORT_TIMEOUT_S", 0.05)
    with pytest.raises(ExportError, match="took over"):
        export(vouched_weights(DetectorConfig()), tmp_path)


TRAP = """
import socket, sys, time
from pathlib import Path
def refuse(name):
    def refused(*arguments, **_):
        # A file, not a list: OpenVINO's telemetry speaks from a forked child.
        with open(Path(sys.argv[1]) / "tried", "a") as tried:
            print(name, *arguments, file=tried)
        raise OSError("no network in this test")
    return refused
socket.socket.connect = refuse("connect")
socket.socket.connect_ex = refuse("connect_ex")
socket.getaddrinfo = refuse("getaddrinfo")
socket.gethostbyname = refuse("gethostbyname")
"""
WITHOUT_NETWORK = """
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors import export, model_card
work = Path(sys.argv[1])
weights = model_card.vouched_weights(DetectorConfig())
(work / "model.pt").write_bytes(weights.content)
export._convert(work, "openvino")
from thapcanh.detection.tracking.tracker import Tracker
from thapcanh.detection.detectors.offline_imports import import_openvino
Tracker(frozenset({"person"}))
ov = import_openvino()
ov.Core().compile_model(ov.Core().read_model(work / "finished" / "model.xml"), "CPU")
time.sleep(1.0)  # what speaks by itself does so from a thread or a child
"""
TALKATIVE = """
import openvino
time.sleep(1.0)
"""


def _tried(tmp_path: Path, code: str) -> str:
    """What a fresh user's process tried to reach."""
    home = tmp_path / "home"
    home.mkdir()
    _run(TRAP + code, tmp_path, wrapper=("env", "-u", "CI", f"HOME={home}"))
    told = tmp_path / "tried"
    return told.read_text() if told.exists() else ""


def test_export_inference_and_tracking_try_no_connection(tmp_path: Path) -> None:
    """Export, inference and tracking in one process, where every attempt is caught."""
    assert _tried(tmp_path, WITHOUT_NETWORK) == ""


@pytest.mark.skipif(find_spec("openvino_telemetry") is None, reason="OpenVINO has nothing to say")
def test_the_trap_would_catch_a_library_that_speaks(tmp_path: Path) -> None:
    """`import openvino` by itself sends a usage event; `offline_imports` is why ours does not."""
    assert "google-analytics" in _tried(tmp_path, TALKATIVE)


def test_it_works_in_a_network_namespace_without_a_route(tmp_path: Path) -> None:
    unshare = ("unshare", "--user", "--map-root-user", "--net")
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("network namespaces are not allowed here")
    code = """
import sys
from pathlib import Path
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.detector import load_detector
from tests.patience import PATIENCE_S
print(load_detector(DetectorConfig(device="cpu"), Path(sys.argv[1])).labels[0])
"""
    assert _run(TRAP + code, tmp_path, wrapper=unshare).strip() == "fire"
