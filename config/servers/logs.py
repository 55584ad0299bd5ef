"""How the processes write their logs, who reads their figures, and where the log's end is sent."""

from typing import Literal

from pydantic import Field, SecretStr

from thapcanh.config.file_path import FilePath
from thapcanh.config.frozen import Frozen
from thapcanh.config.secret import SecretUrl


class MetricsConfig(Frozen):
    """Who may read `/metrics`; without a token there is no such page."""

    token: SecretStr | None = Field(default=None, min_length=16)


class LogConfig(Frozen):
    """How the processes write their logs: for people, or one JSON object a line."""

    format: Literal["text", "json"] = "text"


class LogHeads(Frozen):
    """Where the action log's signed end is sent every hour: a folder elsewhere, an address."""

    drop: FilePath | None = None
    webhook: SecretUrl | None = None
    key_file: FilePath | None = None
