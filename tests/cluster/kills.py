"""What is killed beside nodes, and when all is well again: all back, every camera watched."""

import time
from collections.abc import Callable, Mapping

from tests.cluster.city import City, wait
from tests.cluster.phases import say
from tests.cluster.watching import Watchers

PATIENCE_S = 180.0
AWAY_S = 15.0

Died = dict[str, list[float]]
"""By worker, when it was killed. UTC seconds."""


def kill_with_node(city: City, watchers: Watchers, died: Died, node: str | None, kind: str) -> None:
    """Kill one of `KILLS`, with a node at once; start both again, and wait until all is well."""
    began = time.time()
    if node is not None:
        died.setdefault(f"{node}-0", []).append(began)
        city.nodes[node].kill()
    back = KILLS[kind](city)
    if node is not None:
        city.start_node(node)
    wait(back, PATIENCE_S, f"the {kind} is back")
    if node is not None:
        wait(lambda: watchers.began_since(f"{node}-0", began), PATIENCE_S, "the node's worker runs")
    wait_well(city, watchers)
    say(f"{kind} killed with {node or 'no'} node: well after {time.time() - began:.1f} s")


def wait_well(city: City, watchers: Watchers) -> None:
    """Until the status says so, no camera moves, and each is looked at from now on."""
    wait(lambda: city.run("cluster", "status").returncode == 0, PATIENCE_S, "all is well")
    wait(lambda: not city.moving(), PATIENCE_S, "no camera moves any more")
    now = time.time()
    wait(lambda: watchers.seen_since(city.cameras, now), PATIENCE_S, "all cameras are watched")


def kill_primary(city: City) -> Callable[[], bool]:
    """The Sentinels choose another; what was killed comes back as its replica."""
    watched = city.servers.watched
    before = watched.primary()
    assert before is not None
    before.end()
    wait(lambda: watched.primary() not in (None, before), 60.0, "another primary is chosen")
    before.start()
    return lambda: before.ask("ROLE") is not None and watched.primary() is not before


def kill_centre(city: City) -> Callable[[], bool]:
    """The other one leads; screens are answered by it."""
    before = city.leader()
    assert before is not None
    before.end()
    wait(lambda: city.leader() not in (None, before), 60.0, "the other centre leads")
    wait(city.is_up, 60.0, "screens are answered")
    before.start()
    return lambda: before.is_up


def kill_head(city: City) -> Callable[[], bool]:
    """It is away for a while."""
    city.head.kill()
    time.sleep(AWAY_S)
    city.start_head()
    return lambda: True


KILLS: Mapping[str, Callable[[City], Callable[[], bool]]] = {
    "primary": kill_primary,
    "centre": kill_centre,
    "head": kill_head,
}
"""Each returns whether what was killed is back."""
