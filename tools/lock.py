"""Generator of `deploy/requirements.lock`, the image's packages with sha256.

PyTorch and its CUDA packages are left out, because the image takes PyTorch's own build
(`deploy/Dockerfile`).
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "deploy" / "requirements.lock"
EXTRAS = ("cluster", "ldap", "notify", "onnx", "postgres", "s3")  # as in the Dockerfile
PYTHON = "3.13"
GLIBC = range(17, 41)  # what Debian 13 runs
OF_PYTORCH = re.compile(r"torch|torchvision|triton|(nvidia|cuda)-(?!ml-py).*")
HEAD = "# Made by tools/lock.py; see there. Python 3.13, 64-bit Linux, without PyTorch.\n"


def requirements() -> list[str]:
    """Return the requirements of the image."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = project["optional-dependencies"]
    return [*project["dependencies"], *(item for extra in EXTRAS for item in more[extra])]


def resolved() -> list[dict[str, Any]]:
    """Return what pip would install."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = [
            sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed",
            "--only-binary=:all:", "--python-version", PYTHON, "--implementation", "cp",
            "--target", folder, "--report", str(report),
            *(word for minor in GLIBC for word in ("--platform", f"manylinux_2_{minor}_x86_64")),
            "--platform", "manylinux2014_x86_64", *requirements(),
        ]  # fmt: skip
        subprocess.run(words, check=True)
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["install"]
        return found


def line_of(package: dict[str, Any]) -> str:
    """Return one requirement with its hash."""
    facts, file = package["metadata"], package["download_info"]["archive_info"]
    name = re.sub(r"[-_.]+", "-", facts["name"]).lower()
    return f"{name}=={facts['version']} --hash=sha256:{file['hashes']['sha256']}\n"


def main() -> int:
    lines = sorted(map(line_of, resolved()))
    remaining = [line for line in lines if not OF_PYTORCH.fullmatch(line.partition("==")[0])]
    LOCK.write_text(HEAD + "".join(remaining), encoding="utf-8")
    print(f"{LOCK.relative_to(ROOT)}: {len(remaining)} packages")  # noqa: T201 this is a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
