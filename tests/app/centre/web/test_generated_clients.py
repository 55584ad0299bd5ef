"""Clients as others generate them, of the document that a centre publishes, list its alerts."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.app.web_api.centre import NOW, Centre
from tests.patience import PATIENCE_S
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.store.roles import EVERYTHING, Role
from thapcanh.app.cli.main import main
from thapcanh.app.web_api.access.token_scopes import TokenScope, token_sha256

TOKEN = "a-token-of-a-program"
WEB = Path(__file__).parents[4] / "app" / "web"
BIN = Path(sys.executable).parent
PYTHON = """
import sys
from thap_canh_client import AuthenticatedClient
from thap_canh_client.api.alerts import list_alerts
client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
page = list_alerts.sync(client=client, kind=["fire"])
for alert in page.items:
    print(alert.camera, alert.kind, alert.priority, alert.state, alert.raised_at.year)
"""
TYPESCRIPT = """
import type { paths } from './schema.js'
declare const process: { argv: string[] }
type Page = paths['/api/v1/alerts']['get']['responses'][200]['content']['application/json']
const [, , centre, token] = process.argv
const headers = { Authorization: `Bearer ${token}` }
const reply = await fetch(`${centre}/api/v1/alerts?kind=fire`, { headers })
const page = (await reply.json()) as Page
for (const alert of page.items) console.log(alert.camera, alert.kind, alert.priority, alert.state)
"""


@pytest.fixture
def document(centre: Centre, address: str, tmp_path: Path) -> Path:
    """What a centre with one fire gives to anybody."""
    centre.raise_alert()
    centre.raise_alert("cam-2", kind="smoke")
    ApiTokenRepository(centre.archive.database).add(
        ApiToken(
            id="t1",
            name="cad",
            token_sha256=token_sha256(TOKEN),
            roles=frozenset({Role.VIEWER}),
            powers=frozenset({TokenScope.READ}),
            scope=EVERYTHING,
            created_at=NOW,
            expires_at=NOW + 86_400,
        )
    )
    path = tmp_path / "openapi.json"
    answer = httpx.get(f"{address}/api/v1/openapi.json", trust_env=False, timeout=PATIENCE_S)
    assert answer.headers["content-type"] == "application/json"
    path.write_bytes(answer.content)
    return path


def _run(folder: Path, *command: str) -> str:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={"PATH": path, "HOME": str(folder)}, text=True,
        capture_output=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_python_client_is_generated_and_lists_alerts(document: Path, address: str) -> None:
    """Its name was made of `Tháp Canh`, and no installer took it."""
    folder = document.parent
    _run(folder, "openapi-python-client", "generate", "--path", document.name)
    told = _run(folder / "thap-canh-client", sys.executable, "-c", PYTHON, address, TOKEN)
    assert told == "cam-1 fire 2 new 2026\n"


def test_a_typescript_client_is_generated_and_lists_alerts(document: Path, address: str) -> None:
    folder, programs = document.parent, WEB / "node_modules" / ".bin"
    if not programs.exists():
        pytest.skip("the screens' tools are not installed: npm ci in app/web")
    (folder / "list.mts").write_text(TYPESCRIPT, encoding="utf-8")
    _run(folder, str(programs / "openapi-typescript"), document.name, "-o", "schema.d.ts")
    options = ("--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom")
    _run(folder, str(programs / "tsc"), *options, "list.mts")
    assert _run(folder, "node", "list.mjs", address, TOKEN) == "cam-1 fire 2 new\n"


def test_the_document_says_who_may_call_what_under_names_of_its_own(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = json.loads(document.read_text(encoding="utf-8"))
    assert main(["api"]) == 0
    assert json.loads(capsys.readouterr().out) == published
    assert published["info"]["title"] == "Thap Canh"
    operations = {
        (method, path): operation
        for path, ways in published["paths"].items()
        for method, operation in ways.items()
    }
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)+", one)] == []
    schemes = set(published["components"]["securitySchemes"])
    used = {name for one in operations.values() for ways in one["security"] for name in ways}
    assert used == schemes == {"session", "csrf", "token", "metrics"}
    assert operations["get", "/api/v1/openapi.json"]["security"] == []
    assert operations["get", "/api/v1/alerts"]["security"] == [{"session": []}, {"token": ["read"]}]
    assert operations["post", "/api/v1/accounts"]["security"] == [{"session": [], "csrf": []}]
