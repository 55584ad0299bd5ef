"""`python -m benchmarks.plots`: draws the plots of `docs/performance.md` from the results again.

Reads `results/storm.json`, `soak.json`, `cameras_many.json`; writes `docs/plots/NAME.svg` of each.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.harness.plot import Line, write_plot
from benchmarks.harness.results_file import RESULTS

PLOTS = Path(__file__).resolve().parents[1] / "docs" / "plots"
_Plot = tuple[dict[str, Line], str, str]  # lines, and what x and y are


def main() -> None:
    """Draw what there is a result of."""
    for name, draw in _PLOTS.items():
        result = RESULTS / f"{name}.json"
        if result.is_file():
            lines, x, y = draw(json.loads(result.read_text("utf-8")))
            path = write_plot(PLOTS / f"{name}.svg", lines, x=x, y=y)
            sys.stdout.write(f"{path}\n")


def _storm(told: Mapping[str, Any]) -> _Plot:
    lines = {when: told[when]["course"] for when in ("before", "after") if told[when]}
    return lines, "fires that burn", "CPU ms to store one more"


def _soak(told: Mapping[str, Any]) -> _Plot:
    """What lived from the beginning to the end; children of a moment are left out."""
    lasting = {one["role"] for one in told["processes"]}
    lines = {role: course for role, course in told["memory_mb"].items() if role in lasting}
    return lines, "minutes", "MB of its own"


def _cameras(told: Mapping[str, Any]) -> _Plot:
    """The longest that a camera was not looked at, which is to stay below five seconds."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in told["rows"]:
        several = f", {row['processes']} processes" if row["processes"] > 1 else ""
        line = lines.setdefault(row["system"] + several, [])
        line.append((row["cameras"], row["look_interval_s"]["max"]))
    return {**lines}, "cameras of recorded streets on two cores", "s between two looks, at most"


_Draw = Callable[[Mapping[str, Any]], _Plot]
_PLOTS: dict[str, _Draw] = {"storm": _storm, "soak": _soak, "cameras_many": _cameras}


if __name__ == "__main__":
    main()
