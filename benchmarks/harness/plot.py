"""Lines over a growing number, as an SVG beside the results."""

from collections.abc import Mapping, Sequence
from pathlib import Path

Line = Sequence[tuple[float, float]]


def write_plot(
    path: Path, lines: Mapping[str, Line], *, x: str, y: str, is_log_x: bool = False
) -> Path:
    """One line a name, from zero upwards, so that what is flat looks flat."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "thapcanh"  # the same lines are the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4.0))
    for name, points in lines.items():
        axes.plot(*zip(*sorted(points), strict=True), marker="o", label=name)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_ylim(bottom=0)
    if is_log_x:
        axes.set_xscale("log")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)  # covers no line
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
    return path
