"""What is kept, where and for how long: evidence, recordings, and when they go."""

from pathlib import Path
from typing import Literal

from pydantic import (
    Field,
)

from config.camera import CameraConfig
from config.file_path import FilePath
from config.frozen import Frozen, Id


class EvidenceConfig(Frozen):
    """How much film is kept around the moment an event is raised."""

    before_s: float = Field(default=5.0, ge=1, le=60)
    after_s: float = Field(default=10.0, ge=1, le=120)
    preroll_max_mb: float = Field(default=24.0, gt=0, le=1024)


class RecordingConfig(Frozen):
    """Which cameras are recorded all day, where, and for how long."""

    cameras: Literal["*"] | tuple[Id, ...] = ()
    """Those whose own `record` says nothing."""
    dir: FilePath | None = None
    days: float = Field(default=7.0, gt=0, le=3650)
    max_gb: float = Field(default=200.0, gt=0)
    min_free_gb: float = Field(default=5.0, ge=0)
    """Left free for evidence and the archive, which may be on the same disk."""
    queue_mb: float = Field(default=64.0, ge=8, le=4096)

    def has(self, camera: CameraConfig) -> bool:
        """Whether this camera is recorded."""
        if camera.record is not None:
            return camera.record
        return self.cameras == "*" or camera.id in self.cameras

    def anchored(self, base: Path, data_dir: Path) -> "RecordingConfig":
        """The same with the folder made absolute; the default is in the data folder."""
        return self.model_copy(update={"dir": base / (self.dir or data_dir / "recordings")})


class RetentionConfig(Frozen):
    """Days each class of evidence is kept after closing, and the disk budget for all of it."""

    confirmed_days: int = Field(default=365, ge=1)
    rejected_days: int = Field(default=30, ge=1)
    budget_gb: float = Field(default=200.0, gt=0)
