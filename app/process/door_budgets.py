"""The budget of every door, by name: `docs/security.md` shows this table, and a test compares it.

The ranks of senders stand beside each. An agency is all accounts that are limited to the same
agencies; an address is one of IPv4, or the /64 network of one of IPv6.
"""

from collections.abc import Mapping

from app.process.admission import DoorBudget

REQUEST_S = 0.005  # of a processor, for a stranger's request; one for a file costs less
FILE_REQUEST_S = 0.001

OFFICERS = DoorBudget(places=200, shares=(200, 48), leaves_free=True)  # agency, account
ACCOUNTS = DoorBudget(  # agency, account
    places=200, shares=(200, 24), leaves_free=True, seconds=(90.0, 30.0), within_s=60.0
)
STRANGERS = DoorBudget(places=64, shares=(24,), seconds=(0.5,), within_s=5.0)  # address
REFUSED = DoorBudget(places=4096, shares=(2048, 2048), seconds=(1.0, 0.5), within_s=10.0)
"""Agency and account, or the address twice: who is refused waits for the answer, with no place."""
HEALTH = DoorBudget(places=64, shares=(8,))  # address
STREAMS = DoorBudget(places=2000, shares=(1000, 96, 12), leaves_free=True)
"""Agency, account, session."""

WORK = DoorBudget(places=12, shares=(5, 3))  # agency, account: those that have a thread now
WORK_OF_OTHERS = DoorBudget(places=5, shares=(3, 2))  # of them who is no officer
LOGINS = DoorBudget(places=17, shares=(8,))  # address; one is checked at once, the others wait
PROVIDER_CALLS = DoorBudget(places=64, shares=(4,))  # address
PAIRINGS = DoorBudget(places=240, shares=(4,), gives_way=True, young_s=0.0)  # address

HEADS = DoorBudget(places=2048, shares=(512,), gives_way=True)  # address
BODIES_OF_STRANGERS = DoorBudget(places=256, shares=(24,), gives_way=True)  # address
BODIES_OF_ACCOUNTS = DoorBudget(places=512, shares=(256, 24), gives_way=True)  # agency, account
FILES_OF_ACCOUNTS = DoorBudget(places=6, shares=(2, 1))  # agency, account
FILES_OF_CREWS = DoorBudget(places=12, shares=(6, 2), gives_way=True)  # agency, account
FILES_OF_CALLERS = DoorBudget(places=12, shares=(2,), gives_way=True)  # link
FILES_OF_GATEWAYS = DoorBudget(places=8, shares=(4, 3), gives_way=True)  # agency, token

MEDIA_OF_STRANGERS = DoorBudget(places=1, shares=(1,), seconds=(240.0,))  # link or token
MEDIA_OF_CREWS = DoorBudget(places=1, shares=(1,), seconds=(600.0,))  # account
IMPORTS = DoorBudget(places=3, shares=(2, 1))  # agency, account

NEW_CONNECTIONS = DoorBudget(places=1024, shares=(128,), gives_way=True)  # address
DEVICE_CONNECTIONS = DoorBudget(places=4096, shares=(1024,), gives_way=True)
"""Address; a connection comes here with the first thing that it says and that is right."""
DATAGRAMS = DoorBudget(places=2000, shares=(1000,))  # address; those that wait to be read

DOORS: Mapping[str, DoorBudget] = {
    name: budget for name, budget in globals().items() if isinstance(budget, DoorBudget)
}
