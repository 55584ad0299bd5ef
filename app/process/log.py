"""Logging to standard error, with the process's name and passwords masked.

`_Masked` and `_Json` hide the password of any URL in the finished text, including libraries'
messages.
"""

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from typing import Literal

from thapcanh.config.secret import MASK

AGAIN_AFTER_S = 60.0
_USERINFO = re.compile(r"(\w[\w+.-]*://[^\s:/@]*):[^\s@]*@(?=[^\s/@]*)")


class OnceAMinute(logging.Filter):
    """Filter that passes a warning once in `every_s` and counts the others."""

    def __init__(self, every_s: float = AGAIN_AFTER_S) -> None:
        super().__init__()
        self._every_s = every_s
        self._reported: dict[str, tuple[float, int]] = {}  # text: when, and how often since
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be written: a repeated warning once a minute."""
        if record.levelno < logging.WARNING or record.exc_info:
            return True
        text = record.getMessage()
        with self._lock:
            logged_at, since = self._reported.get(text, (float("-inf"), 0))
            if record.created - logged_at < self._every_s:
                self._reported[text] = logged_at, since + 1
                return False
            self._reported = {
                entry: when
                for entry, when in self._reported.items()
                if record.created - when[0] < 2 * self._every_s
            }
            self._reported[text] = record.created, 0
        if since:
            record.msg, record.args = f"{text} ({since} more since the last time)", ()
        return True


def start_logging(process: str, *, verbose: bool = False) -> None:
    """Send every log record of this process to standard error, one masked line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(process)
    handler.setFormatter(_text(process))
    handler.addFilter(OnceAMinute())
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True
    )
    for chatty in (
        "alembic",
        "aioice",
        "aiortc",
        "uvicorn.access",
        "httpx",
        "asyncio",
        "fontTools",
        "fpdf",
    ):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def use_format(format_name: Literal["text", "json"]) -> None:
    """Switch to the site's log format; for a process that logs already."""
    for handler in logging.getLogger().handlers:
        process = handler.get_name()
        if process is not None and isinstance(handler.formatter, _Masked | _Json):
            handler.setFormatter(_Json(process) if format_name == "json" else _text(process))


def masked(text: str) -> str:
    """Return `text` with the password of every URL in it replaced."""
    return _USERINFO.sub(rf"\1:{MASK}@", text)


class _Masked(logging.Formatter):
    """Masks after formatting, so arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class _Json(logging.Formatter):
    """Formatter of JSON lines: time (UTC), process, level, logger, thread, message, traceback."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "process": self._process,
            "level": record.levelname,
            "logger": record.name,
            "thread": record.threadName,
            "message": masked(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _text(process: str) -> _Masked:
    return _Masked(f"%(asctime)s {process} %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
