"""Log records on standard error, with the process's name; passwords never get through.

Text until the configuration is read and says otherwise; then, where it asks, one JSON object a line
for a log collector. Every record passes `_Masked` or `_Json`, which hide the password of any URL in
the finished text, so a library that prints an address of ours cannot leak it.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Literal

from config.secret import MASK

_USERINFO = re.compile(r"(\w[\w+.-]*://[^\s:/@]*):[^\s@]*@(?=[^\s/@]*)")


def start_logging(process: str, *, verbose: bool = False) -> None:
    """Send every log record of this process to standard error, one masked line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(process)
    handler.setFormatter(_text(process))
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True
    )
    for chatty in ("alembic", "aioice", "aiortc", "uvicorn.access", "httpx", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def use_format(wanted: Literal["text", "json"]) -> None:
    """Write records in the form that the site asks for; of a process that has begun to log."""
    for handler in logging.getLogger().handlers:
        process = handler.get_name()
        if process is not None and isinstance(handler.formatter, _Masked | _Json):
            handler.setFormatter(_Json(process) if wanted == "json" else _text(process))


def masked(text: str) -> str:
    """Return `text` with the password of every URL in it replaced."""
    return _USERINFO.sub(rf"\1:{MASK}@", text)


class _Masked(logging.Formatter):
    """Masks after formatting, so arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class _Json(logging.Formatter):
    """One object a line: at (UTC), process, level, logger, thread, message, and the traceback."""

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
