"""Counts by hand and ours: tables that are wrong, how errors add up, and a run over a clip."""

import io
import json
from pathlib import Path

import pytest

from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.tools.evaluation.count_evaluation import (
    ClipCounts,
    Compared,
    CountedMatter,
    CountSettings,
    error_of,
    read_counts,
    run_count_evaluation,
)
from thapcanh.tools.evaluation.truth_table import TruthError

HEAD = "file,what,classes,shape,at_s,count"
LINE = "0.5 0.1 0.5 0.9 0.2 0.5"


def _table(folder: Path, *lines: str) -> Path:
    path = folder / "counts.csv"
    path.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    return path


def test_lines_of_a_table(tmp_path: Path) -> None:
    out, present, zone = read_counts(
        _table(
            tmp_path,
            f"a.mp4,out,car truck,{LINE},1.5,4",
            "a.mp4,present,person,,2,3",
            "a.mp4,present,person,0 0 1 0 1 1,4,0",
        )
    )
    assert (out.what, out.classes, out.at_s, out.count) == (
        CountedMatter.OUT,
        ("car", "truck"),
        1.5,
        4,
    )
    assert out.line is not None
    assert out.line.points == ((0.5, 0.1), (0.5, 0.9))
    assert (present.line, present.zone) == (None, None)
    assert zone.zone is not None
    assert len(zone.zone.polygon) == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.mp4,left,person,,0,1", "line 2: what is 'left', expected out, in, present"),
        ("a.mp4,out,dog,0.5 0.1 0.5 0.9 0.2 0.5,0,1", "line 2: classes is 'dog'"),
        ("a.mp4,out,person,0.5 0.1,0,1", "line 2: shape is '0.5 0.1', expected x1 y1"),
        ("a.mp4,present,person,0 0 1,0,1", "line 2: shape is '0 0 1', expected x y"),
        ("a.mp4,present,person,,0,", "line 2: count is missing"),
        (",present,person,,soon,1", "line 2: no file\\n.*at_s is 'soon'"),
    ],
)
def test_a_wrong_table_names_its_lines(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(TruthError, match=message):
        read_counts(_table(tmp_path, line))


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([(10, 9)], 0.1),
        ([(5, 4), (5, 6)], 0.2),  # one too many does not make up for one too few
        ([(0, 0)], None),
        ([(0, 1), (10, 10)], 0.1),
    ],
)
def test_error_of_a_clip(pairs: list[tuple[int, int]], error: float | None) -> None:
    counts = [Compared(what="out", at_s=0.0, truth=truth, ours=ours) for truth, ours in pairs]
    assert error_of(counts) == error


def test_what_is_met() -> None:
    assert ClipCounts(file="a", error=0.1).is_met
    assert not ClipCounts(file="a", error=0.11).is_met
    assert not ClipCounts(file="a", problem="no such file").is_met


@pytest.mark.usefixtures("own_cache")
def test_clips_are_looked_for_in_folders_and_compared(made_clips: Path, tmp_path: Path) -> None:
    table = _table(
        tmp_path,
        f"quiet.mp4,out,person,{LINE},1,0",
        "quiet.mp4,present,person,,2,0",
        f"none.mp4,in,person,{LINE},0,1",
    )
    out = io.StringIO()
    settings = CountSettings(truth=table, videos=(made_clips,), as_json=True)
    assert run_count_evaluation(settings, out) == 1
    quiet, missing = json.loads(out.getvalue())
    assert [(one["what"], one["truth"], one["ours"]) for one in quiet["counts"]] == [
        ("out", 0, 0),
        ("present", 0, 0),
    ]
    assert quiet["problem"] is None
    assert "none.mp4" in missing["problem"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--counts", "--html", "a.html"], "--html shows what burns"),
        (["--videos", "films"], "--videos goes with --counts"),
    ],
)
def test_options_that_do_not_go_together(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "truth.csv", *options]) == exit_codes.UNUSABLE
    assert said in capsys.readouterr().err
