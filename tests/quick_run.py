"""Record how long each file of tests takes, and run what is quick.

`--record-durations` writes the seconds of each file to `tests/durations.json` when a run ends.
`--within SECONDS` leaves out the files that take longest for a test of theirs, as recorded, until
the rest takes together no more. A file that was not recorded yet is run.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

RECORDED = Path(__file__).parent / "durations.json"

Durations = Mapping[str, tuple[float, int]]
"""Of a file its seconds together, and how many tests it has."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-durations", action="store_true", help="write the seconds of files")
    parser.addoption("--within", type=float, metavar="SECONDS", help="run the quickest files only")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--record-durations") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Recorder(), "recorder_of_durations")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    limit_s = config.getoption("--within")
    if limit_s is None:
        return
    chosen = quickest(recorded(), {_file_of(item.nodeid) for item in items}, limit_s)
    left_out = [item for item in items if _file_of(item.nodeid) not in chosen]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if _file_of(item.nodeid) in chosen]


def quickest(recorded: Durations, files: Iterable[str], limit_s: float) -> frozenset[str]:
    """Return the files of the least time a test that take no longer together than `limit_s`."""

    def time_of_a_test(file: str) -> tuple[float, str]:
        seconds, count = recorded.get(file, (0.0, 1))
        return seconds / count, file

    chosen: set[str] = set()
    together_s = 0.0
    for file in sorted(files, key=time_of_a_test):
        together_s += recorded.get(file, (0.0, 1))[0]
        if together_s > limit_s:
            break
        chosen.add(file)
    return frozenset(chosen)


class _Recorder:
    """Adds up what each test of a file took, with its setup and teardown."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._counts: defaultdict[str, int] = defaultdict(int)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file = _file_of(report.nodeid)
        self._seconds[file] += report.duration
        self._counts[file] += report.when == "setup"

    def pytest_sessionfinish(self) -> None:
        """Write what this run took; of files that it did not run what was recorded stays."""
        taken = {file: (round(s, 1), self._counts[file]) for file, s in self._seconds.items()}
        known = {file: one for file, one in recorded().items() if Path(file).exists()}
        lines = ",\n".join(
            f"{json.dumps(file)}: {json.dumps(one)}"
            for file, one in sorted((known | taken).items())
        )
        RECORDED.write_text(f"{{\n{lines}\n}}\n")


def recorded() -> Durations:
    return json.loads(RECORDED.read_text()) if RECORDED.exists() else {}


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]
