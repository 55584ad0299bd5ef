"""Weights that are missing, broken or unknown: one clear line at start, and nothing is watched."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from thapcanh.app.process import exit_codes
from thapcanh.tools.evaluation.evaluate import EvaluateSettings, run_evaluate
from thapcanh.tools.evaluation.replay_command import ReplaySettings, run_replay

Command = Callable[[Path, TextIO], int]


def _replay(config: Path, out: TextIO) -> int:
    return run_replay(ReplaySettings(files=(config,), config=config), out)


def _evaluate(config: Path, out: TextIO) -> int:
    truth = config.with_name("truth.csv")
    truth.write_text("file,kind,onset_s\na.mp4,none,\n", encoding="utf-8")
    return run_evaluate(EvaluateSettings(truths=(truth,), config=config), out)


def _site(folder: Path, detector: str) -> Path:
    path = folder / "site.toml"
    camera = '[[cameras]]\nid = "a"\nname = "a"\nsource = "a.mp4"\n'
    path.write_text(f'[site]\nname = "t"\n[detector]\n{detector}\n{camera}', encoding="utf-8")
    return path


@pytest.mark.parametrize("command", [_replay, _evaluate])
@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ((None, None), "cannot be read: No such file or directory"),
        ((None, b"half a download"), "nobody vouches for this file"),
        (("0" * 64, b"half a download"), "broken or not the file meant, fetch it again"),
    ],
)
def test_one_line_and_an_exit_code(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: Command,
    weights: tuple[str | None, bytes | None],
    said: str,
) -> None:
    sha256, content = weights
    path = tmp_path / "mine.pt"
    if content is not None:
        path.write_bytes(content)
    word = f'\nsha256 = "{sha256}"' if sha256 else ""
    config = _site(tmp_path, f'weights = "{path}"{word}')
    out = io.StringIO()
    assert command(config, out) == exit_codes.UNUSABLE
    assert out.getvalue() == ""
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert "mine.pt" in line
