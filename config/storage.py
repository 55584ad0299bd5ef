"""Storage of evidence and recordings, and their retention."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from thapcanh.config.camera import CameraConfig
from thapcanh.config.file_path import FilePath
from thapcanh.config.frozen import Frozen
from thapcanh.config.rules import Cameras
from thapcanh.config.servers.server_url import origin_of


class S3Config(Frozen):
    """S3-compatible storage: which bucket, and the key that opens it."""

    endpoint: str
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    region: str = Field(default="us-east-1", pattern=r"^[A-Za-z0-9-]{1,63}$")
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)*$", max_length=200)
    key_id: SecretStr = Field(min_length=1)
    secret: SecretStr = Field(min_length=1)
    ca: FilePath | None = None
    """The authority that signed the store's certificate; without one, those the world trusts."""
    path_style: bool = True
    """The bucket behind the host, as most stores of one's own want it; else before it."""

    @field_validator("endpoint")
    @classmethod
    def _origin(cls, endpoint: str) -> str:
        return origin_of(endpoint, "https://s3.example:9000")

    def anchored(self, base: Path) -> "S3Config":
        return self.model_copy(update={"ca": base / self.ca}) if self.ca else self


class EvidenceConfig(Frozen):
    """Location of evidence, and seconds of video around an event."""

    store: Literal["folder", "s3"] = "folder"
    s3: S3Config | None = None

    before_s: float = Field(default=5.0, ge=1, le=60)
    after_s: float = Field(default=10.0, ge=1, le=120)
    preroll_max_mb: float = Field(default=24.0, gt=0, le=1024)

    @model_validator(mode="after")
    def _checked(self) -> "EvidenceConfig":
        if self.store == "s3" and self.s3 is None:
            raise ValueError('store = "s3" needs the table [evidence.s3]')
        return self

    def anchored(self, base: Path) -> "EvidenceConfig":
        return self.model_copy(update={"s3": self.s3 and self.s3.anchored(base)})


class RecordingConfig(Frozen):
    """Recorded cameras, location and retention of continuous recordings."""

    cameras: Cameras = ()
    """Those whose own `record` says nothing."""
    dir: FilePath | None = None
    """Written first, whatever the store."""
    store: Literal["folder", "s3"] = "folder"
    """Where film stays: in `dir` alone, or in S3-compatible storage too, for every centre."""
    s3: S3Config | None = None
    local_days: float = Field(default=1.0, ge=0, le=3650)
    """How long `dir` keeps a copy of what the S3 store has."""
    upload_mbit: float = Field(default=200.0, gt=0, le=100_000)
    """Most that one machine sends to the S3 store in a second."""
    days: float = Field(default=7.0, gt=0, le=3650)
    max_gb: float = Field(default=200.0, gt=0)
    min_free_gb: float = Field(default=5.0, ge=0)
    """Left free for evidence and the archive, which may be on the same disk."""
    queue_mb: float = Field(default=64.0, ge=8, le=4096)
    sightings: bool = True
    """Write down what people and vehicles recorded cameras saw, to be searched for."""

    @model_validator(mode="after")
    def _checked(self) -> "RecordingConfig":
        if self.store == "s3" and self.s3 is None:
            raise ValueError('store = "s3" needs the table [recording.s3]')
        return self

    def has(self, camera: CameraConfig) -> bool:
        if camera.record is not None:
            return camera.record
        return self.cameras == "*" or camera.id in self.cameras

    def anchored(self, base: Path, data_dir: Path) -> "RecordingConfig":
        folder = base / (self.dir or data_dir / "recordings")
        return self.model_copy(update={"dir": folder, "s3": self.s3 and self.s3.anchored(base)})


class RetentionConfig(Frozen):
    """Days that each class of evidence is retained after closing, and the disk budget."""

    confirmed_days: int = Field(default=365, ge=1)
    rejected_days: int = Field(default=30, ge=1)
    caller_days: int | None = Field(default=None, ge=1)
    """Then numbers and words of callers are removed; calls of open incidents keep theirs."""
    crew_days: int = Field(default=365, ge=1)
    """So long photos and films of crews are kept after their incident; a legal hold keeps them."""
    track_days: int = Field(default=30, ge=1)
    """So long it is kept where units were."""
    budget_gb: float = Field(default=200.0, gt=0)
