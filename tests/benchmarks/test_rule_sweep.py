"""The sweep's settings stand alone under names of their own, and its table has a line for each."""

from benchmarks.detection.rule_sweep import settings, table
from thapcanh.tools.evaluation.score import judge, score


def test_settings_have_names_of_their_own_and_the_default_is_first() -> None:
    tried = list(settings())
    assert tried[0].name == "default"
    assert len({setting.name for setting in tried}) == len(tried)


def test_table_has_a_line_a_setting() -> None:
    found = score([judge("a.mp4", "fire", 0.0, 9.0, ()), judge("b.mp4", "none", None, 9.0, ())])
    lines = table({"default": found, "other": found}).splitlines()
    assert len(lines) == 4
    assert lines[2].startswith("| default | 0 (0) of 1 | 0 (0) of 0 | 0 (0) |")
