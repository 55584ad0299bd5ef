"""One line a record, on standard error, with the process's name; passwords never get through.

Every record passes `_Masked`, which hides the password of any URL in the finished text, so a
library that prints an address of ours cannot leak it.
"""

import logging
import re
import sys

from config.secret import MASK

_USERINFO = re.compile(r"(\w[\w+.-]*://[^\s:/@]*):[^\s@]*@(?=[^\s/@]*)")


def start_logging(process: str, *, verbose: bool = False) -> None:
    """Send every log record of this process to standard error, one masked line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Masked(f"%(asctime)s {process} %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
    )
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True
    )
    for chatty in ("alembic", "aioice", "aiortc", "uvicorn.access", "httpx", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def masked(text: str) -> str:
    """Return `text` with the password of every URL in it replaced."""
    return _USERINFO.sub(rf"\1:{MASK}@", text)


class _Masked(logging.Formatter):
    """Masks after formatting, so arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
