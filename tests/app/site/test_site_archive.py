"""Everything that writes into the site's archive has the key of its log; the centre makes it."""

import ast
from contextlib import closing
from pathlib import Path

import pytest

from thapcanh import app
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.app.site.site_archive import site_archive
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import archive_url, log_key_of
from thapcanh.config.site import Site

READERS = {
    "app/cli/check.py": "reads; it must not upgrade",
    "app/cli/rehearsal.py": "upgrades a copy",
    "app/cli/status.py": "reads",
    "app/cli/version.py": "takes the tables back; what comes after is told as not signed",
    "app/registry/site.py": "reads the registry",
}


def _site(folder: Path, archive: str = "") -> tuple[Path, Site]:
    config = folder / "thapcanh.toml"
    camera = '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n'
    config.write_text(archive + camera, encoding="utf-8")
    return config, load_site(config).site_or_raise()


def _opens(path: Path) -> bool:
    calls = (
        one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Call)
    )
    return any(getattr(one.func, "id", None) in {"Archive", "Database"} for one in calls)


def test_every_program_that_writes_opens_the_archive_with_its_key() -> None:
    """A new command that opens it by itself would leave entries that nobody signed."""
    room = Path(app.__file__).parent
    found = {str(one.relative_to(room.parent)) for one in room.rglob("*.py") if _opens(one)}
    assert found == READERS.keys() | {"app/site/site_archive.py"}


def test_the_centre_makes_the_key_and_a_command_that_came_first_does_not(tmp_path: Path) -> None:
    _, site = _site(tmp_path)
    site_archive(site).close()
    key = log_key_of(site)
    assert key is not None
    assert not key.exists()
    site_archive(site, makes_key=True).close()
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_shared_archive_is_signed_only_with_a_key_that_is_named(tmp_path: Path) -> None:
    table = '[archive]\nurl = "postgresql://db.example/t"\n'
    assert log_key_of(_site(tmp_path, table)[1]) is None
    named = _site(tmp_path, table + 'log_key = "keys/log.key"\n')[1]
    assert log_key_of(named) == tmp_path / "keys" / "log.key"


def test_verify_says_who_signed_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, site = _site(tmp_path)
    command = ["verify", "-c", str(config)]
    site_archive(site).close()
    assert main(command) == exit_codes.OK
    assert "no key signs its end" in capsys.readouterr().out
    with closing(site_archive(site, makes_key=True)) as archive:
        _note(archive.database)
    assert main(command) == exit_codes.OK
    assert "signed to its end by" in capsys.readouterr().out
    with closing(Database(archive_url(site))) as database:
        _note(database)
    for more in ([], ["--everything"]):
        assert main([*command, *more]) == exit_codes.FAILED
        assert capsys.readouterr().out.count("is not signed by this site's key") == 1


def _note(database: Database) -> None:
    with database.writing() as connection:
        add_log(connection, AuditEntry(at=1.0, action="noted", object_id="x", details={}))
