"""Generator of the locks of the image, each package with its sha256.

`deploy/requirements.lock` is what it holds, `deploy/build.lock` what builds it. PyTorch and its
CUDA packages are left out, because the image takes PyTorch's own build (`deploy/image-packages`).
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
DEPLOY = ROOT / "deploy"
EXTRAS = ("cluster", "ldap", "notify", "onnx", "postgres", "s3")  # as in the Dockerfile
PYTHON = "3.13"
GLIBC = range(17, 41)  # what Debian 13 runs
OF_PYTORCH = re.compile(r"torch|torchvision|triton|(nvidia|cuda)-(?!ml-py).*")
HEAD = "# Made by tools/lock.py; see there. Python 3.13, 64-bit Linux, without PyTorch.\n"


def requirements() -> list[str]:
    """Return the requirements of the image."""
    project = _pyproject()["project"]
    more = project["optional-dependencies"]
    return [*project["dependencies"], *(item for extra in EXTRAS for item in more[extra])]


def build_requirements() -> list[str]:
    """Return the requirements of the image's build."""
    needed: list[str] = _pyproject()["build-system"]["requires"]
    return needed


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def resolved(wanted: list[str]) -> list[dict[str, Any]]:
    """Return what pip would install."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = [
            sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed",
            "--only-binary=:all:", "--python-version", PYTHON, "--implementation", "cp",
            "--target", folder, "--report", str(report),
            *(word for minor in GLIBC for word in ("--platform", f"manylinux_2_{minor}_x86_64")),
            "--platform", "manylinux2014_x86_64", *wanted,
        ]  # fmt: skip
        subprocess.run(words, check=True)
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["install"]
        return found


def line_of(package: dict[str, Any]) -> str:
    """Return one requirement with its hash."""
    facts, file = package["metadata"], package["download_info"]["archive_info"]
    name = re.sub(r"[-_.]+", "-", facts["name"]).lower()
    return f"{name}=={facts['version']} --hash=sha256:{file['hashes']['sha256']}\n"


def write(lock: Path, wanted: list[str]) -> None:
    """Write the lock of some requirements."""
    lines = sorted(map(line_of, resolved(wanted)))
    remaining = [line for line in lines if not OF_PYTORCH.fullmatch(line.partition("==")[0])]
    lock.write_text(HEAD + "".join(remaining), encoding="utf-8")
    print(f"{lock.relative_to(ROOT)}: {len(remaining)} packages")  # noqa: T201 this is a command


def main() -> int:
    write(DEPLOY / "requirements.lock", requirements())
    write(DEPLOY / "build.lock", build_requirements())
    return 0


if __name__ == "__main__":
    sys.exit(main())
