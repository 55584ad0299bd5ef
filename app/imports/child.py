"""`python -m app.imports.child`: reads one file, and says in lines of JSON what stands in it.

The first line of the input is the job, the rest the file. A file that takes more memory than the
process has is told as one that takes too much; who takes too much time is ended from outside.
"""

import json
import sys
from typing import IO, Any, TypedDict

from app.imports.cells import cells_as_json, facts_as_json, row_as_json
from app.imports.geojson_lines import geojson_lines
from app.registry.import_files import ImportUnreadable, read_lines, read_rows


class ReadingJob(TypedDict):
    """What is to be read: the `rows` of a registry, or the `lines` of a table, at most `most`."""

    what: str
    form: str
    most: int


def main(input_: IO[bytes], output: IO[bytes]) -> None:
    """Read the file of the input."""
    job: ReadingJob = json.loads(input_.readline())
    content = input_.read()
    try:
        count = _read(job, content, output)
    except ImportUnreadable as error:
        _say(output, "unreadable", code=error.code, facts=facts_as_json(error.facts))
    except MemoryError:
        _say(output, "unreadable", code="takes_too_much", facts={})
    else:
        _say(output, "done", count=count)
    output.flush()


def _read(job: ReadingJob, content: bytes, output: IO[bytes]) -> int:
    if job["what"] == "lines":
        if job["form"] == "geojson":
            lines = geojson_lines(content, job["most"])
        else:
            lines = read_lines(content, job["form"], job["most"])
        for number, cells in lines:
            _say(output, "line", number=number, cells=cells_as_json(cells))
        return len(lines)
    rows = read_rows(content, job["form"])
    for index, row in enumerate(rows):
        if not index:
            columns = None if row.columns is None else sorted(row.columns)
            _say(output, "columns", columns=columns)
        _say(output, "row", **row_as_json(row))
    return len(rows)


def _say(output: IO[bytes], phase: str, **facts: Any) -> None:
    output.write(json.dumps({"phase": phase, **facts}).encode() + b"\n")


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
