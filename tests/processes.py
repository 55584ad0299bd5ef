"""Processes of the machine, as a test sees them from outside."""

from pathlib import Path


def lives(pid: int) -> bool:
    """Whether it runs, or stands still, and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
