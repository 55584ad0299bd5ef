"""Logs and metrics of the processes."""

from typing import Literal

from pydantic import Field, SecretStr

from thapcanh.config.file_path import FilePath
from thapcanh.config.frozen import Frozen
from thapcanh.config.secret import SecretUrl


class MetricsConfig(Frozen):
    """Access to `/metrics`; without a token the page does not exist."""

    token: SecretStr | None = Field(default=None, min_length=16)


class LogConfig(Frozen):
    """Format of the logs: text for people, or one JSON object per line."""

    format: Literal["text", "json"] = "text"


class LogHeads(Frozen):
    """Destination of the action log's hourly signed end: a folder, an address."""

    drop: FilePath | None = None
    webhook: SecretUrl | None = None
    key_file: FilePath | None = None
