"""Counts by hand and ours: tables that are wrong, how errors add up, and a run over a clip."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.detection.rules.crowd import CrowdRule
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.detection.rules.line_crossing import ExitRule
from thapcanh.detection.rules.loitering import LoiteringRule
from thapcanh.detection.rules.stopped_vehicle import StoppedVehicleRule
from thapcanh.tools.evaluation.count_evaluation import (
    ClipCounts,
    Compared,
    CountSettings,
    error_of,
    run_count_evaluation,
)
from thapcanh.tools.evaluation.counted_truth import (
    WHOLE_PICTURE,
    CountedMatter,
    TruthLine,
    read_counts,
)
from thapcanh.tools.evaluation.truth_table import TruthError

HEAD = "file,what,classes,shape,at_s,count"
PERIODS = "file,what,classes,shape,limit,for_s,at_s,until_s,count"
LINE = "0.5 0.1 0.5 0.9 0.2 0.5"


def _table(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "counts.csv"
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
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
        ("a.mp4,left,person,,0,1", "line 2: what is 'left', expected out, in, present, intrusion"),
        ("a.mp4,crowd,person,,0,", "line 2: limit is missing"),
        ("a.mp4,loitering,person,,0,", "line 2: for_s is missing"),
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


def _period(folder: Path, line: str) -> TruthLine:
    (found,) = read_counts(_table(folder, line, head=PERIODS))
    return found


def test_lines_about_rules_make_the_rules(tmp_path: Path) -> None:
    crowd = _period(tmp_path, "a.mp4,crowd,person,,4,3,0,,")
    rule = crowd.rule("a")
    assert isinstance(rule, CrowdRule)
    assert (rule.more_than, rule.for_s, rule.zone) == (4, 3.0, "a")
    assert crowd.zone is not None
    assert crowd.zone.polygon == WHOLE_PICTURE
    assert (crowd.at_s, crowd.until_s) == (0.0, None)
    never = _period(tmp_path, "a.mp4,intrusion,car truck,0 0 1 0 1 1,,,,,")
    assert isinstance(never.rule("a"), IntrusionRule)
    assert never.at_s is None
    stays = _period(tmp_path, "a.mp4,loitering,person,,,10,2,15,").rule("a")
    assert isinstance(stays, LoiteringRule)
    assert stays.max_s == 10.0
    stands = _period(tmp_path, "a.mp4,stopped_vehicle,car,,,5,2,15,").rule("a")
    assert isinstance(stands, StoppedVehicleRule)
    assert stands.for_s == 5.0
    assert isinstance(_period(tmp_path, f"a.mp4,out,car,{LINE},,,,,2").rule("a"), ExitRule)


def test_a_period_that_ends_before_it_starts_is_named(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"line 2: until_s is 2.0, expected later"):
        _period(tmp_path, "a.mp4,intrusion,person,,,,3,2,")


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
    quiet, missing = json.loads(out.getvalue())["clips"]
    assert [(one["what"], one["truth"], one["ours"]) for one in quiet["counts"]] == [
        ("out", 0, 0),
        ("present", 0, 0),
    ]
    assert quiet["problem"] is None
    assert "none.mp4" in missing["problem"]


@pytest.mark.usefixtures("own_cache")
def test_rules_are_reported_with_precision_and_recall(made_clips: Path, tmp_path: Path) -> None:
    table = _table(
        tmp_path,
        "quiet.mp4,intrusion,person,,,,,,",
        "quiet.mp4,stopped_vehicle,car,,,2,0,,",
        head=PERIODS,
    )
    settings = CountSettings(truth=table, videos=(made_clips,))
    out = io.StringIO()
    assert run_count_evaluation(settings, out) == exit_codes.OK
    assert out.getvalue().splitlines() == [
        "intrusion       precision 0 of 0  recall 0 of 0  person, 1 lines",
        "stopped_vehicle precision 0 of 0  recall 0 of 1 (0.00–0.79)  car, 1 lines",
    ]
    out = io.StringIO()
    run_count_evaluation(replace(settings, as_json=True), out)
    report = json.loads(out.getvalue())
    assert [line["missed"] for line in report["clips"][0]["rules"]] == [0, 1]
    assert report["rules"][1]["recall"] == {
        "hits": 0,
        "of": 1,
        "share": 0.0,
        "interval": [0.0, 0.7935],
    }


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
