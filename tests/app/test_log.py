"""No password reaches the log, whoever prints the address."""

import logging

import pytest

from app.log import masked, start_logging


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("opening rtsp://u:hush@h/a failed", "opening rtsp://u:<secret>@h/a failed"),
        ("redis://:hush@h:1/0 and rtsp://a:b@c/d", "redis://:<secret>@h:1/0 and rtsp://a:<secret>@c/d"),
        # a password may hold a slash: rather too much is hidden than too little
        ("rtsp://u:hush/hush@h/a", "rtsp://u:<secret>@h/a"),
        ("user@host:22 is no URL", "user@host:22 is no URL"),
    ],
)  # fmt: skip
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_arguments_and_tracebacks_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        start_logging("test")
        try:
            raise ValueError("cannot open rtsp://u:hush@h/a")
        except ValueError:
            logging.getLogger("x").exception("at %s", "rtsp://u:hush@h/b")
        shown = capsys.readouterr().err
    finally:
        root.handlers, root.level = before
    assert "hush" not in shown
    assert shown.count("<secret>") == 3
