"""Cases taken away as folders, altered, and asked `thapcanh verify` about."""

import hashlib
import io
import json
import re
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import fetched
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.app.cli.main import parser
from thapcanh.app.cli.verify import run_verify


def resealed(folder: Path, name: str, content: bytes | None) -> None:
    """A file changed or left out, and the manifest made to fit."""
    manifest = folder / "manifest.json"
    listed = json.loads(manifest.read_text("utf-8"))
    if content is None:
        (folder / name).unlink()
        listed["files"] = [item for item in listed["files"] if item["name"] != name]
    else:
        (folder / name).write_bytes(content)
        for item in listed["files"]:
            if item["name"] == name:
                item |= {"sha256": sha256(content), "bytes": len(content)}
    manifest.write_text(json.dumps(listed), "utf-8")


def alert_with_files(centre: Centre) -> str:
    files = []
    for name, kind in (("snapshot.jpg", EvidenceKind.SNAPSHOT), ("clip.mp4", EvidenceKind.CLIP)):
        ref = centre.file(f"case/{name}", f"bytes of {name}".encode(), kind)
        seal = sha256(f"bytes of {name}".encode())
        files.append(EvidenceRef(kind=kind, path=ref.path, sha256=seal, bytes=ref.bytes))
    return centre.raise_alert(evidence=tuple(files))


def unzipped(desk: Desk, alert: str, folder: Path) -> Path:
    answer = fetched(desk, unblurred=True, what="case", alert=alert)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as case:
        assert case.testzip() is None
        case.extractall(folder)
    (made,) = {name.partition("/")[0] for name in case.namelist()}
    assert re.fullmatch(r"CB-\d{8}-\d{6}", made)
    return folder / made


def verified(folder: Path, *options: str) -> tuple[int, str]:
    """What `thapcanh verify` says of the folder; nothing when all is well."""
    code, said, complained = _run(folder, *options)
    return code, said if code else complained


def printed(folder: Path, *options: str) -> str:
    return _run(folder, *options)[1]


def _run(folder: Path, *options: str) -> tuple[int, str, str]:
    """The command's exit code and what it wrote to both of its outputs, in this process."""
    said, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(complained):
        code = run_verify(parser().parse_args(["verify", str(folder), *options]))
    return code, said.getvalue(), complained.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
