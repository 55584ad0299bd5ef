"""The forms take turns, warm-up is not counted, and INT8 is left out where it cannot be made."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.model_speed import WARM_UP, Contender, _int8, _table, _take_turns


def _contender(form: str, calls: list[str]) -> Contender:
    def run(_picture: object) -> None:
        calls.append(form)

    picture = np.zeros((1, 3, 256, 416), dtype=np.float32)
    return Contender(form=form, size_px=416, shape="16:9", picture=picture, run=run)


def test_forms_take_turns_and_warming_up_is_not_counted() -> None:
    calls: list[str] = []
    contenders = [_contender("a", calls), _contender("b", calls)]
    _take_turns(contenders, 2)
    assert calls == ["a", "b"] * (WARM_UP + 2)
    assert [len(contender.times_ms) for contender in contenders] == [2, 2]


def test_the_table_compares_with_the_first_form_of_the_same_input() -> None:
    slow, fast = _contender(".pt (torch)", []), _contender("OpenVINO FP32", [])
    slow.cpu_ms, slow.times_ms = [30.0], [60.0]
    fast.cpu_ms, fast.times_ms = [10.0], [40.0]
    told = _table([slow, fast])
    assert "| 416 | 16:9: 416×256 | .pt (torch) | 30.0 | 60.0 | 60.0 / 60.0 | 1.0 |" in told
    assert "| 416 | 16:9: 416×256 | OpenVINO FP32 | 10.0 | 40.0 | 40.0 / 40.0 | 3.0 |" in told


def test_without_pictures_there_is_no_int8(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _int8(tmp_path / "model.xml", None, tmp_path) is None
    assert "no INT8: it needs NNCF" in capsys.readouterr().err
