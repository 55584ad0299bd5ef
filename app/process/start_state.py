"""What a process does from its first second until it serves, for whoever waits for it.

It is written into the file of its sign of life: the supervisor, `thapcanh status` and the page of
a centre that opens read the same. Once the process serves the file is empty.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from config.wording import Wording


class StartStep(StrEnum):
    """What a process does until it serves, in this order."""

    PROGRAM = "program"
    SITE = "site"
    ARCHIVE = "archive"
    UPGRADE = "upgrade"
    MODEL = "model"
    CLAIM = "claim"
    SERVICES = "services"


_WORDS = MappingProxyType(
    {
        StartStep.PROGRAM: Wording(vi="đang nạp chương trình", en="loading the program"),
        StartStep.SITE: Wording(vi="đang đọc cấu hình", en="reading the configuration"),
        StartStep.ARCHIVE: Wording(vi="đang mở kho dữ liệu", en="opening the archive"),
        StartStep.UPGRADE: Wording(
            vi="đang đưa kho dữ liệu từ bản {before} lên bản {after}, phần {done}/{total}",
            en="bringing the archive from {before} to {after}, {done} of {total} parts",
        ),
        StartStep.MODEL: Wording(vi="đang nạp mô hình nhận dạng", en="loading the model"),
        StartStep.CLAIM: Wording(
            vi="đang đợi tiến trình trước kết thúc", en="waiting for an earlier process to end"
        ),
        StartStep.SERVICES: Wording(vi="đang khởi động các dịch vụ", en="starting its services"),
    }
)
_ROWS = Wording(vi=" ({part}: {rows} dòng)", en=" ({part}: {rows} rows)")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartState:
    """One step of a start, and of an upgrade how far it is. Times are UTC unix seconds."""

    pid: int = field(default_factory=os.getpid)
    started_at: float = field(default_factory=time.time)
    step: StartStep = StartStep.PROGRAM
    before: str = ""  # schemas
    after: str = ""
    done: int = 0
    total: int = 0
    part: str = ""
    rows: int = 0

    @property
    def words(self) -> Wording:
        """The step as a person reads it, in both languages."""
        facts = {
            **asdict(self),
            "before": self.before.partition("_")[0] or "0000",
            "after": self.after.partition("_")[0],
        }
        found = _WORDS[self.step]
        more = _ROWS if self.rows else Wording(vi="", en="")
        return Wording(
            vi=(found.vi + more.vi).format_map(facts), en=(found.en + more.en).format_map(facts)
        )

    def as_text(self) -> str:
        """Return what the file holds."""
        return json.dumps(asdict(self))


def read_start(path: Path) -> StartState | None:
    """Return what a process is doing until it serves; None where it serves or is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        state = StartState(**{**found, "step": StartStep(found["step"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if Path(f"/proc/{state.pid}").exists() else None
