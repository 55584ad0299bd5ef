"""Helm's engine in a process of its own: `python -m tests.deploy.helm_engine`, a job on stdin.

It is a program in Go, whose runtime takes over the signals and threads of the process that loads
it and ends it without a trace where it fails. The processes that run the tests do not load it.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.patience import PATIENCE_S

CHART = Path(__file__).parents[2] / "deploy" / "kubernetes" / "thapcanh"
Document = dict[str, Any]


class Refused(Exception):
    """The engine refused the values; its words."""


def rendered(values: Mapping[str, Any], name: str) -> list[Document]:
    """The documents of the chart with these values. Raises `Refused`."""
    texts = _answer(json.dumps({"values": values, "name": name}))
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


def found_wrong(values: Mapping[str, Any]) -> list[Document]:
    """What Helm says about the chart with these values, each with its severity."""
    found: list[Document] = _answer(json.dumps({"values": values, "name": None}))
    return found


@cache
def _answer(job: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.deploy.helm_engine"],
        input=job,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=PATIENCE_S,
    )
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer["given"]


def _main() -> None:
    import helm_python as helm

    job = json.load(sys.stdin)
    try:
        if job["name"] is None:
            given = helm.lint(str(CHART), values=job["values"])["messages"]
        else:
            with helm.Chart.load(str(CHART)) as chart:
                texts = chart.render(job["values"], name=job["name"], namespace="watch")
            given = list(texts.values())
        answer = {"given": given}
    except helm.HelmError as refused:
        answer = {"refused": str(refused)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _main()
