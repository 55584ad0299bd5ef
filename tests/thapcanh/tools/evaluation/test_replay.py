"""Replay with the shipped weights on clips that this project draws: the contract, line by line."""

import io
import json
from pathlib import Path

import av
import numpy as np
import pytest

from thapcanh.alerts.evidence.snapshots import line_of_words
from thapcanh.app.replay.replay import camera_and_rules
from thapcanh.config.camera import CameraConfig, ZoneConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.ingest.frame import Frame, Plane
from thapcanh.ingest.sources.recorded_file import read_file
from thapcanh.tools.evaluation.replay_command import ReplaySettings, run_replay, with_band
from thapcanh.tools.evaluation.report import draw_box

Line = dict[str, object]


pytestmark = pytest.mark.usefixtures("own_cache")


def _replay(*files: Path, config: Path | None = None) -> tuple[int, list[Line]]:
    out = io.StringIO()
    code = run_replay(ReplaySettings(files=files, config=config), out)
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture(scope="module")
def of_fire(made_clips: Path, model_cache: Path) -> list[Line]:
    """What a replay of the fire says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(model_cache))
        code, lines = _replay(made_clips / "fire.mp4")
    assert code == 0
    return lines


def test_a_fire_is_raised_with_every_field_of_the_contract(of_fire: list[Line]) -> None:
    raised, *later, summary = of_fire
    assert {"file", "event_id", "kind", "phase", "at_s", "confidence", "label", "box", "rule"} <= (
        raised.keys()
    )
    assert (raised["phase"], raised["kind"], raised["rule"]) == ("raised", "fire", "fire")
    assert isinstance(raised["at_s"], float)
    assert isinstance(raised["box"], list)
    assert all(0 <= share <= 1 for share in raised["box"])
    for line in (raised, *later):
        assert line["priority"] in (1, 2, 3)
        assert isinstance(line["belief"], float)
        assert 0 <= line["belief"] <= 1
        assert isinstance(line["reasons"], dict)
    assert raised["priority"] == 1
    assert isinstance(raised["reasons"], dict)
    assert "witness" in raised["reasons"]  # the second model is asked as it is by a worker
    assert {line["event_id"] for line in later} == {raised["event_id"]}
    assert {line["phase"] for line in later} <= {"updated", "cleared"}
    assert set(summary) == {
        "phase",
        "file",
        "duration_s",
        "packets",
        "frames_decoded",
        "looks",
        "wall_s",
    }
    assert summary["packets"] == summary["frames_decoded"]
    assert isinstance(summary["duration_s"], float)
    assert summary["looks"] == int(summary["duration_s"] / 0.5) + 1


def test_a_quiet_clip_gives_its_summary_only(made_clips: Path) -> None:
    code, (summary,) = _replay(made_clips / "quiet.mp4")
    assert (code, summary["phase"]) == (0, "summary")


def test_as_live_it_sleeps_and_raises_the_same(made_clips: Path, of_fire: list[Line]) -> None:
    """Replay decoded every picture whatever `sleep` says."""
    out = io.StringIO()
    quiet, fire = made_clips / "quiet.mp4", made_clips / "fire.mp4"
    assert run_replay(ReplaySettings(files=(quiet, fire), as_live=True), out) == 0
    summary, raised, *_, _ = [json.loads(line) for line in out.getvalue().splitlines()]
    assert summary["frames_decoded"] < summary["packets"]
    for key in ("phase", "kind", "rule", "label", "priority"):
        assert raised[key] == of_fire[0][key]
    at_s = of_fire[0]["at_s"]
    assert isinstance(at_s, float)
    assert abs(raised["at_s"] - at_s) <= 1.0


def test_it_is_deterministic(made_clips: Path, of_fire: list[Line]) -> None:
    def timeless(lines: list[Line]) -> list[Line]:
        return [{key: line[key] for key in line if key != "wall_s"} for line in lines]

    assert timeless(_replay(made_clips / "fire.mp4")[1]) == timeless(of_fire)


def test_a_broken_file_does_not_stop_the_others(made_clips: Path) -> None:
    code, lines = _replay(
        made_clips / "broken.mp4", made_clips / "missing.mp4", made_clips / "quiet.mp4"
    )
    assert code == 1
    assert [line["phase"] for line in lines] == ["error", "error", "summary"]
    for line in lines[:2]:
        assert str(line["file"]) in str(line["error"])
        assert "\n" not in str(line["error"])


def test_a_configuration_brings_its_own_rules(
    made_clips: Path, model_cache: Path, tmp_path: Path
) -> None:
    config = tmp_path / "thapcanh.toml"
    config.write_text(
        f"""
[site]
data_dir = "{tmp_path}"
cache_dir = "{model_cache / "thapcanh"}"
[[cameras]]
id = "fire"
name = "Lửa"
source = "rtsp://nowhere/1"
[[cameras.zones]]
id = "left"
name = "Trái"
polygon = [[0.0, 0.0], [0.2, 0.0], [0.2, 1.0], [0.0, 1.0]]
[[rules]]
id = "left-only"
kind = "fire"
zone = "left"
cameras = ["fire"]
"""
    )
    code, lines = _replay(made_clips / "fire.mp4", config=config)
    assert (code, [line["phase"] for line in lines]) == (0, ["summary"])


def test_a_configuration_that_cannot_be_used_ends_with_its_problems(
    made_clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = _replay(made_clips / "fire.mp4", config=tmp_path / "missing.toml")
    assert code == 78
    assert lines == []
    assert "missing.toml" in capsys.readouterr().err


def test_whose_rules_watch_a_file(tmp_path: Path) -> None:
    zone = ZoneConfig(id="gate", name="Gate", polygon=((0, 0), (1, 0), (1, 1)))
    film = tmp_path / "film.mp4"
    cameras = (
        CameraConfig(id="named", name="By name", source=SecretUrl("rtsp://x/1"), zones=(zone,)),
        CameraConfig(id="other", name="By source", source=SecretUrl(str(film))),
    )
    site = Site(
        cameras=cameras,
        rules=(
            FireRule(id="all", hours=("01:00-02:00",)),
            FireRule(id="one", cameras=("other",)),
            IntrusionRule(id="gate", zone="gate"),
        ),
    )

    def found(path: Path) -> tuple[str, list[str]]:
        camera, rules = camera_and_rules(site, path)
        assert all(rule.hours == () for rule in rules)
        return camera.id, [rule.id for rule in rules]

    assert found(Path("somewhere/named.mp4")) == ("named", ["all", "gate"])
    assert found(film) == ("other", ["all", "one"])
    assert found(Path("stranger.mp4")) == ("replay", ["all"])


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_film_with_what_was_seen_drawn_into_it_plays(
    made_clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, target = made_clips / "fire.mp4", tmp_path / "new" / "seen.mp4"
    terminal, out = _Terminal(), io.StringIO()
    monkeypatch.setattr("sys.stderr", terminal)
    assert run_replay(ReplaySettings(files=(film,), annotate=target), out) == 0
    raised = json.loads(out.getvalue().splitlines()[0])
    with av.open(str(target)) as container:
        video = container.streams.video[0]
        assert video.codec_context.name == "h264"
        drawn = [
            (picture.time, np.asarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8))
            for picture in container.decode(video)
        ]
    plain = [piece for piece in read_file(film, "a") if isinstance(piece, Frame)]
    assert [at for at, _ in drawn] == pytest.approx([frame.at_s for frame in plain], abs=0.002)
    changed = {
        at: np.abs(_film_part(picture, frame)[-40:].astype(int) - frame.bgr()[-40:]).mean()
        for (at, picture), frame in zip(drawn, plain, strict=True)
    }
    is_framed = [at for at in changed if raised["at_s"] <= at < raised["at_s"] + 1.0]
    before = [at for at in changed if at < raised["at_s"]]
    assert min(changed[at] for at in is_framed) > 3 * max(changed[at] for at in before)
    said = terminal.getvalue()
    assert "  0% fire.mp4" in said
    assert " 98% fire.mp4" in said
    assert said.endswith("\r\x1b[K")  # the line is taken away


def test_no_bar_is_drawn_where_no_terminal_is(
    made_clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _replay(made_clips / "quiet.mp4")
    assert capsys.readouterr().err == ""


def test_where_an_annotated_film_cannot_be_written(
    made_clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film, quiet = made_clips / "fire.mp4", made_clips / "quiet.mp4"
    for files, target, why in (
        ((film, quiet), tmp_path / "a.mp4", "one film, of one FILE"),
        ((film,), tmp_path / "a.avi", "writes an .mp4"),
        ((film,), film, "would replace the film that is read"),
    ):
        asked = ReplaySettings(files=files, annotate=target)
        assert run_replay(asked, io.StringIO()) == 78
        assert why in capsys.readouterr().err


def _film_part(drawn: Plane, frame: Frame) -> Plane:
    """The picture above the band, of the frame's size."""
    scale = drawn.shape[1] // frame.width
    return drawn[: scale * frame.height : scale, ::scale]


@pytest.mark.parametrize("width", [320, 640, 1920])
def test_words_hide_nothing_of_a_picture_and_end_before_its_edge(width: int) -> None:
    """Words covered a third of a small picture, and labels of boxes with it."""
    picture = np.full((width * 3 // 4, width, 3), 90, dtype=np.uint8)
    verdict = "fire: accepted: 5 of 5 looks, inner change 34, smoke: waiting "
    drawn = with_band(picture, [(verdict * (1 + (width > 400)), (200, 200, 200))])
    assert (drawn[: picture.shape[0]] == picture).all()
    band = drawn[picture.shape[0] :]
    assert not band[:, -4:].any()
    assert band[len(band) // 5 : len(band) // 5 * 2].any(), "it goes on in another line"
    assert with_band(picture, []).shape == drawn.shape


@pytest.mark.parametrize("box", [(300, 2, 318, 60), (2, 200, 30, 238), (150, 90, 200, 130)])
def test_the_label_of_a_box_is_whole_wherever_the_box_lies(box: tuple[int, ...]) -> None:
    """At the right edge labels were cut off."""
    ink = (1, 2, 3)
    picture = np.full((240, 320, 3), ink, dtype=np.uint8)
    draw_box(picture, list(box), "smoke 0.87", (66, 228, 240))
    words = line_of_words("smoke 0.87", 12, (0, 0, 0), (66, 228, 240))
    is_there = [
        np.array_equal(picture[y : y + words.shape[0], x : x + words.shape[1]], words)
        for y in range(240 - words.shape[0] + 1)
        for x in range(320 - words.shape[1] + 1)
    ]
    assert any(is_there)
