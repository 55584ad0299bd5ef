"""Command `make audit`: checks installed packages against PyPI's and npm's advisories."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
WEB = Path(__file__).parent.parent / "app" / "web"
WITHIN_S = 120.0


def main() -> int:
    """Ask both; returns the exit code."""
    unreached: list[str] = []
    found = python_weaknesses(unreached) + web_weaknesses(unreached)
    for line in found:
        say(f"! {line}")
    for service in unreached:
        say(f"NOT CHECKED: {service} could not be asked; nothing is proven of its packages")
    if not found and not unreached:
        say("checked: no known weakness")
    return 1 if found else 2 if unreached and "--strict" in sys.argv[1:] else 0


def python_weaknesses(unreached: list[str]) -> list[str]:
    """Known weaknesses of the Python packages of this environment."""
    answer = answer_of([str(BIN / "pip-audit"), "--local", "--skip-editable", "-f", "json"])
    packages = answer.get("dependencies", [])
    checked = [each for each in packages if "vulns" in each]
    report_reached("PyPI", len(checked), len(packages), unreached)
    return [
        f"{each['name']} {each['version']}: {vuln['id']}, mended in {vuln['fix_versions']}"
        for each in checked
        for vuln in each["vulns"]
    ]


def web_weaknesses(unreached: list[str]) -> list[str]:
    """Known weaknesses of the packages that the screens are built with."""
    answer = answer_of([str(BIN / "npm"), "audit", "--json"], folder=WEB)
    total = answer.get("metadata", {}).get("dependencies", {}).get("total", 0)
    report_reached("npm", total, total, unreached)
    found: dict[str, Any] = answer.get("vulnerabilities", {})
    return [f"{name}: {each['severity']}, {each['range']}" for name, each in found.items()]


def answer_of(command: Sequence[str], folder: Path | None = None) -> dict[str, Any]:
    """Return the JSON that a tool prints; empty without one, or after the time limit."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=WITHIN_S, check=False
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return {}
    return answer


def report_reached(service: str, checked: int, packages: int, unreached: list[str]) -> None:
    """Print how many packages were checked, and note an incomplete check."""
    say(f"{service}: {checked} of {packages} packages looked up")
    if not checked or checked < packages:
        unreached.append(service)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
