"""Command `thapcanh probe URL`: describes a camera's stream, or why there is none."""

import json
import sys

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.config.secret import SecretUrl, resolve_references


def run_probe(url: str, *, as_json: bool) -> int:
    """Print what was found; 0 when pictures come, 1 with the reason when they do not."""
    from thapcanh.ingest.sources.probe import as_dict, probe, render
    from thapcanh.ingest.sources.registry import SCHEMES

    try:
        address = resolve_references(url, in_url=True)
        source = SecretUrl(address)
        SCHEMES.check(source)
        report = probe(source)
    except (LookupError, ValueError) as error:
        return fail(_first_reason(error), exit_codes.FAILED)
    text = json.dumps(as_dict(report), ensure_ascii=False) if as_json else render(report)
    sys.stdout.write(text + "\n")
    return exit_codes.OK if report.ok else exit_codes.FAILED


def _first_reason(error: Exception) -> str:
    """Return the error without the input that pydantic's text would include."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return str(error.args[0])
    message: str = errors(include_input=False, include_url=False)[0]["msg"]
    return message.removeprefix("Value error, ")
