"""How inputs are made and counted: a strategy and a check go in, the number of inputs comes out.

In the short form (`make test`) the inputs are the same each time; in the long form (`make fuzz`)
they are others each time. The first input that a check refuses is made small and raised.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How many inputs a target is given, whether the same as always, and a folder to work in."""

    inputs: int
    is_repeatable: bool
    folder: Path

    def tried(self, strategy: st.SearchStrategy[_T], check: Callable[[_T], None]) -> int:
        """Give the inputs to the check; returns how many there were."""
        count = 0

        @settings(
            max_examples=self.inputs,
            deadline=None,
            database=None,
            derandomize=self.is_repeatable,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        @given(one=strategy)
        def each(one: _T) -> None:
            nonlocal count
            count += 1
            check(one)

        each()
        return count


Target = Callable[[Run], int]


def is_clear(error: Exception, *, without: str | None = None) -> None:
    """A refusal says in one line why, and does not tell the secret."""
    said = str(error)
    assert said
    assert said.isprintable(), said
    assert without is None or without not in said
