"""`thapcanh model add`: a model is judged: what cannot be used is one line and runs nothing."""

import io
import json
import pickle
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import thapcanh
from tests.app.exports import people
from tests.app.exports.people import write_film
from tests.toy_onnx import needs_onnx, toy_model
from thapcanh.app.cli.main import main
from thapcanh.app.cli.model import CannotAdd, run_model, surest_fire
from thapcanh.app.process.exit_codes import UNUSABLE
from thapcanh.app.site.site_file import load_site
from thapcanh.detection.detectors.model_card import SHIPPED
from thapcanh.detection.detectors.own_model import JudgedModel, foreign_calls, tried

pytestmark = needs_onnx


def added(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["model", "add", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_an_own_model_gets_its_card_and_the_lines_of_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = toy_model(tmp_path / "mine.onnx", names={0: "car", 1: "drone", 2: "flame"})
    code, told, wrong = added(capsys, str(path), "--map", "flame=fire", "--licence", "MIT")
    assert (code, wrong) == (0, "")
    assert "the known fire is seen (0.90)" in told
    assert "no shipped rule asks for: drone" in told
    card = json.loads((tmp_path / "mine.json").read_text("utf-8"))
    assert (card["labels"], card["licence"]) == (["car", "drone", "fire"], "MIT")
    assert card["speed"]["ms_per_picture"] > 0
    config = tmp_path / "thapcanh.toml"
    config.write_text(told.partition("for the configuration:\n")[2], encoding="utf-8")
    loaded = load_site(config, {})
    assert [str(one) for one in loaded.problems] == []
    detector = loaded.site_or_raise().detector
    assert (detector.sha256, detector.classes) == (card["sha256"], {"flame": "fire"})


def renamed(weights: Path, *names: str) -> Path:
    """The shipped network as somebody else's would be: classes have names of their own.

    `names` are pairs: theirs, and ours.
    """
    pairs = [
        tuple(b"X" + len(name).to_bytes(4, "little") + name.encode() for name in pair)
        for pair in zip(names[::2], names[1::2], strict=True)
    ]
    with zipfile.ZipFile(SHIPPED / "watch8n.pt") as old, zipfile.ZipFile(weights, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("data.pkl"):
                for called, ours in pairs:
                    assert (content.count(ours), len(called)) == (1, len(ours))
                    content = content.replace(ours, called)
            new.writestr(part.filename, content)
    return weights


def test_a_pt_with_names_of_its_own_is_exported_judged_and_watches_by_its_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = renamed(tmp_path / "mine.pt", "burn", "fire")
    code, told, wrong = added(capsys, str(path), "--map", "burn=fire", "--licence", "AGPL-3.0")
    assert (code, wrong) == (0, "")
    assert json.loads((tmp_path / "mine.json").read_text("utf-8"))["labels"][0] == "fire"
    config = tmp_path / "thapcanh.toml"
    config.write_text(told.partition("for the configuration:\n")[2], encoding="utf-8")
    detector = load_site(config, {}).site_or_raise().detector
    judged = tried(detector, tmp_path / "cache")
    assert judged.labels[:3] == ("fire", "smoke", "person")
    assert judged.seen["fire"] > 0.5


@pytest.mark.parametrize(
    ("seen", "classes", "expected"),
    [
        ({}, {}, "none of its classes (cat, flame) is fire here"),
        (
            {},
            {"flame": "fire"},
            "does not see the known fire (at most 0.00, expected 0.25; it sees",
        ),
        (
            {"cat": 0.9, "flame": 0.2},
            {"flame": "fire"},
            "(at most 0.20, expected 0.25; it sees cat",
        ),
    ],
)
def test_what_sees_no_fire_is_refused(
    seen: dict[str, float], classes: dict[str, str], expected: str
) -> None:
    labels = ("cat", "flame")
    trial = JudgedModel(labels=labels, seen=seen, ms_per_picture=1.0, device="cpu", size_px=416)
    with pytest.raises(CannotAdd, match=re.escape(expected)):
        surest_fire(trial, classes)
    assert surest_fire(replace(trial, seen={"flame": 0.3}), {"flame": "fire"}) == 0.3


def test_a_model_that_sees_nothing_is_refused_in_one_line_and_has_no_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = toy_model(tmp_path / "mine.onnx", confidence=0.1)
    code, told, wrong = added(capsys, str(path))
    assert (code, told, wrong.count("\n")) == (UNUSABLE, "", 1), wrong
    assert "does not see the known fire" in wrong
    assert "--map is CLASS=OURS" in added(capsys, str(path), "--map", "flame")[2]
    assert not (tmp_path / "mine.json").exists()


def test_a_torn_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (SHIPPED / "watch8n.pt").read_bytes()
    torn = {"a.pt": whole[: len(whole) // 2], "b.pt": b"", "c.onnx": b"torn", "d.txt": b""}
    for name, content in torn.items():
        path = tmp_path / name
        path.write_bytes(content)
        code, _, wrong = added(capsys, str(path))
        assert (code, wrong.count("\n")) == (UNUSABLE, 1), wrong
    assert added(capsys, str(tmp_path / "none.pt"))[0] == UNUSABLE


class Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


def test_a_pickle_that_runs_code_is_never_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark, path = tmp_path / "ran", tmp_path / "mine.pt"
    for protocol in (2, 4):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mine/data.pkl", pickle.dumps(Evil(mark), protocol=protocol))
        code, _, wrong = added(capsys, str(path))
        assert (code, mark.exists()) == (UNUSABLE, False)
        assert "it runs code when it is loaded" in wrong


def test_the_shipped_weights_only_make_layers() -> None:
    assert foreign_calls((SHIPPED / "watch8n.pt").read_bytes()) == []
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("x/data.pkl", b"cposix\nsystem\n(S'true'\ntR.")
    assert foreign_calls(made.getvalue()) == ["posix.system"]


def test_a_strangers_model_without_fire_is_added_beside_ours_and_its_rule_raises(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """COCO was refused, because it has no fire. The network here is real; its `person` is renamed
    as a stranger's class, and people in the library's own picture stand for it.
    """
    path = renamed(tmp_path / "birds.pt", "pigeon", "person", "fir3", "fire")
    code, told, wrong = added(capsys, "--for", "objects", str(path), "--size", "416")
    assert (code, wrong) == (0, "")
    assert "none of its classes" in added(capsys, str(path))[2], "in place of ours it needs fire"
    film, config = tmp_path / "street.mp4", tmp_path / "thapcanh.toml"
    write_film(film)
    rule = """
[site]
data_dir = "data"
[[cameras]]
id = "street"
name = "Street"
source = "street.mp4"
zones = [{ id = "all", name = "All", polygon = [[0, 0], [1, 0], [1, 1], [0, 1]] }]
[[rules]]
id = "birds"
kind = "intrusion"
cameras = ["street"]
zone = "all"
classes = ["pigeon"]
"""
    config.write_text(told.partition("for the configuration:\n")[2] + rule, encoding="utf-8")
    assert [str(one) for one in load_site(config, {}).problems] == []
    events = list(thapcanh.watch(film, config=config))
    assert [(one.rule, one.label, one.phase) for one in events[:1]] == [
        ("birds", "pigeon", "raised")
    ]
    with thapcanh.Detector(config) as detector:
        found = detector.detect(people.PICTURE)
        assert "pigeon" in detector.labels
        assert {one.label for one in found} >= {"pigeon", "bus"}


def test_a_person_is_asked_what_a_class_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import argparse

    path = toy_model(tmp_path / "mine.onnx", names={0: "cat", 1: "flame"})
    options = argparse.Namespace(
        purpose="fire", file=path, map=[], size=416, licence="MIT", trust=False
    )
    answers = iter(["", "fire"])
    assert run_model(options, lambda _: next(answers)) == 0
    assert 'classes = { "flame" = "fire" }' in capsys.readouterr().out
