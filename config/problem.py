"""Problems of a configuration: one `ConfigProblem` each, with its path and what was expected.

A problem of one camera or rule sets that one aside (`SET_ASIDE`), unless it says only where a
camera stands (`WITHOUT`); a problem of the site itself stops the start (`FATAL`). All problems are
found in one pass and shown together.
"""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What a problem stops."""

    FATAL = "fatal"  # nothing can start
    SET_ASIDE = "set_aside"  # this camera or rule does not run, the rest do
    WITHOUT = "without"  # this camera runs, without the place that is written wrongly


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One finding, printed as `file: path: message`."""

    file: str
    path: str
    message: str
    weight: Weight

    def __str__(self) -> str:
        where = f"{self.file}: {self.path}" if self.path else self.file
        return f"{where}: {self.message}"


class ConfigError(Exception):
    """The site cannot start; `problems` lists every reason, not only the first."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
