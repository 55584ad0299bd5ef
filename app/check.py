"""`thapcanh check`: every problem of a configuration with its path, or that it is right."""

import sys
from pathlib import Path

from app import exit_codes
from config.load import load


def run_check(path: Path) -> int:
    """Print the problems to standard error, a summary to standard output; 1 when there are any."""
    loaded = load(path)
    for problem in loaded.problems:
        sys.stderr.write(f"{problem}\n")
    if loaded.site is None:
        sys.stdout.write(f"{path}: cannot start, {_count(len(loaded.problems))}\n")
        return exit_codes.FAILED
    site = loaded.site
    sys.stdout.write(
        f"{path}: {len(site.cameras)} cameras, {len(site.rules)} rules run"
        + (f", {_count(len(loaded.problems))}, set aside\n" if loaded.problems else "\n")
    )
    return exit_codes.FAILED if loaded.problems else exit_codes.OK


def _count(problems: int) -> str:
    return "1 problem" if problems == 1 else f"{problems} problems"
