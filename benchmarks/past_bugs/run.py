"""`python -m benchmarks.past_bugs.run [COMMIT ...]`: do the tests find bugs that happened?

Each patch in `faults/` puts the fault back that a commit mended, and names the tests that came with
it. Applies each alone to a copy of the tree, runs those tests, writes the table of what they found.
A patch that no longer applies is named: the code moved on, and the patch must follow or go.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.quick_run import RECORDED, quickest, recorded

ROOT = Path(__file__).parents[2]
FAULTS = Path(__file__).with_name("faults")
RESULTS = ROOT / "benchmarks" / "results" / "past_bugs.md"
_QUICK_S = 400.0  # QUICK_S of the Makefile
_FAILED = 1  # the exit code of pytest and of vitest where tests failed; others ran none


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A bug that happened."""

    commit: str
    subject: str
    tests: tuple[str, ...]
    patch: Path


def main(commits: Sequence[str]) -> int:
    faults = [read(path) for path in sorted(FAULTS.glob("*.patch"))]
    chosen = [one for one in faults if not commits or one.commit in commits]
    files = [file for file in recorded() if not file.startswith("tests/end_to_end/")]
    quick = quickest(recorded(), files, _QUICK_S)
    rows = []
    with copy_of_tree() as tree:
        for fault in chosen:
            rows.append((fault, outcome(tree, fault), step(fault.tests, quick)))
            sys.stdout.write(f"{fault.commit}: {rows[-1][1]}; {rows[-1][2]}\n")
            sys.stdout.flush()
    if not commits:
        RESULTS.write_text(table(rows), encoding="utf-8")
    return int(any(found != "found" for _, found, _ in rows))


def read(path: Path) -> Fault:
    head = path.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    commit, _, subject = head[0].removeprefix("Commit: ").partition(" ")
    tests = tuple(line.removeprefix("Test: ") for line in head[1:])
    return Fault(commit=commit, subject=subject, tests=tests, patch=path)


@contextmanager
def copy_of_tree() -> Iterator[Path]:
    """A work tree of the newest commit, with the packages of this one."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _git(ROOT, "worktree", "add", "--detach", str(tree))
        modules = Path("app/web/node_modules")
        (tree / modules).symlink_to(ROOT / modules)
        try:
            yield tree
        finally:
            _git(ROOT, "worktree", "remove", "--force", str(tree))


def outcome(tree: Path, fault: Fault) -> str:
    """Return `found`, `not found`, or why nothing was proven."""
    applied = ["git", "apply", "--whitespace=nowarn", str(fault.patch)]
    if subprocess.run(applied, cwd=tree, check=False, capture_output=True).returncode:
        return "patch does not apply"
    try:
        codes = [_run(tree, command) for command in commands(fault.tests)]
    finally:
        _git(tree, "checkout", "--", ".")
    if all(code in (0, _FAILED) for code in codes):
        return "found" if _FAILED in codes else "not found"
    return f"tests did not run: exit codes {codes}"


def commands(tests: Sequence[str]) -> list[list[str]]:
    """One for the tests of Python, one for each file of the screens' tests."""
    of_python = [one for one in tests if one.startswith("tests/")]
    made = [[sys.executable, "-m", "pytest", "-q", *of_python]] if of_python else []
    names: dict[str, list[str]] = {}
    for one in tests:
        if not one.startswith("tests/"):
            path, _, name = one.removeprefix("app/web/").partition("::")
            names.setdefault(path, []).append(re.escape(name))
    for path, of_file in names.items():
        made.append(["npx", "vitest", "run", path, "-t", "|".join(of_file)])
    return made


def step(tests: Sequence[str], quick: frozenset[str]) -> str:
    """Return the first step of the gate in which one of the tests stands."""
    if any(not one.startswith("tests/") for one in tests):
        return "make check"
    is_quick = any(one.partition("::")[0] in quick for one in tests)
    return "make test-quick" if is_quick else "make test"


def table(rows: Sequence[tuple[Fault, str, str]]) -> str:
    found = sum(outcome == "found" for _, outcome, _ in rows)
    lines = [
        "# Do the tests find bugs that happened?\n",
        "`python -m benchmarks.past_bugs.run` puts each fault back alone and runs the tests that "
        f"came with its repair: {found} of {len(rows)} are found. "
        f"Quick: as `tests/{RECORDED.name}` says.\n",
        "| Repair | What it mended | Result | First step |",
        "|---|---|---|---|",
        *(f"| `{one.commit}` | {one.subject} | {how} | {where} |" for one, how, where in rows),
    ]
    return "\n".join(lines) + "\n"


def _run(tree: Path, command: Sequence[str]) -> int:
    of_screens = command[0] == "npx"
    where = tree / "app/web" if of_screens else tree
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(command, cwd=where, env=environment, check=False, capture_output=True)
    return done.returncode


def _git(where: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=where, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
