"""What lives long is taken out of the collector's sight; garbage and what is replaced is not."""

import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

from app.centre.long_lived_memory import LongLivedMemory, keep_from_collector

BOTH = pytest.mark.parametrize("keep", [keep_from_collector, lambda: LongLivedMemory().round()])


class _Held:
    """Something that may refer to itself."""

    other: object = None


@pytest.fixture(autouse=True)
def _seen_again() -> Iterator[None]:
    yield
    gc.unfreeze()


@BOTH
def test_a_later_collection_does_not_walk_what_was_there_before(keep: Callable[[], None]) -> None:
    held = [_Held() for _ in range(1000)]
    keep()
    assert gc.get_freeze_count() > len(held)
    walked = {id(one) for one in gc.get_objects()}
    assert not walked & {id(one) for one in held}


@BOTH
def test_garbage_is_not_kept_with_it_and_what_is_replaced_is_freed(
    keep: Callable[[], None],
) -> None:
    circle, plain = _Held(), _Held()
    circle.other = circle
    lost, replaced = weakref.ref(circle), weakref.ref(plain)
    del circle
    keep()
    assert lost() is None
    del plain
    assert replaced() is None


def test_it_ends_with_the_first_minute() -> None:
    memory = LongLivedMemory()
    memory.round()
    memory.round()
    gc.unfreeze()
    memory.round()
    assert gc.get_freeze_count() == 0
