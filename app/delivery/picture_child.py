"""Child process that hides people in the pictures of mails."""

import json
import os
import sys
from pathlib import Path
from typing import IO, Any

from thapcanh.app.exports.child import give_way, hiding_detector
from thapcanh.app.exports.copying import Copier, CopyFailed
from thapcanh.app.exports.marking import CopyMark
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.errors import DetectorError
from thapcanh.ingest.privacy_mask import PrivacyMask


def main() -> None:
    """Answer each picture until the input ends."""
    request = json.loads(sys.stdin.buffer.readline())
    give_way()
    with _answers() as out:
        detector = hiding_detector(request["detector"], Path(request["model_cache"]))
        _write_line(out, {"ready": detector is not None})
        if detector is None:
            return
        for line in sys.stdin.buffer:
            question = json.loads(line)
            content = sys.stdin.buffer.read(question["bytes"])
            _write_line(out, {}, _hidden(detector, question, content))


def _answers() -> IO[bytes]:
    """Return a private copy of stdout; libraries' prints go to stderr instead."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return output


def _hidden(detector: Detector, question: dict[str, Any], content: bytes) -> bytes:
    """Return the masked copy; empty if none can be made."""
    mark = CopyMark(across=question["across"], foot=question["foot"])
    try:
        return Copier(detector, PrivacyMask(()), mark).picture_of(content)
    except (CopyFailed, DetectorError) as error:
        sys.stderr.write(f"mail: {error}\n")
        return b""


def _write_line(out: IO[bytes], form: dict[str, Any], content: bytes = b"") -> None:
    line = json.dumps({**form, "bytes": len(content)}).encode() + b"\n"
    out.write(line + content)
    out.flush()


if __name__ == "__main__":
    main()
