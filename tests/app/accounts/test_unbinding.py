"""`thapcanh user unbind`: a person has a new entry at the provider or directory."""

from tests.app.web_api.access.test_credentials import Console, archive, console
from thapcanh.alerts.accounts.account_records import ExternalIdentity, User
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import Role
from thapcanh.app.process import exit_codes

__all__ = ["archive", "console"]


def test_a_person_with_a_new_entry_is_unbound_and_their_sessions_end(
    console: Console, archive: Archive
) -> None:
    bound = ExternalIdentity(issuer="entryUUID", subject="1")
    for name in ("ldap:an", "ldap:binh"):
        archive.save_user(
            User(
                username=name, name=name, roles=frozenset({Role.VIEWER}), locale="vi",
                password_hash="", identity=bound,
            )
        )  # fmt: skip
        archive.add_session(name, name, "csrf", 1.0, 1000.0)
    assert console.run("unbind", "ldap:an", everything=True)[0] == exit_codes.MISUSED
    code, out, _ = console.run("unbind", "ldap:an")
    assert (code, out.endswith("\n1 unbound\n")) == (exit_codes.OK, True)
    assert (archive.session("ldap:an", 2.0), archive.session("ldap:binh", 2.0) is None) == (
        None,
        False,
    )
    line = archive.log_of("ldap:an")[-1]
    assert (line.action, line.details["subject"]) == ("account_unbound", "1")
    for name in ("ldap:an", "nobody"):
        assert console.run("unbind", name)[0] == exit_codes.FAILED
    assert console.run("unbind", None, everything=True)[1].endswith("\n1 unbound\n")
    assert [one.identity for one in archive.users()] == [None, None]
