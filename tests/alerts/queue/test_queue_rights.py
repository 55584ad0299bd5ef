"""The rights in the document are those that are needed, and `check` names what is missing."""

import ast
from pathlib import Path

import pytest
import redis

from tests.alerts.conftest import QueueServer
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.redis_client import QueueAddress
from thapcanh.alerts.queue.redis_keys import COMMANDS, missing_rights
from thapcanh.alerts.store.errors import QueueRefused
from thapcanh.app.cli.main import main

ROOT = Path(__file__).parents[3]
RENAMED = {"delete": "del"}
OF_CLIENT = {"close", "pipeline", "execute_command", "from_pool", "from_url", "reset", "execute"}
OF_TRANSACTION = {"watch", "unwatch", "multi"}
OF_CONNECTION = (
    *("auth", "hello", "select", "client|setname", "client|setinfo"),
    *("multi", "exec", "discard", "watch", "unwatch"),
)


def acl_rules() -> list[str]:
    """The ACL rules of a user with exactly the required rights, as the document has them."""
    rights = (f"+{name}" for name in (*OF_CONNECTION, *COMMANDS))
    return ["resetchannels", "-@all", "~thapcanh:*", *rights]


def user(server: QueueServer, *rules: str) -> str:
    with redis.Redis.from_url(server.url) as client:
        client.execute_command("ACL", "SETUSER", "site", "reset", "on", ">secret", *rules)
    return server.url.replace("redis://", "redis://site:secret@")


def asked_by_the_product() -> set[str]:
    """The commands in the modules that speak with the queue, found by their calls."""
    known, found = {name for name in dir(redis.Redis) if not name.startswith("_")}, set()
    for path in (ROOT / "alerts").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "RedisClient" not in text and "redis" not in text.partition('"""\n\n')[2][:600]:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            of = ast.unparse(node.func.value).rpartition(".")[2]
            if of in {"_redis", "client", "pipe"} and node.func.attr in known - OF_CLIENT:
                found.add(node.func.attr)
    return {RENAMED.get(name, name.replace("_", "|")) for name in found - OF_TRANSACTION}


def test_every_command_that_is_asked_stands_in_the_list() -> None:
    asked = asked_by_the_product()
    assert {"xadd", "info", "wait", "xinfo|groups", "srandmember"} <= asked
    assert asked - set(COMMANDS) == set()


def test_a_user_with_the_rights_of_the_document_can_do_all(queue_server: QueueServer) -> None:
    url = user(queue_server, *acl_rules())
    assert missing_rights(QueueAddress(url=url)) == []
    queue = EventQueue(url)
    try:
        queue.ping()
        queue.ensure_group()
        assert len(queue.add_all([{"a": "1"}, {"a": "2"}])) == 2
        queue.replication.primary()
        queue.stream.last_trouble()
        assert len(queue.read_new("c", 10, waits=False)) == 2
        assert queue.workers() == []
    finally:
        queue.close()
    with redis.Redis.from_url(queue_server.url) as client:
        assert client.exists("thapcanh:check") == 0


@pytest.mark.parametrize("name", ["info", "xinfo|groups", "eval", "multi"])
def test_check_names_the_right_that_is_missing(
    queue_server: QueueServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    url = user(queue_server, *acl_rules(), f"-{name}")
    assert missing_rights(QueueAddress(url=url)) == [name]
    config = tmp_path / "thapcanh.toml"
    camera = '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n'
    config.write_text(f'[queue]\nurl = "{url}"\n{camera}', encoding="utf-8")
    assert main(["check", "-c", str(config)]) == 1
    told = capsys.readouterr().err
    assert f"queue.url: its user may not {name} " in told
    assert "secret" not in told


def test_a_wrong_password_is_refused_and_a_queue_that_is_away_is_a_hint(
    queue_server: QueueServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = user(queue_server, *acl_rules()).replace("secret", "wrong")
    with pytest.raises(QueueRefused):
        missing_rights(QueueAddress(url=url))
    queue_server.stop()
    config = tmp_path / "thapcanh.toml"
    camera = '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n'
    config.write_text(f'[queue]\nurl = "{queue_server.url}"\n{camera}', encoding="utf-8")
    assert main(["check", "-c", str(config)]) == 0
    assert "what its user may do was not asked" in capsys.readouterr().out


def test_the_document_has_the_rules() -> None:
    told = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
    line = f"user watch on >PASSWORD {' '.join(acl_rules())}"
    assert line in told.replace("\n", " ")
