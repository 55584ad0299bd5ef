"""No password reaches the log, no matter who prints the address."""

import json
import logging

import pytest

from thapcanh.app.process.log import OnceAMinute, masked, start_logging, use_format


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


def test_as_json_each_record_is_one_line_and_as_masked(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("centre")
    use_format("json")
    try:
        raise ValueError("two\nlines of rtsp://u:hush@h/a")
    except ValueError:
        logging.getLogger("x.y").exception("cháy ở %s", "rtsp://u:hush@h/b")
    use_format("text")
    logging.getLogger("x").warning("again")
    as_json, text = capsys.readouterr().err.splitlines()
    line = json.loads(as_json)
    assert (line["process"], line["level"], line["logger"]) == ("centre", "ERROR", "x.y")
    assert line["message"] == "cháy ở rtsp://u:<secret>@h/b"
    assert "Traceback" in line["error"]
    assert "hush" not in as_json
    assert line["at"].endswith("+00:00")
    assert text.endswith("centre WARNING again")


def warning(text: str, at: float, level: int = logging.WARNING) -> logging.LogRecord:
    record = logging.LogRecord("x", level, "", 0, "%s", (text,), None)
    record.created = at
    return record


def test_a_warning_that_comes_again_and_again_is_written_once_a_minute() -> None:
    once = OnceAMinute()
    shown = [
        record.getMessage()
        for second in range(122)
        if once.filter(record := warning("archive is down", at=1000.0 + second))
    ]
    assert shown == [
        "archive is down",
        "archive is down (59 more since the last time)",
        "archive is down (59 more since the last time)",
    ]


def test_other_warnings_and_what_is_no_warning_are_written() -> None:
    once = OnceAMinute()
    assert once.filter(warning("archive is down", at=1000.0))
    assert once.filter(warning("queue is down", at=1000.0))
    assert all(once.filter(warning("online", 1000.0 + at, logging.INFO)) for at in range(3))
