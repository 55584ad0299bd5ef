"""Evaluate with the shipped weights on made clips: scores, report, and tables that are wrong."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from thapcanh.tools.evaluation.evaluate import EvaluateSettings, read_truth, run_evaluate
from thapcanh.tools.evaluation.truth_table import TruthError

pytestmark = pytest.mark.usefixtures("own_cache")


def _table(folder: Path, *lines: str) -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join(["file,kind,onset_s,visible", *lines, ""]), encoding="utf-8")
    return path


def _evaluate(truth: Path, html: Path | None = None) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    code = run_evaluate(EvaluateSettings(truths=(truth,), as_json=True, html=html), out)
    return code, json.loads(out.getvalue())


def test_scores_and_rows(made_clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = _table(made_clips, "fire.mp4,fire,3.0,made", "quiet.mp4,none,,made")
    code, result = _evaluate(truth)
    assert code == 0
    found = {"clips": 1, "seen": 1, "recall": 1.0, "interval": [0.2065, 1.0]}
    for level in ("all", "p1"):
        assert result["recall"][level]["fire"] == found
        quiet = result["false_alerts"][level]
        assert (quiet["count"], quiet["of_clips"], quiet["interval"]) == (0, 1, [0.0, 0.7935])
        assert quiet["per_camera_hour"] == 0.0
    assert result["delay_s"]["all"]["median"] == result["files"][0]["delay_s"] < 6
    assert result["by_priority"] == {
        "burning": {"1": 1, "2": 0, "3": 0},
        "none": {"1": 0, "2": 0, "3": 0},
    }
    assert (result["table"], result["files"][0]["table"]) == (str(truth), str(truth))
    assert [row["outcome"] for row in result["files"]] == ["seen", "quiet"]
    assert "2/2 quiet.mp4" in capsys.readouterr().err


def test_misses_and_false_alerts_are_shown_with_their_reasons(
    made_clips: Path, tmp_path: Path
) -> None:
    truth = _table(made_clips, "quiet.mp4,smoke,0,made", "fire.mp4,none,,made")
    report = tmp_path / "report.html"
    code, result = _evaluate(truth, report)
    assert code == 0
    assert [row["outcome"] for row in result["files"]] == ["missed", "false_alert"]
    page = report.read_text(encoding="utf-8")
    assert page.count("<img") == 2
    assert page.count("data:image/jpeg;base64,") == 2
    assert "2 of 5 looks" in page
    assert "missed: nothing was raised" in page
    assert re.search("neither flame nor smoke in any look|seen too faintly for any rule", page)
    assert page.index("quiet.mp4") < page.index("fire.mp4")  # misses before false alerts
    assert page.count("<svg") == 1  # nothing was told of what burns, but how surely was
    assert "http" not in page.replace("<!doctype html>", "")


def test_a_missing_clip_is_a_row_and_an_exit_code(made_clips: Path) -> None:
    truth = _table(made_clips, "none.mp4,fire,0,x", "quiet.mp4,none,,x")
    code, result = _evaluate(truth)
    assert code == 1
    assert result["unreadable"] == 1
    assert [row["outcome"] for row in result["files"]] == ["unreadable", "quiet"]
    assert "none.mp4" in result["files"][0]["error"]


def test_text_for_people(made_clips: Path) -> None:
    out = io.StringIO()
    truth = _table(made_clips, "quiet.mp4,none,,x")
    assert run_evaluate(EvaluateSettings(truths=(truth,)), out) == 0
    assert "quiet        quiet        none" in out.getvalue()
    assert (
        "false alerts: 0 in 24 quiet seconds (0.00 per camera-hour), on 0 of 1 clip,"
        in out.getvalue()
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), "no clips in it"),
        (("a.mp4,flame,0,x",), "line 2: kind is 'flame', expected fire, smoke, none, ambiguous"),
        (("a.mp4,fire,soon,x",), "line 2: onset_s is 'soon', expected a number"),
        ((",fire,0,x", "b.mp4,x,0,x"), "line 2: no file\n(.*\n)*.*line 3: kind is 'x'"),
    ],
)
def test_a_wrong_table_names_every_line(
    tmp_path: Path, lines: tuple[str, ...], message: str
) -> None:
    with pytest.raises(TruthError, match=message):
        read_truth(_table(tmp_path, *lines))


def test_tables_that_cannot_be_read_end_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    for path in (binary, tmp_path / "missing.csv", tmp_path):
        assert run_evaluate(EvaluateSettings(truths=(path,)), io.StringIO()) == 78
        said = capsys.readouterr().err
        assert f"{path}: cannot be read" in said
        assert "Errno" not in said


def test_several_tables_are_several_scores_and_a_clip_is_of_one_set(
    made_clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = made_clips / "first.csv"
    first.write_text("file,kind,onset_s,scene\nquiet.mp4,none,,sky\n", encoding="utf-8")
    second = made_clips / "second.csv"
    second.write_text("file,kind,onset_s,scene\nfire.mp4,fire,3.0,\n", encoding="utf-8")
    out, page = io.StringIO(), tmp_path / "both.html"
    asked = EvaluateSettings(truths=(first, second), as_json=True, html=page)
    assert run_evaluate(asked, out) == 0
    told = json.loads(out.getvalue())["tables"]
    assert [one["table"] for one in told] == [str(first), str(second)]
    assert told[0]["by_scene"]["sky"]["false_alerts"]["p1"]["of_clips"] == 1
    assert told[1]["recall"]["all"]["fire"]["clips"] == 1  # not added up
    told = page.read_text(encoding="utf-8")
    assert told.count("<h2>") == 2
    _, _, of_fire = told.split("<h2>")
    hits = of_fire.split("<h3>Hits</h3>")[1].split("<h3>")[0]
    assert hits.count("<img") == 1
    assert "hit</span> – fire clip fire.mp4; it begins at 3.0 s" in hits
    assert of_fire.count("<svg") == 2
    assert of_fire.count("as P1</text>") == 1
    second.write_text("file,kind,onset_s\nquiet.mp4,none,\n", encoding="utf-8")
    assert run_evaluate(EvaluateSettings(truths=(first, second)), io.StringIO()) == 78
    assert f"quiet.mp4 is in {first} too" in capsys.readouterr().err
