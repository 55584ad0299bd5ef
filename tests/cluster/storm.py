"""A city whose nodes, head, queue primary and centres are killed at random; nothing may be lost.

    python -m tests.cluster.storm [SECONDS [SEED]]

Two at once, one of them a node every time. Ends with one JSON line; exit code 1 where an event was
lost or doubled, or evidence is missing.
"""

import json
import logging
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.cluster.city import City, running_city, wait
from tests.cluster.drive import NODES, settled
from tests.cluster.hosts import NotPermitted, alone, lay_bridge
from tests.cluster.judging import ClusterVerdict, judge
from tests.cluster.kills import KILLS, PATIENCE_S, Died, kill_with_node
from tests.cluster.phases import say
from tests.cluster.watching import Watchers

CAMERAS = 9
SECONDS = 600.0


def run(folder: Path, seconds: float, chance: random.Random) -> tuple[list[str], ClusterVerdict]:
    """Kill until the time is over, let it come to rest, and judge; what was killed, in order."""
    died, killed = Died(), list[str]()
    with running_city(folder, CAMERAS, NODES) as city, Watchers(city.queue()) as watchers:
        wait(lambda: watchers.all_seen(city.cameras), PATIENCE_S, "all cameras are watched")
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            killed.append(_once(city, watchers, died, chance))
        for host in city.nodes.values():
            host.stop()
        wanted = settled(city)
        verdict = judge(city.archive_url, wanted, city.servers.evidence(), died)
    return killed, verdict


def _once(city: City, watchers: Watchers, died: Died, chance: random.Random) -> str:
    node, kind = chance.choice(NODES), chance.choice(sorted(KILLS))
    kill_with_node(city, watchers, died, node, kind)
    return f"{node}+{kind}"


def main(arguments: list[str]) -> int:
    try:
        alone()
    except NotPermitted as reason:
        say(f"the cluster's kinds are left out, not permitted here: {reason}")
        return 0
    lay_bridge()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    seconds = float(arguments[0]) if arguments else SECONDS
    seed = int(arguments[1]) if len(arguments) > 1 else random.randrange(2**32)
    say(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="tc-", dir="/tmp"))
    killed, verdict = run(folder, seconds, random.Random(seed))
    wrong = [*verdict.lost, *verdict.doubled, *verdict.evidence_missing]
    for what in wrong[:40]:
        say(f"missed: {what}")
    if not wrong:
        shutil.rmtree(folder)
    line = {
        "seed": seed, "killed": killed, "events": verdict.events, "lost": len(verdict.lost),
        "doubled": len(verdict.doubled), "evidence_missing": len(verdict.evidence_missing),
    }  # fmt: skip
    sys.stdout.write(json.dumps(line) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
