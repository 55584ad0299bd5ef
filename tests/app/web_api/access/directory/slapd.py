"""A real OpenLDAP with three people, three groups and a reader."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import until
from tests.ingest.sources.tls_camera import certificate
from tests.local_ports import listens
from tests.patience import PATIENCE_S
from thapcanh.app.process.free_port import free_port
from thapcanh.config.servers.login_providers import LdapConfig

_PATH = "/usr/sbin:/usr/bin:/usr/lib/openldap"
SLAPD, SLAPADD = (shutil.which(name, path=_PATH) for name in ("slapd", "slapadd"))
needs_slapd = pytest.mark.skipif(not (SLAPD and SLAPADD), reason="needs Debian's slapd")
BASE = "dc=ca,dc=example"
READER, READER_PASSWORD = f"cn=reader,{BASE}", "reads only"
CONFIG: dict[str, Any] = {
    "url": "ldaps://127.0.0.1:636",
    "base": f"ou=people,{BASE}",
    "bind_dn": READER,
    "bind_password": READER_PASSWORD,
    "roles": {"truc-ban": ["operator"], f"CN=chi-huy, ou=groups,{BASE}": ["leader", "admin"]},
}
_SLAPD = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile {folder}/pid
TLSCertificateFile {pem}
TLSCertificateKeyFile {pem}
TLSCACertificateFile {pem}
database mdb
suffix "dc=ca,dc=example"
rootdn "cn=admin,dc=ca,dc=example"
rootpw admin
directory {folder}/data
overlay ppolicy
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=ca,dc=example" read by * none
"""
_ENTRIES = """
dn: dc=ca,dc=example
objectClass: dcObject
objectClass: organization
o: CA
dc: ca

dn: cn=reader,dc=ca,dc=example
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: reads only

dn: ou=people,dc=ca,dc=example
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=ca,dc=example
objectClass: organizationalUnit
ou: groups

dn: uid=an,ou=people,dc=ca,dc=example
objectClass: inetOrgPerson
uid: an
cn: an
sn: An
displayName: Nguyen Van An
userPassword: right password

dn: uid=khoa,ou=people,dc=ca,dc=example
objectClass: inetOrgPerson
uid: khoa
cn: khoa
sn: Khoa
userPassword: right password
pwdAccountLockedTime: 000001010000Z

dn: uid=nobody,ou=people,dc=ca,dc=example
objectClass: inetOrgPerson
uid: nobody
cn: nobody
sn: Nobody
userPassword: right password

dn: cn=truc-ban,ou=groups,dc=ca,dc=example
objectClass: groupOfNames
cn: truc-ban
member: uid=an,ou=people,dc=ca,dc=example
member: uid=khoa,ou=people,dc=ca,dc=example

dn: cn=pc07,ou=groups,dc=ca,dc=example
objectClass: groupOfNames
cn: pc07
member: uid=an,ou=people,dc=ca,dc=example
"""


class Slapd:
    """OpenLDAP on two ports, through deaths."""

    def __init__(self, folder: Path) -> None:
        self.pem = certificate(folder)
        self.tls, self.plain = free_port(), free_port()
        (folder / "data").mkdir()
        self._config = folder / "slapd.conf"
        self._config.write_text(_SLAPD.format(folder=folder, pem=self.pem))
        (folder / "entries.ldif").write_text(_ENTRIES)
        words = [str(SLAPADD), "-q", "-f", str(self._config), "-l", str(folder / "entries.ldif")]
        subprocess.run(words, check=True, capture_output=True)
        self.begin()

    def begin(self) -> None:
        doors = f"ldaps://127.0.0.1:{self.tls} ldap://127.0.0.1:{self.plain}"
        words = [str(SLAPD), "-d", "0", "-f", str(self._config), "-h", doors]
        self._process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        until(lambda: listens(self.tls) and listens(self.plain))

    def die(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def config(self, **changes: Any) -> LdapConfig:
        facts = {"url": f"ldaps://127.0.0.1:{self.tls}", "ca": self.pem}
        groups = {"group_base": f"ou=groups,{BASE}", "agencies": {"pc07": ["pc07", "unknown"]}}
        return LdapConfig.model_validate(CONFIG | facts | groups | changes)
