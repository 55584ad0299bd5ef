"""`make fuzz`: gives each door its share of FUZZ_N inputs, others each time, and counts them.

A door may have fewer than its share (an endpoint without parameters is asked in one way only); the
last one, which never runs out, is given what the others left.

Ends with one JSON line, `{"seconds": …, "inputs": …, "failures": […], …}`, and exit code 1 when
any input broke a door, or fewer were tried than asked for.
"""

import json
import logging
import math
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

from tests.fuzz import api, configuration, file_names, offers, rtsp_replies, stream
from tests.fuzz.runs import Run, Target

TARGETS: Mapping[str, tuple[Target, float]] = {  # and its share of all inputs
    "api": (api.fuzz, 0.07),
    "stream": (stream.fuzz, 0.2),
    "offers": (offers.fuzz, 0.2),
    "file_names": (file_names.fuzz, 0.2),
    "rtsp_replies": (rtsp_replies.fuzz, 0.13),
    "configuration": (configuration.fuzz, 0.2),
}


LAST = list(TARGETS)[-1]


def shares(inputs: int) -> dict[str, int]:
    """How many inputs each door is given."""
    return {name: math.ceil(inputs * share) for name, (_, share) in TARGETS.items()}


def main(inputs: int) -> int:
    """Run all; returns the exit code."""
    logging.disable(logging.CRITICAL)  # every refusal is logged
    began, failures = time.monotonic(), list[str]()
    tried: dict[str, int] = {}
    for name, count in shares(inputs).items():
        left = inputs - sum(tried.values()) if name == LAST else 0
        try:
            tried[name] = _run(name, max(count, left))
        except Exception:  # noqa: BLE001 the outermost line: the other doors are tried all the same
            traceback.print_exc()
            failures.append(name)
    total = sum(tried.values())
    result = {
        "seconds": round(time.monotonic() - began), "inputs": total, "failures": failures, **tried
    }  # fmt: skip
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if total >= inputs and not failures else 1


def _run(name: str, count: int) -> int:
    target, _ = TARGETS[name]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tried = target(Run(inputs=count, is_repeatable=False, folder=Path(folder)))
    sys.stdout.write(f"{name}: {tried} inputs in {time.monotonic() - began:.0f} s\n")
    sys.stdout.flush()
    return tried


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
